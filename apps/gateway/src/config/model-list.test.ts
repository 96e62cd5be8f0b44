import { createPictor } from "@pictor/core"
import type { Transport } from "@pictor/core/adapter"
import { afterAll, describe, expect, it } from "vitest"
import { createFiles, withParams } from "./__fixtures__/files.ts"
import { cards } from "./catalogue.ts"
import { deploymentsOf } from "./deployments.ts"

const files = createFiles()
afterAll(files.remove)
const { load, refusal } = files

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
  ])("%s is %j", async (model, expected) => {
    const { config } = await load(list(entry("a", model)))
    expect(config.models[0]).toMatchObject(expected)
  })

  it("say with a warning where AWS would not know them", async () => {
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

  it("may be an inference profile's ARN where base_model says which model that is", async () => {
    const { config } = await load(list(entry("a", `bedrock/${profile}`, `{ base_model: ${nova} }`)))
    expect(config.models[0]).toMatchObject({
      model: "amazon.nova-canvas-v1:0",
      modelId: profile,
      bedrock: { region: "eu-west-1" },
    })
    const { message } = await refusal(list(entry("a", `bedrock/${profile}`)))
    expect(message).toContain(
      "this ARN does not say which model it is: give the model as model and the ARN as model_id beside it",
    )
  })
})

describe("what is no image model", () => {
  it("is reported and left out of a file that is shared with text models, and so are fallbacks to it", async () => {
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
      "Left out, because they are no image models of Amazon Bedrock: gpt (openai/gpt-5), claude (bedrock/anthropic.claude-opus-5-v1:0).",
      "fallbacks.a: gpt was left out of model_list and is never asked.",
      "fallbacks: gpt was left out of model_list and is never asked.",
    ])
  })

  it("is named with its nearest where it looks like one", async () => {
    const { warnings } = await load(
      list(entry("a", nova), entry("b", "bedrock/amazon.nova-canvas-v1")),
    )
    expect(warnings).toEqual([
      expect.stringMatching(
        /^model_list\[1\]\.litellm_params\.model: b is left out: .*The nearest names are amazon\.nova-canvas-v1:0/,
      ),
    ])
  })

  it.each([
    ["nothing else is there", list(entry("a", "openai/gpt-image-2"))],
    [
      "its mode says that it is one",
      list(
        entry("a", nova),
        entry("b", "bedrock/stability.sd4-v1:0", "{ mode: image_generation }"),
      ),
    ],
  ])("is an error where %s", async (_, text) => {
    expect((await refusal(text)).message).toMatch(
      /litellm_params\.model: is no image model of Amazon Bedrock: .*The nearest names are /,
    )
  })
})

describe("a wildcard", () => {
  it("stands for every model, each in a group of its own, and for their other names", async () => {
    const { config } = await load(list(entry("bedrock/*", "bedrock/us-west-2/*")))
    expect(config.models.map(({ group }) => group)).toEqual(cards.map(({ id }) => `bedrock/${id}`))
    expect(config.models.every(({ bedrock }) => bedrock.region === "us-west-2")).toBe(true)
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
    expect(new Set(deploymentsOf(config).map(({ adapter }) => adapter.transport)).size).toBe(1)
  })

  it("may stand for a part of them, and gives way to a name of its own", async () => {
    const { config } = await load(
      list(entry("*", "bedrock/amazon.titan-*"), entry("image-generator-v1", nova)),
    )
    expect(config.models.map(({ group, model }) => [group, model])).toEqual([
      ["image-generator-v2:0", "amazon.titan-image-generator-v2:0"],
      ["image-generator-v1", "amazon.nova-canvas-v1:0"],
    ])
  })

  it("that stands for no image model is left out like any text model", async () => {
    const { config, warnings } = await load(
      list(entry("a", nova), entry("openai/*", "openai/*"), entry("claude", "bedrock/anthropic.*")),
    )
    expect(config.models.map(({ group }) => group)).toEqual(["a"])
    expect(warnings).toEqual([
      "Left out, because they are no image models of Amazon Bedrock: openai/* (openai/*), claude (bedrock/anthropic.*).",
    ])
    expect((await refusal(list(entry("openai/*", "openai/*")))).message).toContain(
      "model_list[0].litellm_params.model: is no image model of Amazon Bedrock",
    )
  })

  it("needs one star in each name", async () => {
    expect((await refusal(list(entry("all", "bedrock/*")))).message).toContain(
      "model_list[0].model_name: and model need one * each",
    )
  })
})

describe("a deployment's id", () => {
  it("is the same as long as what is called and where is, whatever the secrets, shares and limits", async () => {
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

  it("is numbered where entries differ in secrets alone, and refused where it is given twice", async () => {
    const { config } = await load(
      list(
        entry("a", `{ model: "${nova}", api_key: k }`),
        entry("a", `{ model: "${nova}", api_key: l }`),
        entry("b", nova, "{ id: mine }"),
      ),
    )
    const [first] = config.models
    expect(config.models.map(({ id }) => id)).toEqual([first?.id, `${first?.id}-2`, "mine"])
    const { message } = await refusal(
      list(entry("a", nova, "{ id: x }"), entry("b", nova, "{ id: x }")),
    )
    expect(message).toContain(
      'model_list[1].model_info.id: is another deployment\'s as well; give each its own, given "x"',
    )
  })
})

describe("credentials", () => {
  const role = "arn:aws:iam::000000000000:role/painter"
  it.each<readonly [string, string, object]>([
    ["an API key", "api_key: k", { apiKey: "k" }],
    [
      "temporary access keys",
      "aws_access_key_id: i, aws_secret_access_key: s, aws_session_token: t",
      { credentials: { accessKeyId: "i", secretAccessKey: "s", sessionToken: "t" } },
    ],
    ["a profile", "aws_profile_name: studio", { profile: "studio" }],
    [
      "a role, from a profile",
      `aws_profile_name: studio, aws_role_name: "${role}", aws_session_name: n, aws_external_id: e`,
      { profile: "studio", roleArn: role, sessionName: "n", externalId: "e" },
    ],
    ["a role, from AWS's own chain", `aws_role_name: "${role}"`, { roleArn: role }],
    [
      "a web identity",
      `aws_role_name: "${role}", aws_web_identity_token: jwt, aws_session_name: n`,
      { webIdentity: { roleArn: role, token: "jwt", sessionName: "n" } },
    ],
    [
      "a web identity",
      `aws_role_name: "${role}", aws_web_identity_token: oidc/file//var/token`,
      { webIdentity: { roleArn: role, tokenFile: "/var/token" } },
    ],
    [
      "a web identity",
      `aws_role_name: "${role}", aws_web_identity_token: oidc/env/TOKEN`,
      { webIdentity: { roleArn: role, token: "from-env" } },
    ],
    [
      "a web identity",
      `aws_role_name: "${role}", aws_web_identity_token: oidc/env_path/TOKEN`,
      { webIdentity: { roleArn: role, tokenFile: "from-env" } },
    ],
    ["AWS's own chain", "rpm: 3", {}],
  ])("are %s for { %s }", async (authentication, params, bedrock) => {
    const { config, warnings } = await load(list(entry("a", `{ model: "${nova}", ${params} }`)), {
      TOKEN: "from-env",
    })
    expect([config.models[0], warnings]).toMatchObject([{ authentication, bedrock }, []])
    expect(config.models[0]?.bedrock).toEqual(bedrock)
    expect(deploymentsOf(config)).toHaveLength(1)
  })

  it("count in LiteLLM's order, and what does not count is named", async () => {
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
      "model_list[0].litellm_params: api_key is used and aws_access_key_id, aws_secret_access_key are not, as in LiteLLM; leave one out.",
      "model_list[1].litellm_params: aws_profile_name is used and the access keys are not, as in LiteLLM; leave one out.",
      "model_list[2].litellm_params: aws_session_name without aws_role_name: no effect.",
    ])
  })

  it("may be shared by name, and the entry's own count", async () => {
    const shared =
      "credential_list:\n  - { credential_name: studio, credential_values: { api_key: os.environ/KEY, aws_region_name: us-east-1 }, credential_info: {} }\n"
    const { config } = await load(
      `${list(entry("a", `{ model: "${nova}", litellm_credential_name: studio, aws_region_name: us-west-2 }`))}${shared}`,
      { KEY: "k" },
    )
    expect(config.models[0]?.bedrock).toEqual({ apiKey: "k", region: "us-west-2" })
  })

  it("go with endpoint, guardrail and STS endpoint", async () => {
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

describe("shares", () => {
  it.each<readonly [string, readonly string[], readonly number[]]>([
    ["are alike by default", ["rpm: 10", "order: 1"], [1, 1]],
    ["are requests per minute where all have them", ["rpm: 10", "rpm: 30"], [10, 30]],
    ["are weights where any has one", ["rpm: 10, weight: 0", "rpm: 30"], [0, 1]],
  ])("%s", async (_, params, weights) => {
    const { config } = await load(
      list(...params.map((each) => entry("a", `{ model: "${nova}", ${each} }`))),
    )
    expect(config.models.map(({ weight }) => weight)).toEqual(weights)
  })
})

it("region_name and an entry's own rpm count where litellm_params have none", async () => {
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
    const deployments = deploymentsOf(config, { transport: () => silent })
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

  it("of its own hold for one deployment alone, to the micro-USD, and 0 is one", async () => {
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

  it("of one model leave its family's others alone, and litellm_params go before model_info", async () => {
    const { config } = await load(
      list(
        entry(
          "a",
          "{ model: bedrock/stability.stable-image-core-v1:1, output_cost_per_image: 0.1 }",
          "{ output_cost_per_image: 0.2 }",
        ),
      ),
    )
    const [deployment] = deploymentsOf(config)
    const prices = deployment?.adapter.models.map(({ id, prices: [row] }) => [id, row?.microUsd])
    expect(prices?.filter(([id]) => String(id).endsWith("v1:1"))).toEqual([
      ["stability.stable-image-core-v1:1", 100_000],
      ["stability.stable-image-ultra-v1:1", 140_000],
    ])
  })

  it("differ between deployments that call the same profile", async () => {
    const profile = (usd: number): string =>
      `{ model: "bedrock/us.amazon.nova-canvas-v1:0", output_cost_per_image: ${usd} }`
    expect(await estimates(entry("a", profile(0.1)), entry("b", profile(0.2)))).toEqual([
      100_000, 200_000,
    ])
  })

  it("of provisioned models are unknown unless they are given", async () => {
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
  it("that mean nothing here are reported once, with the reason, and unknown ones with the nearest name", async () => {
    const text = `${withParams("tpm: 1", "wieght: 3", "quality: premium")}
${entry("b", `{ model: "${nova}", tpm: 2 }`, "{ max_tokens: 3 }")}
general_settings: { alerting: [slack], alert_types: [x], foo: 1 }
router_settings: { routing_strategy: least-busy, redis_host: x }
guardrails: []
whatever: 1
`
    expect((await load(text)).warnings.toSorted()).toEqual([
      "general_settings.alerting, general_settings.alert_types: no effect here, alerts are made from /metrics.",
      expect.stringMatching(
        /^general_settings\.foo is unknown and has no effect; the nearest name is \w+\.$/,
      ),
      "guardrails: no effect here, this gateway makes images and nothing else.",
      "litellm_params.quality: no effect here, it is a request's own to say.",
      "litellm_params.tpm: no effect here, images have no tokens.",
      "model_info.max_tokens: no effect here, what a model can do and where it ends is on its card.",
      "model_list[0].litellm_params.wieght is unknown and has no effect; the nearest name is weight.",
      "router_settings.redis_host: no effect here, state is shared through database_url alone.",
      "router_settings.routing_strategy: least-busy: no effect here, deployments are chosen by order and weight, as simple-shuffle does.",
      expect.stringMatching(/^whatever is unknown and has no effect; the nearest name is \w+\.$/),
    ])
  })

  it("that a group's deployments differ by their model is said", async () => {
    const { warnings } = await load(
      list(entry("a", nova), entry("a", "bedrock/stability.stable-image-core-v1:1")),
    )
    expect(warnings).toEqual([
      expect.stringMatching(
        /^a stands for different models, amazon\.nova-canvas-v1:0 and stability\.stable-image-core-v1:1: /,
      ),
    ])
  })
})
