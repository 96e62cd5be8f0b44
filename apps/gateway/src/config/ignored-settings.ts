/** Keys of LiteLLM's that mean nothing here, and why: https://docs.litellm.ai/docs/proxy/config_settings, seen 2026-11-20. */
export type NoEffect = Readonly<Record<string, string>>

const because = (why: string, keys: string): NoEffect =>
  Object.fromEntries(keys.split(/\s+/).map((key) => [key, why]))

const chat = "it is about text models"
const always = "it is done always"
const asRequested = "it is a request's own to say"
const redis = "state is shared through database_url alone"
const callbacks =
  "metrics are at /metrics, and traces are set by the variables OTEL_EXPORTER_OTLP_*"
const otherAuth = "callers prove themselves with the master key or a key of /key/generate"
const ledger = "the ledger is written before a request is answered"
const otherProduct = "this gateway makes images and nothing else"
const alerts = "alerts are made from /metrics"
const free = "checks of models are free and always there"
const shuffle = "deployments are chosen by order and weight"

export const noEffect = {
  "the top level": {
    ...because(callbacks, "callback_settings"),
    ...because(
      otherProduct,
      "guardrails mcp_servers mcp_tools mcp_settings vector_store_registry assistant_settings files_settings finetune_settings batch_settings prompts search_tools agents agent_list policies policy_attachments default_vertex_config pass_through_endpoints",
    ),
  },
  model_list: { ...because("images have no tokens", "tpm itpm otpm") },
  litellm_params: {
    ...because(
      "images have no tokens",
      "tpm itpm otpm max_tokens input_cost_per_token output_cost_per_token default_api_key_tpm_limit",
    ),
    ...because(
      "a price is one of an image: output_cost_per_image",
      "input_cost_per_second output_cost_per_second input_cost_per_pixel output_cost_per_pixel output_cost_per_image_token input_cost_per_image_token",
    ),
    ...because(
      "what a model cannot do is adapted and reported, or refused",
      "drop_params additional_drop_params allowed_openai_params modify_params",
    ),
    ...because(
      asRequested,
      "n size quality style response_format seed user cfg_scale steps style_preset negative_prompt aspect_ratio output_format mode taskType imageGenerationConfig textToImageParams colorGuidedGenerationParams extra_body",
    ),
    ...because("num_retries of router_settings is for all", "max_retries num_retries"),
    ...because("one timeout counts for all", "stream_timeout ttft_timeout stream_idle_timeout"),
    ...because(
      "the gateway speaks to Bedrock's runtime alone",
      "api_version organization custom_llm_provider base_model use_in_pass_through use_litellm_proxy",
    ),
    ...because("a role is assumed without them", "aws_session_tags aws_session_policy"),
    ...because(
      "budgets are of keys, users, teams and tags",
      "max_budget budget_duration default_api_key_rpm_limit",
    ),
    ...because("no header of the file's own is sent", "extra_headers headers"),
    ...because(callbacks, "litellm_trace_id mock_response"),
    ...because("callers never bring credentials for AWS", "configurable_clientside_auth_params"),
    ...because(
      chat,
      "temperature top_p stream guardrails cache_control_injection_points merge_reasoning_content_in_choices",
    ),
  },
  model_info: {
    ...because(
      "what a model can do and where it ends is on its card",
      "max_tokens max_input_tokens max_output_tokens supports_vision supports_function_calling",
    ),
    ...because("images have no tokens", "input_cost_per_token output_cost_per_token"),
    ...because(
      free,
      "health_check_model health_check_timeout health_check_interval disable_background_health_check health_check_voice",
    ),
    ...because(
      "it is LiteLLM's own note",
      "litellm_provider key db_model tier team_id access_groups created_at updated_at created_by updated_by description metadata",
    ),
    ...because(
      "allowed_fails of router_settings is for all",
      "allowed_fails allowed_fails_policy cooldown_time",
    ),
  },
  router_settings: {
    ...because(
      redis,
      "redis_host redis_password redis_port redis_db redis_url redis_ssl cache_responses cache_kwargs caching_groups client_ttl",
    ),
    ...because(
      shuffle,
      "routing_strategy_args enable_tag_filtering tag_filtering_match_any enable_weighted_failover routing_groups",
    ),
    ...because(
      "deployments are not bound to callers",
      "optional_pre_call_checks deployment_affinity_ttl_seconds model_group_affinity_config",
    ),
    ...because(always, "enable_pre_call_check enable_pre_call_checks"),
    ...because(
      "a model that is not for images is reported and left out",
      "ignore_invalid_deployments",
    ),
    ...because(
      chat,
      "context_window_fallbacks assistants_config search_tools guardrail_list default_priority polling_interval",
    ),
    ...because("budgets are of keys, users, teams and tags", "provider_budget_config"),
    ...because(
      free,
      "enable_health_check_routing health_check_staleness_threshold health_check_ignore_transient_errors",
    ),
    ...because(alerts, "alerting_config"),
    ...because("parameters are a request's own to say", "default_litellm_params"),
    ...because("one timeout counts for all", "stream_timeout ttft_timeout stream_idle_timeout"),
    ...because("the level of logs is set by the variable LOG_LEVEL", "set_verbose debug_level"),
    ...because("there is nothing further to set", "router_general_settings"),
  },
  litellm_settings: {
    ...because(
      callbacks,
      "callbacks success_callback failure_callback service_callbacks langfuse_default_tags",
    ),
    ...because(
      "neither prompts nor images are ever logged",
      "turn_off_message_logging redact_user_api_key_info redact_messages_in_exceptions",
    ),
    ...because(
      "what a model cannot do is adapted and reported, or refused",
      "drop_params modify_params additional_drop_params",
    ),
    ...because(
      "images are not cached; an Idempotency-Key answers a repeated request",
      "cache cache_params enable_redis_auth_cache",
    ),
    ...because(always, "json_logs force_ipv4 enable_json_schema_validation"),
    ...because("the level of logs is set by the variable LOG_LEVEL", "set_verbose"),
    ...because(
      "prices are the list's or those of model_list",
      "cost_discount_config cost_margin_config",
    ),
    ...because(
      chat,
      "context_window_fallbacks mcp_aliases enable_preview_features disable_add_transform_inline_image_block use_chat_completions_url_for_anthropic_messages disable_hf_tokenizer_download disable_copilot_system_to_assistant LITELLM_DISABLE_STOP_SEQUENCE_LIMIT default_in_memory_ttl default_redis_ttl",
    ),
    ...because(
      "/key/generate takes what it is given",
      "key_generation_settings default_key_generate_params upperbound_key_generate_params enable_key_alias_format_validation",
    ),
    ...because(
      "budgets are set per key, user, team and tag",
      "default_internal_user_params default_team_settings default_team_params max_internal_user_budget internal_user_budget_duration max_end_user_budget max_user_budget",
    ),
    ...because(
      ledger,
      "disable_end_user_cost_tracking disable_end_user_cost_tracking_prometheus_only",
    ),
    ...because(
      "metrics need no setting",
      "prometheus_initialize_budget_metrics custom_prometheus_metadata_labels prometheus_metrics_config",
    ),
    ...because(
      "/metrics asks for no key: let a proxy keep strangers from it",
      "require_auth_for_metrics_endpoint",
    ),
    ...because("x-request-id is always answered", "return_response_headers"),
    ...because(
      "TLS is Node's: set NODE_EXTRA_CA_CERTS",
      "ssl_verify ssl_certificate ssl_security_level",
    ),
  },
  general_settings: {
    ...because(
      otherAuth,
      "custom_auth custom_auth_run_common_checks enable_jwt_auth litellm_jwtauth enable_oauth2_auth oauth2_config_mappings enable_oauth2_proxy_auth custom_sso allow_user_auth litellm_key_header_name role_permissions enforce_rbac custom_key_generate service_account_settings allow_client_side_credentials",
    ),
    ...because(
      "who may reach the gateway is the network's to say",
      "allowed_ips use_x_forwarded_for",
    ),
    ...because(
      "routes are open to every key, and administration to the master key",
      "public_routes admin_only_routes allowed_routes",
    ),
    ...because(
      alerts,
      "alerting alerting_threshold alert_types alerting_args alert_to_webhook_url alert_type_config spend_report_frequency",
    ),
    ...because(
      free,
      "background_health_checks health_check_interval health_check_details health_check_concurrency health_check_skip_disabled_background_models health_check_staleness_threshold health_check_ignore_transient_errors enable_health_check_routing use_shared_health_check",
    ),
    ...because(
      ledger,
      "disable_spend_logs disable_spend_updates disable_error_logs disable_reset_budget proxy_batch_write_at proxy_batch_polling_interval proxy_budget_rescheduler_min_time proxy_budget_rescheduler_max_time use_redis_transaction_buffer allow_requests_on_db_unavailable fail_closed_budget_enforcement disable_budget_reservation user_api_key_cache_ttl scope_spend_list_endpoints_to_caller legacy_unscoped_spend_list_endpoints",
    ),
    ...because("prompts are never kept", "store_prompts_in_spend_logs"),
    ...because(
      "nothing is deleted by itself",
      "maximum_spend_logs_retention_period maximum_spend_logs_retention_interval maximum_spend_logs_cleanup_cron",
    ),
    ...because(
      "the database needs no further setting",
      "database_connection_pool_limit database_connection_timeout database_connection_pool_timeout disable_prisma_schema_update",
    ),
    ...because(
      "this file is the only source of models",
      "store_model_in_db supported_db_objects infer_model_from_keys",
    ),
    ...because(
      "secrets come out of the environment",
      "key_management_system key_management_settings use_google_kms use_azure_key_vault",
    ),
    ...because(
      "the master key is kept nowhere and shown to nobody",
      "disable_master_key_return disable_adding_master_key_hash_to_db",
    ),
    ...because(
      "no header of a caller's goes to AWS",
      "forward_client_headers_to_llm_api forward_openai_org_id forward_llm_provider_auth_headers user_header_name user_header_mappings",
    ),
    ...because(
      otherProduct,
      "completion_model embedding_model moderation_model pass_through_endpoints pass_through_request_timeout use_client_credentials_pass_through_routes user_mcp_management_mode enable_mcp_registry mcp_client_side_auth_header_name mcp_internal_ip_ranges mcp_required_fields mcp_trusted_proxy_ranges require_end_user_mcp_access_defined search_tools disable_responses_id_security token_rate_limit_type always_include_stream_usage litellm_license",
    ),
    ...because(
      "there is no page to administer it",
      "ui_access_mode auto_redirect_ui_login_to_sso custom_ui_sso_sign_in_handler control_plane_url",
    ),
    ...because(
      "what a request must say is the model's card to say",
      "enforced_params enforce_user_param reject_clientside_metadata_tags default_team_disabled",
    ),
    ...because(always, "cancel_on_disconnect"),
    ...because("a reply is held whole and has the size of its images", "max_response_size_mb"),
    ...because(
      "a refusal at a limit is not repeated by the gateway",
      "disable_retry_on_max_parallel_request_limit_error",
    ),
  },
  gateway_settings: {},
} as const satisfies Readonly<Record<string, NoEffect>>
