import { afterAll, describe, expect, it } from "vitest"
import { createFiles, withParams, withSection } from "./__fixtures__/files.ts"

const files = createFiles()
afterAll(files.remove)
const { load, failure } = files

describe("loadConfig with invalid values", () => {
  it.each<readonly [string, string]>([
    [
      'model_list[0].litellm_params.rpm: invalid value "many"; expected a whole number from 1',
      withParams("rpm: many"),
    ],
    [
      "model_list[0].litellm_params.rpm: invalid value 0; expected a whole number from 1",
      withParams("rpm: 0"),
    ],
    [
      "model_list[0].litellm_params.weight: invalid value -1; expected a number from 0",
      withParams("weight: -1"),
    ],
    [
      "model_list[0].litellm_params.timeout: invalid value 0; expected a number of seconds above 0, at most 2,147,483",
      withParams("timeout: 0"),
    ],
    [
      "model_list[0].litellm_params: is missing; expected a mapping with model",
      "model_list: [{ model_name: paint }]",
    ],
    [
      "model_list[0].litellm_params: got a string; expected a mapping with model",
      "model_list: [{ model_name: paint, litellm_params: nova }]",
    ],
    [
      "model_list[0].litellm_params.order: invalid value 1.5; expected a whole number",
      withParams("order: 1.5"),
    ],
    [
      'model_list[0].litellm_params.aws_region_name: invalid value "US East"; expected a region, for example us-east-1',
      withParams("aws_region_name: US East"),
    ],
    [
      'aws_bedrock_runtime_endpoint: invalid value "bedrock.local"; expected an absolute URL',
      withParams("aws_bedrock_runtime_endpoint: bedrock.local"),
    ],
    [
      'output_cost_per_image: invalid value "cheap"; expected US dollars, 0 or more, for example 0.04',
      withParams("output_cost_per_image: cheap"),
    ],
    [
      "output_cost_per_image: invalid value -0.1; expected US dollars, 0 or more",
      withParams("output_cost_per_image: -0.1"),
    ],
    [
      "aws_profile_name: invalid value 12; expected a string; quote a number",
      withParams("aws_profile_name: 12"),
    ],
    [
      "model_list[0].litellm_params.aws_secret_access_key: is missing; set both aws_access_key_id and aws_secret_access_key, or neither",
      withParams("aws_access_key_id: AKID"),
    ],
    [
      "aws_web_identity_token: requires aws_role_name, the role to assume with the token",
      withParams("aws_web_identity_token: oidc/file/x"),
    ],
    [
      "aws_web_identity_token: unknown token source; expected oidc/file/<path>, oidc/env/<NAME>",
      withParams("aws_role_name: r", "aws_web_identity_token: oidc/google/x"),
    ],
    [
      "aws_web_identity_token: the environment variable NONE is not set",
      withParams("aws_role_name: r", "aws_web_identity_token: oidc/env/NONE"),
    ],
    [
      'litellm_credential_name: unknown credential "x"; expected a name in credential_list, which is empty',
      withParams("litellm_credential_name: x"),
    ],
    [
      "guardrailConfig.guardrailVersion: is missing; expected a string",
      withParams("guardrailConfig: { guardrailIdentifier: g }"),
    ],
    [
      'model_list[0].model_info.id: invalid value "a/b"; expected a string without / and white space',
      `${withParams()}\n    model_info: { id: a/b }`,
    ],
    [
      "model_list[0].model_info: got a number; expected a mapping",
      `${withParams()}\n    model_info: 3`,
    ],
    ["model_list: got a number; expected a list of models", "model_list: 3"],
    ["model_list: is missing or empty; expected at least one image model", "model_list: []"],
    [
      "model_list[0]: got a number; expected a mapping with model_name and litellm_params",
      "model_list: [3]",
    ],
    [
      "model_list[0].model_name: is missing; expected a string",
      "model_list: [{ litellm_params: { model: bedrock/amazon.nova-canvas-v1:0 } }]",
    ],
    [
      "model_list[0].litellm_params: is missing; expected a mapping with model",
      "model_list: [{ model_name: a }]",
    ],
    [
      "model_list[0].litellm_params.model: is missing; expected a string",
      "model_list: [{ model_name: a, litellm_params: {} }]",
    ],
    [
      'litellm_settings.budget_duration: invalid value "2mo"; expected "1d", "7d", "1mo" or a number of s, m, h, d or w, for example "90s" or "30d"',
      withSection("litellm_settings", "max_budget: 1", "budget_duration: 2mo"),
    ],
    [
      "router_settings.num_retries: invalid value -1; expected a whole number from 0",
      withSection("router_settings", "num_retries: -1"),
    ],
    [
      'router_settings.disable_cooldowns: invalid value "maybe"; expected true or false',
      withSection("router_settings", "disable_cooldowns: maybe"),
    ],
    [
      'router_settings.retry_policy.RateLimitErrorRetries: invalid value "x"; expected a whole number from 0',
      withSection("router_settings", "retry_policy: { RateLimitErrorRetries: x }"),
    ],
    [
      'router_settings.fallbacks: invalid value "paint"; expected a list of mappings',
      withSection("router_settings", "fallbacks: paint"),
    ],
    [
      'fallbacks.paint: unknown model_name "pain"; expected paint',
      withSection("router_settings", "fallbacks: [{ paint: [pain] }]"),
    ],
    [
      'fallbacks: unknown model_name "pain"; expected paint',
      withSection("router_settings", "fallbacks: [{ pain: [paint] }]"),
    ],
    [
      'default_fallbacks: unknown model_name "pain"; expected paint',
      withSection("router_settings", "default_fallbacks: [pain]"),
    ],
    [
      'router_settings.model_group_alias.a: unknown model_name "pain"; expected paint',
      withSection("router_settings", "model_group_alias: { a: pain }"),
    ],
    [
      'general_settings.image_generation_model: unknown model_name "pain"; expected paint',
      withSection("general_settings", "image_generation_model: pain"),
    ],
    ["router_settings: got a number; expected a mapping", "router_settings: 3\nmodel_list: []"],
    [
      "environment_variables: got a list; expected a mapping of names to strings",
      "environment_variables: []\nmodel_list: []",
    ],
    ["credential_list: got a mapping; expected a list", "credential_list: {}\nmodel_list: []"],
  ])("reports %s", async (message, text) => {
    expect((await failure(text)).message).toContain(message)
  })

  it("reports all issues when some prevent the validation of others", async () => {
    const text = `${withParams("rpm: many", "api_key: os.environ/NONE")}\nrouter_settings: { fallbacks: [{ paint: [pain] }] }\n`
    expect((await failure(text)).issues?.map(({ path }) => path)).toEqual([
      "model_list[0].litellm_params.api_key",
      "model_list[0].litellm_params.rpm",
      "fallbacks.paint",
    ])
  })

  it("lists all issues in one error", async () => {
    const error = await failure(
      `${withParams("rpm: many", "weight: heavy")}\ngeneral_settings: { database_url: mysql://x }\n`,
    )
    expect(error.message).toMatch(
      /^config\.yaml is not valid \(3 errors\):\n {2}general_settings\.database_url: /,
    )
    expect(error.issues?.map(({ path }) => path)).toEqual([
      "general_settings.database_url",
      "model_list[0].litellm_params.rpm",
      "model_list[0].litellm_params.weight",
    ])
  })
})

describe("os.environ references", () => {
  it.each([
    ["not set", {}],
    ["empty", { KEY: "" }],
  ])("report key and variable if it is %s", async (how, environment) => {
    const error = await failure(withParams("api_key: os.environ/KEY"), environment)
    expect(error.message).toContain(
      `model_list[0].litellm_params.api_key: the environment variable KEY is ${how}; set it, or write the value here`,
    )
  })

  it("are not resolved in skipped models and ignored keys", async () => {
    const chat =
      "  - { model_name: gpt, litellm_params: { model: openai/gpt-5, api_key: os.environ/OPENAI_API_KEY } }"
    const { config } = await load(
      `${withParams("tpm: os.environ/TPM")}\n${chat}\nrouter_settings: { redis_password: os.environ/REDIS }\n`,
    )
    expect(config.models).toHaveLength(1)
  })

  it("never appear in messages, and neither do values of secret keys", async () => {
    const lines = [
      "rpm: os.environ/RPM",
      "aws_access_key_id: [s3cr3t]",
      "aws_session_token: { s3cr3t: 1 }",
    ]
    const text = `${withParams(...lines)}\ngeneral_settings: { master_key: 53137, database_url: s3cr3t }\n`
    const { message, issues } = await failure(text, { RPM: "s3cr3t" })
    expect(message).toContain(
      "rpm: invalid value from the environment; expected a whole number from 1",
    )
    expect(`${message}${JSON.stringify(issues)}`).not.toMatch(/s3cr3t|53137/)
  })
})
