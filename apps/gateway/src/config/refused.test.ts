import { afterAll, describe, expect, it } from "vitest"
import { createFiles, withParams, withSection } from "./__fixtures__/files.ts"

const files = createFiles()
afterAll(files.remove)
const { load, refusal } = files

describe("what cannot be used is told by path, what was given and what is allowed", () => {
  it.each<readonly [string, string]>([
    [
      'model_list[0].litellm_params.rpm: cannot be used, given "many"; allowed: a whole number from 1',
      withParams("rpm: many"),
    ],
    [
      "model_list[0].litellm_params.rpm: cannot be used, given 0; allowed: a whole number from 1",
      withParams("rpm: 0"),
    ],
    [
      "model_list[0].litellm_params.weight: cannot be used, given -1; allowed: a number from 0",
      withParams("weight: -1"),
    ],
    [
      "model_list[0].litellm_params.timeout: cannot be used, given 0; allowed: a number of seconds above 0 to 2147483",
      withParams("timeout: 0"),
    ],
    [
      "model_list[0].litellm_params.order: cannot be used, given 1.5; allowed: a whole number",
      withParams("order: 1.5"),
    ],
    [
      'tags: cannot be used, given "a mapping"; allowed: a list of texts',
      withParams("tags: { a: 1 }"),
    ],
    [
      'model_list[0].litellm_params.aws_region_name: cannot be used, given "US East"; allowed: a region, for example us-east-1',
      withParams("aws_region_name: US East"),
    ],
    [
      'aws_bedrock_runtime_endpoint: cannot be used, given "bedrock.local"; allowed: an absolute URL',
      withParams("aws_bedrock_runtime_endpoint: bedrock.local"),
    ],
    [
      'output_cost_per_image: cannot be used, given "cheap"; allowed: US dollars from 0, for example 0.04',
      withParams("output_cost_per_image: cheap"),
    ],
    [
      "output_cost_per_image: cannot be used, given -0.1; allowed: US dollars from 0",
      withParams("output_cost_per_image: -0.1"),
    ],
    [
      "aws_profile_name: cannot be used, given 12; allowed: a text, in quotes where it is a number",
      withParams("aws_profile_name: 12"),
    ],
    [
      "model_list[0].litellm_params.aws_secret_access_key: is missing beside aws_access_key_id; give both, or neither",
      withParams("aws_access_key_id: AKID"),
    ],
    [
      "aws_web_identity_token: needs aws_role_name, the role that the token is exchanged for",
      withParams("aws_web_identity_token: oidc/file/x"),
    ],
    [
      "aws_web_identity_token: names a source of tokens that is not known here; allowed: oidc/file/<path>, oidc/env/<NAME>",
      withParams("aws_role_name: r", "aws_web_identity_token: oidc/google/x"),
    ],
    [
      "aws_web_identity_token: the environment variable NONE is not set",
      withParams("aws_role_name: r", "aws_web_identity_token: oidc/env/NONE"),
    ],
    [
      'litellm_credential_name: names nothing of credential_list, given "x"; allowed: nothing: there is no credential_list',
      withParams("litellm_credential_name: x"),
    ],
    [
      "guardrailConfig.guardrailVersion: is missing; allowed: a text",
      withParams("guardrailConfig: { guardrailIdentifier: g }"),
    ],
    [
      'model_list[0].model_info.id: cannot be used, given "a/b"; allowed: a text without / and blanks',
      `${withParams()}\n    model_info: { id: a/b }`,
    ],
    [
      "model_list[0].model_info: is a number; allowed: a mapping",
      `${withParams()}\n    model_info: 3`,
    ],
    ["model_list: is a number; allowed: a list of models", "model_list: 3"],
    [
      "model_list: is missing or empty; allowed: at least one image model of Amazon Bedrock",
      "model_list: []",
    ],
    [
      "model_list[0]: is a number; allowed: a mapping with model_name and litellm_params",
      "model_list: [3]",
    ],
    [
      "model_list[0].model_name: is missing; allowed: a text",
      "model_list: [{ litellm_params: { model: bedrock/amazon.nova-canvas-v1:0 } }]",
    ],
    [
      "model_list[0].litellm_params: is missing; allowed: a mapping with model",
      "model_list: [{ model_name: a }]",
    ],
    [
      "model_list[0].litellm_params.model: is missing; allowed: a text",
      "model_list: [{ model_name: a, litellm_params: {} }]",
    ],
    [
      'litellm_settings.budget_duration: cannot be used, given "2mo"; allowed: "1d", "7d", "1mo", or so many seconds to weeks as "90s", "30d"',
      withSection("litellm_settings", "max_budget: 1", "budget_duration: 2mo"),
    ],
    [
      "router_settings.num_retries: cannot be used, given -1; allowed: a whole number from 0",
      withSection("router_settings", "num_retries: -1"),
    ],
    [
      'router_settings.disable_cooldowns: cannot be used, given "maybe"; allowed: true or false',
      withSection("router_settings", "disable_cooldowns: maybe"),
    ],
    [
      'router_settings.retry_policy.RateLimitErrorRetries: cannot be used, given "x"; allowed: a whole number from 0',
      withSection("router_settings", "retry_policy: { RateLimitErrorRetries: x }"),
    ],
    [
      'router_settings.fallbacks: cannot be used, given "paint"; allowed: a list of mappings',
      withSection("router_settings", "fallbacks: paint"),
    ],
    [
      'fallbacks.paint: names no model_name of model_list, given "pain"; allowed: paint',
      withSection("router_settings", "fallbacks: [{ paint: [pain] }]"),
    ],
    [
      'fallbacks: names no model_name of model_list, given "pain"; allowed: paint',
      withSection("router_settings", "fallbacks: [{ pain: [paint] }]"),
    ],
    [
      'default_fallbacks: names no model_name of model_list, given "pain"; allowed: paint',
      withSection("router_settings", "default_fallbacks: [pain]"),
    ],
    [
      'router_settings.model_group_alias.a: names no model_name of model_list, given "pain"; allowed: paint',
      withSection("router_settings", "model_group_alias: { a: pain }"),
    ],
    [
      'general_settings.image_generation_model: names no model_name of model_list, given "pain"; allowed: paint',
      withSection("general_settings", "image_generation_model: pain"),
    ],
    ["router_settings: is a number; allowed: a mapping", "router_settings: 3\nmodel_list: []"],
    [
      "environment_variables: is a list; allowed: a mapping of names to texts",
      "environment_variables: []\nmodel_list: []",
    ],
    ["credential_list: is a mapping; allowed: a list", "credential_list: {}\nmodel_list: []"],
  ])("%s", async (message, text) => {
    expect((await refusal(text)).message).toContain(message)
  })

  it("all at once, whatever stands in the way of the rest", async () => {
    const text = `${withParams("rpm: many", "api_key: os.environ/NONE")}\nrouter_settings: { fallbacks: [{ paint: [pain] }] }\n`
    expect((await refusal(text)).issues?.map(({ path }) => path)).toEqual([
      "model_list[0].litellm_params.api_key",
      "model_list[0].litellm_params.rpm",
      "fallbacks.paint",
    ])
  })

  it("all at once, as issues too", async () => {
    const error = await refusal(
      `${withParams("rpm: many", "weight: heavy")}\ngeneral_settings: { database_url: mysql://x }\n`,
    )
    expect(error.message).toMatch(
      /^config\.yaml cannot be used, 3 things are wrong:\n {2}general_settings\.database_url: /,
    )
    expect(error.issues?.map(({ path }) => path)).toEqual([
      "general_settings.database_url",
      "model_list[0].litellm_params.rpm",
      "model_list[0].litellm_params.weight",
    ])
  })
})

describe("the environment", () => {
  it.each([
    ["not set", {}],
    ["empty", { KEY: "" }],
  ])("is asked for by key and variable where that is %s", async (how, environment) => {
    const error = await refusal(withParams("api_key: os.environ/KEY"), environment)
    expect(error.message).toContain(
      `model_list[0].litellm_params.api_key: the environment variable KEY is ${how}; set it, or write the value here`,
    )
  })

  it("is not needed by what is left out or has no effect", async () => {
    const chat =
      "  - { model_name: gpt, litellm_params: { model: openai/gpt-5, api_key: os.environ/OPENAI_API_KEY } }"
    const { config } = await load(
      `${withParams("tpm: os.environ/TPM")}\n${chat}\nrouter_settings: { redis_password: os.environ/REDIS }\n`,
    )
    expect(config.models).toHaveLength(1)
  })

  it("is never quoted, and neither is what stands at a secret's place", async () => {
    const lines = [
      "rpm: os.environ/RPM",
      "aws_access_key_id: [s3cr3t]",
      "aws_session_token: { s3cr3t: 1 }",
    ]
    const text = `${withParams(...lines)}\ngeneral_settings: { master_key: 53137, database_url: s3cr3t }\n`
    const { message, issues } = await refusal(text, { RPM: "s3cr3t" })
    expect(message).toContain(
      'rpm: cannot be used, given "the environment\'s value"; allowed: a whole number from 1',
    )
    expect(`${message}${JSON.stringify(issues)}`).not.toMatch(/s3cr3t|53137/)
  })
})
