import { afterAll, describe, expect, it } from "vitest"
import { createFiles, withParams, withSection } from "./__fixtures__/files.ts"

const files = createFiles()
afterAll(files.remove)

/** A file with one key of LiteLLM's in the section. */
const fileWith = (section: string, key: string): string => {
  if (section === "top_level") return `${withParams()}\n${key}: {}\n`
  if (section === "litellm_params") return withParams(`${key}: {}`)
  if (section === "model_list") return `${withParams()}\n    ${key}: {}\n`
  if (section === "model_info") return `${withParams()}\n    model_info: { ${key}: {} }\n`
  return withSection(section, `${key}: {}`)
}

describe("a setting without effect is reported with its reason:", () => {
  it.each([
    [
      "top_level",
      "callback_settings",
      "metrics are at /metrics, and the variables OTEL_EXPORTER_OTLP_* configure traces",
    ],
    ["top_level", "mcp_servers", "the gateway generates images only"],
    ["model_list", "tpm", "limits and prices by token are not configurable"],
    ["litellm_params", "tpm", "limits and prices by token are not configurable"],
    ["litellm_params", "input_cost_per_second", "prices are per image; set output_cost_per_image"],
    [
      "litellm_params",
      "drop_params",
      "the gateway adapts unsupported parameters and reports it, or rejects them",
    ],
    ["litellm_params", "mode", "set it in the request"],
    ["litellm_params", "max_retries", "num_retries in router_settings applies to all deployments"],
    ["litellm_params", "stream_timeout", "one timeout covers the whole attempt"],
    ["litellm_params", "tags", "order and weight select the deployment"],
    [
      "litellm_params",
      "custom_llm_provider",
      "the prefix of model names the provider, and model_info.base_model the model",
    ],
    ["litellm_params", "aws_session_tags", "the gateway assumes a role without them"],
    ["litellm_params", "default_api_key_rpm_limit", "budgets apply to keys, users, teams and tags"],
    ["litellm_params", "extra_headers", "the gateway sends no additional headers"],
    [
      "litellm_params",
      "litellm_trace_id",
      "metrics are at /metrics, and the variables OTEL_EXPORTER_OTLP_* configure traces",
    ],
    ["litellm_params", "mock_response", "run the gateway without --config to use the emulator"],
    [
      "litellm_params",
      "configurable_clientside_auth_params",
      "callers cannot send AWS credentials",
    ],
    ["litellm_params", "temperature", "it applies to text models"],
    ["model_info", "max_tokens", "model cards define capabilities and limits"],
    ["model_info", "input_cost_per_token", "limits and prices by token are not configurable"],
    ["model_info", "health_check_model", "health checks are always available and cost nothing"],
    ["model_info", "litellm_provider", "it is LiteLLM's own metadata"],
    ["model_info", "allowed_fails", "allowed_fails in router_settings applies to all deployments"],
    ["router_settings", "redis_host", "processes share state through database_url"],
    ["router_settings", "routing_strategy_args", "order and weight select the deployment"],
    ["router_settings", "optional_pre_call_checks", "deployments have no affinity to callers"],
    ["router_settings", "enable_pre_call_check", "the gateway always does this"],
    [
      "router_settings",
      "ignore_invalid_deployments",
      "models that do not generate images are always left out, with a warning",
    ],
    ["router_settings", "context_window_fallbacks", "it applies to text models"],
    [
      "router_settings",
      "enable_health_check_routing",
      "health checks are always available and cost nothing",
    ],
    ["router_settings", "alerting_config", "define alerts on /metrics"],
    ["router_settings", "default_litellm_params", "set parameters in the request"],
    ["router_settings", "stream_timeout", "one timeout covers the whole attempt"],
    ["router_settings", "set_verbose", "the environment variable LOG_LEVEL sets the log level"],
    ["router_settings", "router_general_settings", "it has no counterpart here"],
    [
      "litellm_settings",
      "callbacks",
      "metrics are at /metrics, and the variables OTEL_EXPORTER_OTLP_* configure traces",
    ],
    ["litellm_settings", "turn_off_message_logging", "prompts and images are never logged"],
    [
      "litellm_settings",
      "drop_params",
      "the gateway adapts unsupported parameters and reports it, or rejects them",
    ],
    [
      "litellm_settings",
      "cache",
      "images are not cached; send an Idempotency-Key with repeated requests",
    ],
    ["litellm_settings", "json_logs", "the gateway always does this"],
    ["litellm_settings", "set_verbose", "the environment variable LOG_LEVEL sets the log level"],
    [
      "litellm_settings",
      "cost_discount_config",
      "prices come from the model cards or from model_list",
    ],
    ["litellm_settings", "context_window_fallbacks", "it applies to text models"],
    [
      "litellm_settings",
      "default_internal_user_params",
      "set budgets with the /key and /budget routes",
    ],
    [
      "litellm_settings",
      "disable_end_user_cost_tracking",
      "the ledger is written before a request is answered",
    ],
    ["litellm_settings", "prometheus_initialize_budget_metrics", "metrics need no configuration"],
    [
      "litellm_settings",
      "require_auth_for_metrics_endpoint",
      "/metrics needs no key; restrict access with a proxy",
    ],
    ["litellm_settings", "return_response_headers", "x-request-id is always in the response"],
    ["litellm_settings", "ssl_verify", "Node.js configures TLS; set NODE_EXTRA_CA_CERTS"],
    [
      "general_settings",
      "custom_auth",
      "callers authenticate with the master key or a key from /key/generate",
    ],
    ["general_settings", "allowed_ips", "restrict network access outside the gateway"],
    [
      "general_settings",
      "public_routes",
      "every key may use the image routes, and administration needs the master key",
    ],
    ["general_settings", "alerting", "define alerts on /metrics"],
    [
      "general_settings",
      "background_health_checks",
      "health checks are always available and cost nothing",
    ],
    [
      "general_settings",
      "disable_spend_logs",
      "the ledger is written before a request is answered",
    ],
    ["general_settings", "store_prompts_in_spend_logs", "prompts are never stored"],
    [
      "general_settings",
      "maximum_spend_logs_retention_period",
      "the gateway deletes no spend logs",
    ],
    [
      "general_settings",
      "database_connection_pool_limit",
      "the database needs no further configuration",
    ],
    ["general_settings", "store_model_in_db", "this file is the only source of models"],
    ["general_settings", "key_management_system", "secrets come from the environment"],
    ["general_settings", "disable_master_key_return", "the master key is never stored or returned"],
    [
      "general_settings",
      "forward_client_headers_to_llm_api",
      "headers of callers are not forwarded to AWS",
    ],
    ["general_settings", "completion_model", "the gateway generates images only"],
    ["general_settings", "ui_access_mode", "there is no administration page"],
    ["general_settings", "enforced_params", "model cards define the required parameters"],
    ["general_settings", "cancel_on_disconnect", "the gateway always does this"],
    ["general_settings", "max_response_size_mb", "responses have the size of their images"],
    [
      "general_settings",
      "disable_retry_on_max_parallel_request_limit_error",
      "the gateway does not retry a request that its own limits reject",
    ],
  ])("%s.%s", async (section, key, reason) => {
    const name = section === "top_level" ? key : `${section}.${key}`
    expect((await files.load(fileWith(section, key))).warnings).toContain(
      `${name} is ignored: ${reason}.`,
    )
  })
})
