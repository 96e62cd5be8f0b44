import { createPictor, type ImageAdapter } from "@pictor/core"
import type { Transport } from "@pictor/core/adapter"
import { afterAll, describe, expect, it } from "vitest"
import { createFiles, withParams } from "./__fixtures__/files.ts"
import { cards } from "./bedrock-models.ts"
import { deploymentsOf } from "./deployments.ts"

const files = createFiles()
afterAll(files.remove)
const { load, failure } = files

const nova = "bedrock/amazon.nova-canvas-v1:0"

const entry = (name: string, params: string, info = "{}"): string =>
  `  - { model_name: "${name}", litellm_params: ${params.startsWith("{") ? params : `{ model: "${params}" }`}, model_info: ${info} }`

const list = (...entries: readonly string[]): string => `model_list:\n${entries.join("\n")}\n`

describe("model strings", () => {
  const profile = "arn:aws:bedrock:eu-west-1:000000000000:application-inference-profile/a0"
  it.each<readonly [string, object]>([
    ["amazon.nova-canvas-v1:0", { model: "amazon.nova-canvas-v1:0", bedrock: {} }],
    [
      "bedrock/us-west-2/stability.stable-image-core-v1:1",
      { model: "stability.stable-image-core-v1:1", bedrock: { region: "us-west-2" } },
    ],
    [
      "bedrock/invoke/amazon.titan-image-generator-v2:0",
      { model: "amazon.titan-image-generator-v2:0" },
    ],
    [
      "bedrock/us.amazon.nova-canvas-v1:0",
      { model: "amazon.nova-canvas-v1:0", modelId: "us.amazon.nova-canvas-v1:0" },
    ],
    [
      "bedrock/us.stability.stable-outpaint-v1:0",
      { model: "stability.stable-outpaint-v1:0", modelId: "us.stability.stable-outpaint-v1:0" },
    ],
    ["bedrock/stability.stability.sd3-large-v1:0", { model: "stability.sd3-large-v1:0" }],
    ["bedrock/stability.stable-diffusion-xl-v0", { model: "stability.stable-diffusion-xl-v0" }],
    [
      `bedrock/arn:aws:bedrock:us-west-2::foundation-model/stability.stable-image-core-v1:1`,
      { model: "stability.stable-image-core-v1:1", bedrock: { region: "us-west-2" } },
    ],
  ])("%s resolves to %j", async (model, expected) => {
    const { config } = await load(list(entry("a", model)))
    expect(config.models[0]).toMatchObject(expected)
  })

  it("warn if AWS does not list the name", async () => {
    const { warnings } = await load(
      list(
        entry("a", "bedrock/stability.stability.sd3-large-v1:0"),
        entry("b", "bedrock/eu.amazon.nova-canvas-v1:0"),
      ),
    )
    expect(warnings).toEqual([
      expect.stringMatching(/^model_list\[0\]\.litellm_params\.model: .*stability\.stability/),
      expect.stringMatching(
        /^model_list\[1\]\.litellm_params\.model: eu\.amazon\.nova-canvas-v1:0 is called unchanged/,
      ),
    ])
  })

  it("may be an inference profile's ARN with base_model", async () => {
    const { config } = await load(list(entry("a", `bedrock/${profile}`, `{ base_model: ${nova} }`)))
    expect(config.models[0]).toMatchObject({
      model: "amazon.nova-canvas-v1:0",
      modelId: profile,
      bedrock: { region: "eu-west-1" },
    })
    const { message } = await failure(list(entry("a", `bedrock/${profile}`)))
    expect(message).toContain(
      "The ARN does not name its model. Set model to the model's id and model_id to the ARN.",
    )
  })
})

describe("a model that is not an image model", () => {
  it("is skipped with a warning, and so are fallbacks to it", async () => {
    const chat = [
      entry("gpt", "openai/gpt-5"),
      entry("claude", "bedrock/anthropic.claude-opus-5-v1:0"),
    ]
    const { config, warnings } = await load(
      `${list(entry("a", nova), ...chat)}litellm_settings: { fallbacks: [{ a: [gpt] }, { gpt: [claude] }] }\n`,
    )
    expect([config.models.map(({ group }) => group), config.router.fallbacks]).toEqual([
      ["a"],
      { a: [] },
    ])
    expect(warnings).toEqual([
      "Skipped, because they are not image models: gpt (openai/gpt-5), claude (bedrock/anthropic.claude-opus-5-v1:0).",
      "fallbacks.a: gpt is skipped in model_list and will never be called.",
      "fallbacks: gpt is skipped in model_list and will never be called.",
    ])
  })

  it("is reported with the nearest names if it looks like one", async () => {
    const { warnings } = await load(
      list(entry("a", nova), entry("b", "bedrock/amazon.nova-canvas-v1")),
    )
    expect(warnings).toEqual([
      expect.stringMatching(
        /^model_list\[1\]\.litellm_params\.model: b is skipped\. .*The nearest names are amazon\.nova-canvas-v1:0/,
      ),
    ])
  })

  it.each([
    ["the list has no other model", list(entry("a", "openai/gpt-image-9"))],
    [
      "its mode is image_generation",
      list(
        entry("a", nova),
        entry("b", "bedrock/stability.sd4-v1:0", "{ mode: image_generation }"),
      ),
    ],
  ])("is an error if %s", async (_, text) => {
    expect((await failure(text)).message).toMatch(
      /litellm_params\.model: not an image model: .*The nearest names are /,
    )
  })
})

describe("a wildcard", () => {
  it("becomes one group for each model, with aliases for its other names", async () => {
    const { config } = await load(list(entry("bedrock/*", "bedrock/us-west-2/*")))
    expect(config.models.map(({ group }) => group)).toEqual(cards.map(({ id }) => `bedrock/${id}`))
    expect(config.models.every(({ bedrock }) => bedrock?.region === "us-west-2")).toBe(true)
    expect(config.router.aliases).toMatchObject({
      "bedrock/us.stability.stable-outpaint-v1:0": {
        group: "bedrock/stability.stable-outpaint-v1:0",
        hidden: true,
      },
      "bedrock/amazon.titan-image-generator-v1:0": {
        group: "bedrock/amazon.titan-image-generator-v1",
        hidden: true,
      },
    })
    expect(config.router.aliases["stability.stable-outpaint-v1:0"]).toEqual({
      group: "bedrock/stability.stable-outpaint-v1:0",
      hidden: true,
    })
    expect(
      new Set((await deploymentsOf(config)).map(({ adapter }) => adapter.transport)).size,
    ).toBe(1)
  })

  it("may match some models, and an explicit name replaces its group", async () => {
    const { config } = await load(
      list(entry("*", "bedrock/amazon.titan-*"), entry("image-generator-v1", nova)),
    )
    expect(config.models.map(({ group, model }) => [group, model])).toEqual([
      ["image-generator-v2:0", "amazon.titan-image-generator-v2:0"],
      ["image-generator-v1", "amazon.nova-canvas-v1:0"],
    ])
  })

  it("is skipped if it matches no image model", async () => {
    const { config, warnings } = await load(
      list(
        entry("a", nova),
        entry("mistral/*", "mistral/*"),
        entry("claude", "bedrock/anthropic.*"),
      ),
    )
    expect(config.models.map(({ group }) => group)).toEqual(["a"])
    expect(warnings).toEqual([
      "Skipped, because they are not image models: mistral/* (mistral/*), claude (bedrock/anthropic.*).",
    ])
    expect((await failure(list(entry("mistral/*", "mistral/*")))).message).toContain(
      "model_list[0].litellm_params.model: not an image model",
    )
  })

  it("is rejected if model_name and model do not have one star each", async () => {
    expect((await failure(list(entry("all", "bedrock/*")))).message).toContain(
      "model_list[0].model_name: model_name and model need exactly one * each",
    )
  })
})

describe("a deployment's id", () => {
  it("depends on the target and not on secrets, weights or limits", async () => {
    const [a, b, c, d] = await Promise.all(
      [
        "aws_region_name: us-east-1",
        "aws_region_name: us-east-1, rpm: 5, weight: 3, api_key: k",
        "aws_region_name: us-west-2",
        "aws_region_name: us-east-1, aws_profile_name: p",
      ].map(
        async (params, index) =>
          (
            await files.load({
              [`${index}.yaml`]: list(entry("a", `{ model: "${nova}", ${params} }`)),
            })
          ).config.models[0]?.id,
      ),
    )
    expect([a === b, a === c, a === d, a]).toEqual([
      true,
      false,
      false,
      expect.stringMatching(/^[0-9a-f]{16}$/),
    ])
  })

  it("gets a number if entries differ in secrets only, and is rejected if configured twice", async () => {
    const { config } = await load(
      list(
        entry("a", `{ model: "${nova}", api_key: k }`),
        entry("a", `{ model: "${nova}", api_key: l }`),
        entry("b", nova, "{ id: mine }"),
      ),
    )
    const [first] = config.models
    expect(config.models.map(({ id }) => id)).toEqual([first?.id, `${first?.id}-2`, "mine"])
    const { message } = await failure(
      list(entry("a", nova, "{ id: x }"), entry("b", nova, "{ id: x }")),
    )
    expect(message).toContain(
      'model_list[1].model_info.id: duplicate id "x"; expected a different id for each deployment',
    )
  })
})

describe("credentials", () => {
  const role = "arn:aws:iam::000000000000:role/painter"
  it.each<readonly [string, string, object]>([
    ["API key", "api_key: k", { apiKey: "k" }],
    [
      "temporary access keys",
      "aws_access_key_id: i, aws_secret_access_key: s, aws_session_token: t",
      { credentials: { accessKeyId: "i", secretAccessKey: "s", sessionToken: "t" } },
    ],
    ["profile", "aws_profile_name: studio", { profile: "studio" }],
    [
      "role via profile",
      `aws_profile_name: studio, aws_role_name: "${role}", aws_session_name: n, aws_external_id: e`,
      { profile: "studio", roleArn: role, sessionName: "n", externalId: "e" },
    ],
    ["role via AWS default chain", `aws_role_name: "${role}"`, { roleArn: role }],
    [
      "web identity",
      `aws_role_name: "${role}", aws_web_identity_token: jwt, aws_session_name: n`,
      { webIdentity: { roleArn: role, token: "jwt", sessionName: "n" } },
    ],
    [
      "web identity",
      `aws_role_name: "${role}", aws_web_identity_token: oidc/file//var/token`,
      { webIdentity: { roleArn: role, tokenFile: "/var/token" } },
    ],
    [
      "web identity",
      `aws_role_name: "${role}", aws_web_identity_token: oidc/env/TOKEN`,
      { webIdentity: { roleArn: role, token: "from-env" } },
    ],
    [
      "web identity",
      `aws_role_name: "${role}", aws_web_identity_token: oidc/env_path/TOKEN`,
      { webIdentity: { roleArn: role, tokenFile: "from-env" } },
    ],
    ["AWS default chain", "rpm: 3", {}],
  ])("are %s with { %s }", async (credentials, params, bedrock) => {
    const { config, warnings } = await load(list(entry("a", `{ model: "${nova}", ${params} }`)), {
      TOKEN: "from-env",
    })
    expect([config.models[0], warnings]).toMatchObject([{ credentials, bedrock }, []])
    expect(config.models[0]?.bedrock).toEqual(bedrock)
    expect(await deploymentsOf(config)).toHaveLength(1)
  })

  it("follow LiteLLM's order, with a warning for unused ones", async () => {
    const keys = "aws_access_key_id: i, aws_secret_access_key: s"
    const entries = [
      `api_key: k, ${keys}`,
      `aws_profile_name: p, ${keys}`,
      "aws_session_name: n",
    ].map((params) => entry("a", `{ model: "${nova}", ${params} }`))
    const { config, warnings } = await load(list(...entries))
    expect(config.models.map(({ bedrock }) => bedrock)).toEqual([
      { apiKey: "k" },
      { profile: "p" },
      {},
    ])
    expect(warnings).toEqual([
      "model_list[0].litellm_params: api_key replaces aws_access_key_id, aws_secret_access_key, as in LiteLLM. Remove one of them.",
      "model_list[1].litellm_params: aws_profile_name replaces the access keys, as in LiteLLM. Remove one of them.",
      "model_list[2].litellm_params: aws_session_name is ignored without aws_role_name.",
    ])
  })

  it("may be shared by name, and the entry's own have precedence", async () => {
    const shared =
      "credential_list:\n  - { credential_name: studio, credential_values: { api_key: os.environ/KEY, aws_region_name: us-east-1 }, credential_info: {} }\n"
    const { config } = await load(
      `${list(entry("a", `{ model: "${nova}", litellm_credential_name: studio, aws_region_name: us-west-2 }`))}${shared}`,
      { KEY: "k" },
    )
    expect(config.models[0]?.bedrock).toEqual({ apiKey: "k", region: "us-west-2" })
  })

  it("are combined with endpoint, guardrail and STS endpoint", async () => {
    const params =
      "api_base: 'http://127.0.0.1:1', aws_sts_endpoint: 'https://sts.local', guardrailConfig: { guardrailIdentifier: g, guardrailVersion: 1, trace: enabled }"
    const { config } = await load(list(entry("a", `{ model: "${nova}", ${params} }`)))
    expect(config.models[0]?.bedrock).toEqual({
      endpoint: "http://127.0.0.1:1",
      stsEndpoint: "https://sts.local",
      guardrail: { id: "g", version: "1", trace: "ENABLED" },
    })
  })
})

describe("weights", () => {
  it.each<readonly [string, readonly string[], readonly number[]]>([
    ["are equal by default", ["rpm: 10", "order: 1"], [1, 1]],
    ["are the rpm if all entries have one", ["rpm: 10", "rpm: 30"], [10, 30]],
    ["are the weights if any entry has one", ["rpm: 10, weight: 0", "rpm: 30"], [0, 1]],
  ])("%s", async (_, params, weights) => {
    const { config } = await load(
      list(...params.map((each) => entry("a", `{ model: "${nova}", ${each} }`))),
    )
    expect(config.models.map(({ weight }) => weight)).toEqual(weights)
  })
})

it("region_name and an entry's rpm apply if litellm_params have none", async () => {
  const { config } = await load(
    `model_list: [{ model_name: a, rpm: 7, litellm_params: { model: "${nova}", region_name: eu-west-1 } }]`,
  )
  expect(config.models[0]).toMatchObject({ requestsPerMinute: 7, bedrock: { region: "eu-west-1" } })
})

describe("prices", () => {
  const silent: Transport = {
    name: "silent",
    invoke: () => Promise.reject(new Error("it is only planned")),
    parse: (model) =>
      model.includes("provisioned") ? { id: model, modelId: model, priced: false } : undefined,
  }
  const estimates = async (...entries: readonly string[]): Promise<readonly unknown[]> => {
    const { config } = await load(list(...entries))
    const deployments = await deploymentsOf(config, { transport: () => silent })
    const pictor = createPictor({
      adapters: deployments.map(({ adapter }) => adapter),
      prices: deployments.flatMap(({ prices }) => prices),
    })
    const plans = deployments.map(({ address, modelId }) =>
      pictor.plan({ model: address, prompt: "tea", ...(modelId && { modelId }) }),
    )
    return (await Promise.all(plans)).map(({ estimate }) =>
      estimate.unpricedImages > 0 ? "unknown" : estimate.microUsd,
    )
  }

  it("apply to one deployment only, exactly to the micro-USD, and may be 0", async () => {
    const own = [
      "output_cost_per_image: 0.012345",
      "input_cost_per_image: '1e-6', output_cost_per_image: 0.01",
      "output_cost_per_image: 0",
      "rpm: 1",
    ]
    expect(
      await estimates(
        ...own.map((params) => entry("a", `{ model: "${nova}", ${params} }`)),
        entry("a", nova, "{ output_cost_per_image: 0.5 }"),
      ),
    ).toEqual([12_345, 10_001, 0, 40_000, 500_000])
  })

  it("come before the amount that the provider states for a call", async () => {
    const params = [`{ model: "${nova}", output_cost_per_image: 0.01 }`, nova]
    const { config } = await load(list(...params.map((each) => entry("a", each))))
    const answering: Transport = {
      ...silent,
      invoke: async () => ({ status: 200, headers: {}, body: new TextEncoder().encode("{}") }),
    }
    const stating = (adapter: ImageAdapter): ImageAdapter => ({
      ...adapter,
      decode: () => ({ outcomes: [{ status: "delivered", data: "QUJD" }], microUsd: 777 }),
    })
    const charges = (await deploymentsOf(config, { transport: () => answering })).map(
      async ({ adapter, address }) => {
        const pictor = createPictor({ adapters: [stating(adapter)] })
        return (await pictor.generate({ model: address, prompt: "tea" })).cost.microUsd
      },
    )
    expect(await Promise.all(charges)).toEqual([10_000, 777])
  })

  it("do not apply to other models of the adapter, and litellm_params precede model_info", async () => {
    const { config } = await load(
      list(
        entry(
          "a",
          "{ model: bedrock/stability.stable-image-core-v1:1, output_cost_per_image: 0.1 }",
          "{ output_cost_per_image: 0.2 }",
        ),
      ),
    )
    const [deployment] = await deploymentsOf(config)
    const prices = deployment?.adapter.models.map(({ id, prices: [row] }) => [id, row?.microUsd])
    expect(prices?.filter(([id]) => String(id).endsWith("v1:1"))).toEqual([
      ["stability.stable-image-core-v1:1", 100_000],
      ["stability.stable-image-ultra-v1:1", 140_000],
    ])
  })

  it("differ between deployments of the same profile", async () => {
    const profile = (usd: number): string =>
      `{ model: "bedrock/us.amazon.nova-canvas-v1:0", output_cost_per_image: ${usd} }`
    expect(await estimates(entry("a", profile(0.1)), entry("b", profile(0.2)))).toEqual([
      100_000, 200_000,
    ])
  })

  it("of provisioned models are unknown unless configured", async () => {
    const provisioned = (part: string): string =>
      `{ model: "${nova}", model_id: "arn:aws:bedrock:us-east-1:000000000000:provisioned-model/${part}" }`
    expect(
      await estimates(
        entry("a", provisioned("a0")),
        entry("b", provisioned("b0"), "{ output_cost_per_image: 0.25 }"),
      ),
    ).toEqual(["unknown", 250_000])
  })
})

describe("keys", () => {
  it("that are ignored cause one warning per reason, unknown ones a warning with the nearest name", async () => {
    const text = `${withParams("tpm: 1", "wieght: 3", "mode: image-to-image")}
${entry("b", `{ model: "${nova}", tpm: 2 }`, "{ max_tokens: 3 }")}
general_settings: { alerting: [slack], alert_types: [x], foo: 1 }
router_settings: { routing_strategy: least-busy, redis_host: x }
guardrails: []
whatever: 1
`
    expect((await load(text)).warnings.toSorted()).toEqual([
      "general_settings.alerting, general_settings.alert_types are ignored: define alerts on /metrics.",
      expect.stringMatching(
        /^general_settings\.foo is unknown and ignored\. The nearest name is \w+\.$/,
      ),
      "litellm_params.mode is ignored: set it in the request.",
      "litellm_params.tpm is ignored: limits and prices by token are not configurable.",
      "model_info.max_tokens is ignored: model cards define capabilities and limits.",
      "model_list[0].litellm_params.wieght is unknown and ignored. The nearest name is weight.",
      "router_settings.redis_host is ignored: processes share state through database_url.",
      "router_settings.routing_strategy: least-busy is ignored: order and weight select the deployment, as with simple-shuffle.",
      expect.stringMatching(/^whatever is unknown and ignored\. The nearest name is \w+\.$/),
    ])
  })

  it("cause a warning if a group has different models", async () => {
    const { warnings } = await load(
      list(entry("a", nova), entry("a", "bedrock/stability.stable-image-core-v1:1")),
    )
    expect(warnings).toEqual([
      expect.stringMatching(
        /^a has different models: amazon\.nova-canvas-v1:0, stability\.stable-image-core-v1:1\. /,
      ),
    ])
  })
})
