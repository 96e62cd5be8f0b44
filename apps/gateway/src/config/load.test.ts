import { readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { createFiles, pages, withParams, withSection } from "./__fixtures__/files.ts"
import { deploymentsOf } from "./deployments.ts"
import { loadConfig } from "./load.ts"

const files = createFiles()
afterAll(files.remove)
const { load, failure } = files

const [first = "", second = ""] = pages

describe("loadConfig with the files of LiteLLM's documentation", () => {
  it("accepts access keys with their misspelt name", async () => {
    const { config, warnings } = await loadConfig(first, {})
    expect(config.models).toEqual([
      {
        id: "d21e15ebc0b6f783",
        group: "amazon.nova-canvas-v1:0",
        model: "amazon.nova-canvas-v1:0",
        family: "bedrock",
        bedrock: {
          region: "us-east-1",
          credentials: { accessKeyId: "my-id", secretAccessKey: "my-key" },
        },
        credentials: "access keys",
        weight: 1,
        order: 0,
      },
    ])
    expect(warnings).toEqual([
      "model_list[0].litellm_params.aws_secret_access_id is read as aws_access_key_id, the correct name.",
    ])
  })

  it("accepts an inference profile", async () => {
    const { config, warnings } = await loadConfig(second, {})
    expect([config.models, warnings]).toMatchObject([
      [
        {
          group: "nova-canvas-inference-profile",
          model: "amazon.nova-canvas-v1:0",
          modelId:
            "arn:aws:bedrock:eu-west-1:000000000000:application-inference-profile/a0a0a0a0a0a0",
          bedrock: { region: "eu-west-1" },
          credentials: "AWS default chain",
        },
      ],
      [],
    ])
  })
})

describe("loadConfig", () => {
  it("uses LiteLLM's defaults", async () => {
    const { config } = await load(withParams())
    expect(config.router).toMatchObject({
      retries: 3,
      allowedFails: 3,
      cooldownMs: 5000,
      maxFallbacks: 5,
      retryAfterMs: 0,
    })
    expect(config.general).toEqual({ requestTimeoutMs: 600_000 })
  })

  it("prefers router_settings to litellm_settings", async () => {
    const shared =
      "litellm_settings: { num_retries: 1, allowed_fails: 9, cooldown_time: 2, request_timeout: 20, max_budget: 12.5, budget_duration: 30d }"
    const { config } = await load(
      `${withParams()}\n${shared}\nrouter_settings: { num_retries: 2, timeout: 30 }\n`,
    )
    expect(config.router).toMatchObject({ retries: 2, allowedFails: 9, cooldownMs: 2000 })
    expect(config.general).toEqual({
      requestTimeoutMs: 30_000,
      budget: { microUsd: 12_500_000, duration: "30d" },
    })
  })

  it("accepts numbers, booleans and lists as strings", async () => {
    const lines = ["rpm: os.environ/RPM", "weight: '2.5'", "timeout: '12'"]
    const text = `${withParams(...lines)}\nrouter_settings: { disable_cooldowns: "True", num_retries: "0" }\n`
    const { config } = await load(text, { RPM: "60" })
    expect([config.models[0], config.router]).toMatchObject([
      {
        requestsPerMinute: 60,
        weight: 2.5,
        timeoutMs: 12_000,
        bedrock: { timeoutMs: 12_000 },
      },
      { cooldownMs: 0, retries: 0 },
    ])
  })

  it("reads YAML as Python does: yes, no and merge keys", async () => {
    const text = `defaults: &defaults { aws_region_name: us-west-2 }
model_list:
  - model_name: paint
    litellm_params: { <<: *defaults, model: bedrock/amazon.nova-canvas-v1:0 }
  - { model_name: y, litellm_params: { model: bedrock/amazon.nova-canvas-v1:0 } }
router_settings: { disable_cooldowns: yes }`
    const { config } = await load(text)
    expect([config.models[0]?.bedrock, config.models[1]?.group, config.router.cooldownMs]).toEqual([
      { region: "us-west-2" },
      "y",
      0,
    ])
  })

  it("falls back to LiteLLM's environment variables for master key and database", async () => {
    const { config } = await load(withParams(), {
      LITELLM_MASTER_KEY: "sk-1",
      DATABASE_URL: "postgres://db/x",
    })
    expect(config.general).toMatchObject({ masterKey: "sk-1", databaseUrl: "postgres://db/x" })
    const own = await load(
      withSection("general_settings", "master_key: sk-2", "database_url: file:./x.db"),
      {
        LITELLM_MASTER_KEY: "sk-1",
        DATABASE_URL: "postgres://db/x",
      },
    )
    expect(own.config.general).toMatchObject({ masterKey: "sk-2", databaseUrl: "file:./x.db" })
  })

  it("reads what lapsed requests do and what tags of clients spend", async () => {
    const file = await load(
      withSection("general_settings", "lapsed_requests: retry", "client_tags_spend_budgets: true"),
    )
    expect(file.config.general).toMatchObject({ lapsedRequests: "retry", clientTagsSpend: true })
    const status = (value: string) =>
      load(withSection("litellm_settings", `budget_exceeded_status_code: ${value}`))
    expect((await status("400")).config.general.budgetStatus).toBe(400)
    await expect(status("500")).rejects.toThrow(/from 400 to 499/)
    await expect(load(withSection("general_settings", "lapsed_requests: ask"))).rejects.toThrow(
      /general_settings\.lapsed_requests: .*"refuse" or "retry"/,
    )
  })

  it("reads the previous master key", async () => {
    const file = await load(
      withSection("general_settings", "master_key: sk-2", "previous_master_key: sk-1"),
    )
    expect(file.config.general).toMatchObject({ masterKey: "sk-2", previousMasterKey: "sk-1" })
    const variable = await load(withParams(), {
      LITELLM_MASTER_KEY: "sk-2",
      PICTOR_PREVIOUS_MASTER_KEY: "sk-1",
    })
    expect(variable.config.general).toMatchObject({ masterKey: "sk-2", previousMasterKey: "sk-1" })
  })

  it("resolves references to environment_variables and returns them", async () => {
    const text = `environment_variables: { REGION: eu-west-1, KEY: os.environ/OUTER }\n${withParams("aws_region_name: os.environ/REGION", "api_key: os.environ/KEY")}`
    const { config } = await load(text, { REGION: "us-east-1", OUTER: "secret" })
    expect([config.models[0]?.bedrock, config.environment]).toEqual([
      { region: "eu-west-1", apiKey: "secret" },
      { REGION: "eu-west-1", KEY: "secret" },
    ])
  })

  it("applies max_parallel_requests to deployments without their own limit", async () => {
    const list =
      "  - { model_name: own, litellm_params: { model: bedrock/amazon.nova-canvas-v1:0, max_parallel_requests: 2 } }"
    const { config } = await load(
      `${withParams()}\n${list}\ngeneral_settings: { max_parallel_requests: 7 }\n`,
    )
    expect(config.models.map(({ maxParallelRequests }) => maxParallelRequests)).toEqual([7, 2])
  })

  it("reads fallbacks, policies and aliases in every notation of LiteLLM", async () => {
    const list = ["b", "c"]
      .map(
        (name) =>
          `  - { model_name: ${name}, litellm_params: { model: bedrock/amazon.nova-canvas-v1:0 } }`,
      )
      .join("\n")
    const { config } = await load(`${withParams()}\n${list}
litellm_settings:
  fallbacks: [{ paint: [b, { model: c }] }, { "*": [c] }]
  content_policy_fallbacks: { paint: b }
  default_fallbacks: [b]
router_settings:
  retry_policy: { RateLimitErrorRetries: 5 }
  model_group_retry_policy: { b: { TimeoutErrorRetries: 0 } }
  allowed_fails_policy: { AuthenticationErrorAllowedFails: 4 }
  model_group_alias: { gpt-image: paint, old: { model: b, hidden: true } }
`)
    expect(config.router).toMatchObject({
      fallbacks: { paint: ["b", "c"] },
      contentPolicyFallbacks: { paint: ["b"] },
      defaultFallbacks: ["b", "c"],
      retryPolicy: { RateLimitError: 5 },
      groupRetryPolicies: { b: { TimeoutError: 0 } },
      allowedFailsPolicy: { AuthenticationError: 4 },
      aliases: {
        "gpt-image": { group: "paint", hidden: false },
        old: { group: "b", hidden: true },
      },
    })
  })
})

it("loadConfig accepts the README's file", async () => {
  const readme = readFileSync(join(import.meta.dirname, "../../README.md"), "utf8")
  const [, yaml = ""] = /```yaml\n([\s\S]*?)```/.exec(readme) ?? []
  const { config, warnings } = await load(yaml, {
    LITELLM_MASTER_KEY: "sk-1",
    DATABASE_URL: "postgres://db/x",
  })
  expect([config.models.slice(0, 2).map(({ group, order }) => [group, order]), warnings]).toEqual([
    [
      ["painter", 0],
      ["painter", 2],
    ],
    [],
  ])
  expect(config.models.length).toBeGreaterThan(20)
})

describe("include", () => {
  it("joins lists, merges mappings and prefers included values", async () => {
    const { config } = await load({
      "config.yaml": `include: [more.yaml]\n${withParams()}\nrouter_settings: { num_retries: 1, allowed_fails: 8 }\n`,
      "more.yaml":
        "model_list:\n  - { model_name: b, litellm_params: { model: bedrock/amazon.nova-canvas-v1:0 } }\nrouter_settings: { num_retries: 2 }\n",
    })
    expect([config.models.map(({ group }) => group), config.router]).toMatchObject([
      ["paint", "b"],
      { retries: 2, allowedFails: 8 },
    ])
  })

  it.each([
    [
      { "a.yaml": "include: [b.yaml]", "b.yaml": "include: [a.yaml]" },
      /^These files include each other: [^→]*a\.yaml → [^→]*b\.yaml → [^→]*a\.yaml\.$/,
    ],
    [{ "a.yaml": "include: [gone.yaml]" }, /gone\.yaml, included by .*a\.yaml, does not exist\.$/],
    [{ "a.yaml": "include: more.yaml" }, /a\.yaml: include must be a list of file names/],
    [{ "a.yaml": "include: [b.yaml]", "b.yaml": "a: [" }, /b\.yaml:1:5: invalid YAML/],
  ])("rejects %j", async (given, message) => {
    expect((await failure(given)).message).toMatch(message)
  })
})

describe("loadConfig with an unreadable file", () => {
  it.each([
    ["a: 1\n  b: 2\n", /config\.yaml:\d+:\d+: invalid YAML: /],
    ["general_settings:\n  master_key: 'sk-secret\n", /config\.yaml:\d+:\d+: invalid YAML/],
    ["a: 1\na: 2\n", /config\.yaml:2:1: invalid YAML: Map keys must be unique/],
    ["a: !!python/object x\n", /config\.yaml:1:4: /],
    ["- a\n- b\n", /config\.yaml contains a list. A configuration is a mapping with model_list\.$/],
    ["a: &a [*a, *b]\n", /config\.yaml/],
  ])("reports the place and no text of the file: %j", async (text, message) => {
    const error = await failure(text)
    expect(error.message).toMatch(message)
    expect(error.message).not.toContain("secret")
  })

  it("rejects a missing file and a folder", async () => {
    await expect(loadConfig("/nowhere/config.yaml", {})).rejects.toThrow(
      "/nowhere/config.yaml does not exist.",
    )
    await expect(loadConfig(files.folder, {})).rejects.toThrow(
      `${files.folder} is a folder. Name a YAML file.`,
    )
  })
})

describe("deploymentsOf", () => {
  it("shares a transport between entries with the same options", async () => {
    const entry = (region: string): string =>
      `  - { model_name: more, litellm_params: { model: bedrock/amazon.nova-canvas-v1:0, aws_region_name: ${region} } }`
    const { config } = await load(
      `${withParams("aws_region_name: us-east-1")}\n${entry("us-east-1")}\n${entry("eu-west-1")}\n`,
    )
    const [a, b, c] = (await deploymentsOf(config)).map(({ adapter }) => adapter.transport)
    expect([a === b, b === c]).toEqual([true, false])
  })

  it("addresses the adapter and contains no secret", async () => {
    const { config } = await load(
      withParams("aws_access_key_id: AKIDHERE", "aws_secret_access_key: s3cr3t"),
    )
    const [deployment] = await deploymentsOf(config)
    const { adapter, ...rest } = deployment ?? expect.unreachable()
    expect(deployment?.address).toBe(`${adapter.alias}/amazon.nova-canvas-v1:0`)
    expect(JSON.stringify(rest)).not.toMatch(/AKIDHERE|s3cr3t/)
  })
})

describe("headers that name the end user", () => {
  it("are those of user_header_mappings, then that of user_header_name", async () => {
    const { config, warnings } = await files.load(
      withSection(
        "general_settings",
        "user_header_name: X-User",
        "user_header_mappings:",
        "  - { header_name: X-OpenWebUI-User-Id, litellm_user_role: internal_user }",
        "  - { header_name: X-OpenWebUI-User-Email, litellm_user_role: customer }",
      ),
    )
    expect(config.general.endUserHeaders).toEqual(["x-openwebui-user-email", "x-user"])
    expect(warnings).toEqual([
      "general_settings.user_header_mappings: X-OpenWebUI-User-Id names no user; user_id of a key does.",
    ])
  })
})

describe("allowed_origins", () => {
  it("are read, and need a master key", async () => {
    const origins = "allowed_origins: ['https://App.example.com/', 'http://localhost:3000']"
    const { config, warnings } = await files.load(withSection("general_settings", origins))
    expect(config.general.allowedOrigins).toEqual([
      "https://app.example.com",
      "http://localhost:3000",
    ])
    expect(warnings).toEqual([
      "general_settings.allowed_origins has no effect without general_settings.master_key.",
    ])
    const every = withSection("general_settings", "allowed_origins: '*'", "master_key: sk-1")
    expect((await files.load(every)).config.general.allowedOrigins).toEqual(["*"])
  })

  it.each(["app.example.com", "https://a.example/path", "https://*.example.com", "null"])(
    "must be origins, not %s",
    async (origin) => {
      const text = withSection("general_settings", `allowed_origins: ['${origin}']`)
      expect((await failure(text)).message).toContain(
        `general_settings.allowed_origins[0]: invalid value "${origin}"; expected an origin such as https://app.example.com, or "*"`,
      )
    },
  )
})
