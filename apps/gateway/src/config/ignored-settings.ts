const textOnly = "it applies to text models"
const noTokens = "limits and prices by token are not configurable"
const always = "the gateway always does this"
const imagesOnly = "the gateway generates images only"
const ledger = "the ledger is written before a request is answered"
const alerts = "define alerts on /metrics"
const health = "health checks are always available and cost nothing"
const adapted = "the gateway adapts unsupported parameters and reports it, or rejects them"
const telemetry = "metrics are at /metrics, and the variables OTEL_EXPORTER_OTLP_* configure traces"
const oneTimeout = "one timeout covers the whole attempt"
const budgets = "budgets apply to keys, users, teams and tags"
const logLevel = "the environment variable LOG_LEVEL sets the log level"

/** The reason of guardrails that are left out. */
export const promptsUnchecked = "prompts are not checked"

/** Keys by the reason for which the gateway ignores them. */
const section = (keysByReason: Readonly<Record<string, string>>): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(keysByReason).flatMap(([reason, keys]) =>
      keys.split(/\s+/).map((key) => [key, reason] as const),
    ),
  )

const textKeyLimits = {
  [noTokens]: "tpm_limit tpd_limit model_tpm_limit tpm_limit_type",
}

/**
 * LiteLLM's keys without effect:
 * https://docs.litellm.ai/docs/proxy/config_settings, seen 2026-11-20.
 */
export const ignoredSettings = {
  top_level: section({
    [telemetry]: "callback_settings",
    [promptsUnchecked]: "guardrails policies policy_attachments",
    [imagesOnly]: `mcp_servers mcp_tools mcp_settings vector_store_registry assistant_settings
      files_settings finetune_settings batch_settings prompts search_tools agents agent_list
      default_vertex_config pass_through_endpoints`,
  }),
  model_list: section({ [noTokens]: "tpm itpm otpm" }),
  litellm_params: section({
    [noTokens]: `tpm itpm otpm max_tokens input_cost_per_token output_cost_per_token
      default_api_key_tpm_limit`,
    "prices are per image; set output_cost_per_image": `input_cost_per_second output_cost_per_second input_cost_per_pixel output_cost_per_pixel
      output_cost_per_image_token input_cost_per_image_token`,
    [adapted]: "drop_params additional_drop_params allowed_openai_params modify_params",
    "order and weight select the deployment": "tags",
    "set it in the request": `user mode taskType imageGenerationConfig
      textToImageParams colorGuidedGenerationParams extra_body`,
    "num_retries in router_settings applies to all deployments": "max_retries num_retries",
    [oneTimeout]: "stream_timeout ttft_timeout stream_idle_timeout",
    "the prefix of model names the provider, and model_info.base_model the model": `custom_llm_provider
      base_model use_in_pass_through use_litellm_proxy`,
    "the gateway assumes a role without them": "aws_session_tags aws_session_policy",
    [promptsUnchecked]: "guardrails",
    [budgets]: "default_api_key_rpm_limit",
    "the gateway sends no additional headers": "extra_headers headers",
    [telemetry]: "litellm_trace_id",
    "run the gateway without --config to use the emulator": "mock_response",
    "callers cannot send AWS credentials": "configurable_clientside_auth_params",
    [textOnly]: `temperature top_p stream cache_control_injection_points
      merge_reasoning_content_in_choices`,
  }),
  model_info: section({
    "model cards define capabilities and limits": `max_tokens max_input_tokens max_output_tokens supports_vision supports_function_calling`,
    [noTokens]: "input_cost_per_token output_cost_per_token",
    [health]: `health_check_model health_check_timeout health_check_interval
      disable_background_health_check health_check_voice`,
    "it is LiteLLM's own metadata": `litellm_provider key db_model tier team_id access_groups created_at updated_at created_by
      updated_by description metadata`,
    "allowed_fails in router_settings applies to all deployments":
      "allowed_fails allowed_fails_policy cooldown_time",
  }),
  router_settings: section({
    "processes share state through database_url": `redis_host redis_password redis_port redis_db redis_url redis_ssl cache_responses
      cache_kwargs caching_groups client_ttl`,
    "order and weight select the deployment": `routing_strategy_args enable_tag_filtering tag_filtering_match_any
      enable_weighted_failover routing_groups`,
    "deployments have no affinity to callers": `optional_pre_call_checks deployment_affinity_ttl_seconds model_group_affinity_config`,
    [always]: "enable_pre_call_check enable_pre_call_checks",
    "models that do not generate images are always left out, with a warning":
      "ignore_invalid_deployments",
    [promptsUnchecked]: "guardrail_list",
    [textOnly]: `context_window_fallbacks assistants_config search_tools default_priority
      polling_interval`,
    [health]: `enable_health_check_routing health_check_staleness_threshold
      health_check_ignore_transient_errors`,
    [alerts]: "alerting_config",
    "set parameters in the request": "default_litellm_params",
    [oneTimeout]: "stream_timeout ttft_timeout stream_idle_timeout",
    [logLevel]: "set_verbose debug_level",
    "it has no counterpart here": "router_general_settings",
  }),
  litellm_settings: section({
    [telemetry]: `callbacks success_callback failure_callback service_callbacks langfuse_default_tags`,
    "prompts and images are never logged":
      "turn_off_message_logging redact_user_api_key_info redact_messages_in_exceptions",
    [adapted]: "drop_params modify_params additional_drop_params",
    "images are not cached; send an Idempotency-Key with repeated requests":
      "cache cache_params enable_redis_auth_cache",
    [always]: "json_logs force_ipv4 enable_json_schema_validation",
    [logLevel]: "set_verbose",
    "prices come from the model cards or from model_list":
      "cost_discount_config cost_margin_config",
    [textOnly]: `context_window_fallbacks mcp_aliases enable_preview_features
      disable_add_transform_inline_image_block use_chat_completions_url_for_anthropic_messages
      disable_hf_tokenizer_download disable_copilot_system_to_assistant
      LITELLM_DISABLE_STOP_SEQUENCE_LIMIT default_in_memory_ttl default_redis_ttl`,
    [promptsUnchecked]: "guardrails prompt_injection_params",
    "only the master key creates keys":
      "key_generation_settings enable_key_alias_format_validation",
    "set budgets with the /key and /budget routes": `default_internal_user_params default_team_settings default_team_params
      max_internal_user_budget internal_user_budget_duration max_user_budget`,
    [ledger]: "disable_end_user_cost_tracking disable_end_user_cost_tracking_prometheus_only",
    "metrics need no configuration": `prometheus_initialize_budget_metrics custom_prometheus_metadata_labels
      prometheus_metrics_config`,
    "/metrics needs no key; restrict access with a proxy": "require_auth_for_metrics_endpoint",
    "x-request-id is always in the response": "return_response_headers",
    "Node.js configures TLS; set NODE_EXTRA_CA_CERTS":
      "ssl_verify ssl_certificate ssl_security_level",
  }),
  general_settings: section({
    "callers authenticate with the master key or a key from /key/generate": `custom_auth custom_auth_run_common_checks enable_jwt_auth litellm_jwtauth
      enable_oauth2_auth oauth2_config_mappings enable_oauth2_proxy_auth custom_sso
      allow_user_auth litellm_key_header_name role_permissions enforce_rbac custom_key_generate
      service_account_settings allow_client_side_credentials`,
    "restrict network access outside the gateway": "allowed_ips use_x_forwarded_for",
    "every key may use the image routes, and administration needs the master key":
      "public_routes admin_only_routes allowed_routes",
    [alerts]: `alerting alerting_threshold alert_types alerting_args alert_to_webhook_url
      alert_type_config spend_report_frequency`,
    [health]: `background_health_checks health_check_interval health_check_details
      health_check_concurrency health_check_skip_disabled_background_models
      health_check_staleness_threshold health_check_ignore_transient_errors
      enable_health_check_routing use_shared_health_check`,
    [ledger]: `disable_spend_logs disable_spend_updates disable_error_logs disable_reset_budget
      proxy_batch_write_at proxy_batch_polling_interval proxy_budget_rescheduler_min_time
      proxy_budget_rescheduler_max_time use_redis_transaction_buffer
      allow_requests_on_db_unavailable fail_closed_budget_enforcement disable_budget_reservation
      user_api_key_cache_ttl scope_spend_list_endpoints_to_caller
      legacy_unscoped_spend_list_endpoints`,
    "prompts are never stored": "store_prompts_in_spend_logs",
    "the gateway deletes no spend logs": `maximum_spend_logs_retention_period maximum_spend_logs_retention_interval
      maximum_spend_logs_cleanup_cron`,
    "the database needs no further configuration": `database_connection_pool_limit database_connection_timeout
      database_connection_pool_timeout disable_prisma_schema_update`,
    "this file is the only source of models":
      "store_model_in_db supported_db_objects infer_model_from_keys",
    "secrets come from the environment": `key_management_system key_management_settings use_google_kms use_azure_key_vault`,
    "the master key is never stored or returned":
      "disable_master_key_return disable_adding_master_key_hash_to_db",
    "headers of callers are not forwarded to AWS": `forward_client_headers_to_llm_api forward_openai_org_id
      forward_llm_provider_auth_headers`,
    [imagesOnly]: `completion_model embedding_model moderation_model pass_through_endpoints
      pass_through_request_timeout use_client_credentials_pass_through_routes
      user_mcp_management_mode enable_mcp_registry mcp_client_side_auth_header_name
      mcp_internal_ip_ranges mcp_required_fields mcp_trusted_proxy_ranges
      require_end_user_mcp_access_defined search_tools disable_responses_id_security
      token_rate_limit_type always_include_stream_usage litellm_license`,
    "there is no administration page": `ui_access_mode auto_redirect_ui_login_to_sso custom_ui_sso_sign_in_handler
      control_plane_url`,
    "model cards define the required parameters": `enforced_params enforce_user_param reject_clientside_metadata_tags default_team_disabled`,
    [always]: "cancel_on_disconnect",
    "responses have the size of their images": "max_response_size_mb",
    "the gateway does not retry a request that its own limits reject":
      "disable_retry_on_max_parallel_request_limit_error",
  }),
  gateway_settings: section({}),
  default_key_generate_params: section(textKeyLimits),
  upperbound_key_generate_params: section(textKeyLimits),
} as const
