import { afterAll, describe, expect, it } from "vitest"
import { createFiles } from "./__fixtures__/files.ts"
import { deploymentsOf } from "./deployments.ts"

const files = createFiles()
afterAll(files.remove)
const { load, failure } = files

const list = (...entries: readonly string[]): string =>
  `model_list:\n${entries.map((each) => `  - ${each}`).join("\n")}\n`

const entry = (model: string, params = "", info = "", name = "paint"): string =>
  `{ model_name: "${name}", litellm_params: { model: "${model}", ${params} }, model_info: { ${info} } }`

const key = "api_key: k"

describe("a model of an HTTP API", () => {
  it.each([
    [
      "an OpenAI model",
      entry("openai/gpt-image-2", `${key}, organization: org-1`),
      { family: "openai", model: "gpt-image-2", http: { key: "k", organization: "org-1" } },
    ],
    [
      "an OpenAI model without a prefix",
      entry("gpt-image-2", key),
      { family: "openai", model: "gpt-image-2" },
    ],
    [
      "a deployment on Azure",
      entry(
        "azure/drawings",
        `${key}, api_base: "https://r.openai.azure.com/openai/v1/", api_version: "2025-04-01-preview"`,
        "base_model: azure/gpt-image-2",
      ),
      {
        family: "azure",
        model: "gpt-image-2",
        modelId: "drawings",
        http: {
          key: "k",
          baseUrl: "https://r.openai.azure.com",
          apiVersion: "2025-04-01-preview",
        },
      },
    ],
    [
      "a Gemini model",
      entry("gemini/gemini-nano-banana-2.1", key),
      { family: "gemini", model: "gemini-nano-banana-2.1", http: { key: "k" } },
    ],
    [
      "a Gemini model on Vertex AI",
      entry(
        "vertex_ai/gemini-3-pro-image",
        "vertex_project: p, vertex_location: global, vertex_credentials: /keys/p.json",
      ),
      {
        family: "vertex_ai",
        http: { project: "p", location: "global", googleCredentials: "/keys/p.json" },
        credentials: "vertex_credentials",
      },
    ],
    [
      "a model of Black Forest Labs",
      entry("black_forest_labs/flux-2-pro", `${key}, api_base: "https://api.eu.bfl.ai"`),
      { family: "black_forest_labs", http: { key: "k", baseUrl: "https://api.eu.bfl.ai/v1" } },
    ],
    ["a model of xAI", entry("xai/grok-imagine-image-2.0", key), { family: "xai" }],
  ])("is read: %s", async (_name, written, expected) => {
    const { config, warnings } = await load(list(written))
    expect([config.models, warnings]).toMatchObject([[expected], []])
    expect(await deploymentsOf(config)).toHaveLength(1)
  })

  it.each([
    ["openai/gpt-image-2", "OPENAI_API_KEY", {}],
    ["gemini/gemini-nano-banana-2.1", "GEMINI_API_KEY", {}],
    ["black_forest_labs/flux-2-pro", "BFL_API_KEY", {}],
    ["xai/grok-imagine-image-2.0", "XAI_API_KEY", {}],
    ["azure/gpt-image-2", "AZURE_API_KEY", { AZURE_API_BASE: "https://r.openai.azure.com" }],
  ])(
    "takes the key of %s from %s, and names that variable without it",
    async (model, name, more) => {
      const { config } = await load(list(entry(model)), { ...more, [name]: "from-the-environment" })
      expect(config.models[0]?.http?.key).toBe("from-the-environment")
      const { message } = await failure(list(entry(model)), more)
      expect(message).toContain(`model_list[0].litellm_params.api_key: is missing`)
      expect(message).toContain(name)
    },
  )

  it.each([
    [
      "a deployment on Azure without its model",
      entry("azure/drawings", `${key}, api_base: "https://r.openai.azure.com"`),
      "Set model_info.base_model to it",
    ],
    [
      "Azure without an address",
      entry("azure/gpt-image-2", key),
      "api_base: is missing; set it, or the environment variable AZURE_API_BASE",
    ],
    [
      "an unknown model",
      entry("openai/gpt-image-9", key),
      "There is no image model “gpt-image-9” of OpenAI. The nearest names are",
    ],
    [
      "an unknown prefix",
      entry("palette/one", key, "mode: image_generation"),
      "Known prefixes: bedrock, openai, azure, gemini, vertex_ai, black_forest_labs, xai",
    ],
    [
      "the address of a route",
      entry("openai/gpt-image-2", `${key}, api_base: "https://x.example/v1/images/generations"`),
      "api_base: must end before /images",
    ],
    [
      "Vertex AI without a project",
      entry("vertex_ai/gemini-3-pro-image"),
      "vertex_project: is missing; set it, or the environment variable VERTEXAI_PROJECT",
    ],
    [
      "a server without an address",
      entry("hosted_vllm/qwen-image", "", "mode: image_generation"),
      "api_base: is missing; set it, or the environment variable HOSTED_VLLM_API_BASE",
    ],
    [
      "a guardrail of another provider",
      entry(
        "openai/gpt-image-2",
        `${key}, guardrailConfig: { guardrailIdentifier: g, guardrailVersion: "1" }`,
      ),
      "guardrailConfig: applies to models of Bedrock only",
    ],
  ])("is rejected with the remedy: %s", async (_name, written, message) => {
    expect((await failure(list(written))).message.replaceAll('"', "“")).toContain(
      message.replaceAll("”", "“"),
    )
  })

  it("warns of the parameters of another provider", async () => {
    const { warnings } = await load(
      list(
        entry("openai/gpt-image-2", `${key}, aws_region_name: us-east-1, api_version: "1"`),
        entry("bedrock/amazon.nova-canvas-v1:0", "vertex_project: p", "", "other"),
      ),
    )
    expect(warnings).toEqual([
      "model_list[0].litellm_params: aws_region_name, api_version are ignored for openai models.",
      "model_list[1].litellm_params: vertex_project is ignored for bedrock models.",
    ])
  })
})

describe("a model of a server of the user", () => {
  const base = 'api_base: "http://127.0.0.1:8000/v1"'

  it("has the card that model_info.pictor describes", async () => {
    const { config } = await load(
      list(
        entry(
          "hosted_vllm/Qwen/Qwen-Image",
          base,
          'pictor: { sizes: ["1024x1024"], seed: true, microUsd: 0 }',
        ),
      ),
    )
    const [deployment] = await deploymentsOf(config)
    expect(deployment).toMatchObject({ model: "Qwen/Qwen-Image", ownedBy: "hosted_vllm" })
    const [card] = deployment?.adapter.models ?? []
    expect(card?.prices).toMatchObject([{ microUsd: 0 }])
    expect(Object.keys(card?.tasks["text-to-image"]?.fields ?? {})).toContain("seed")
  })

  it("has a prompt, a number and a size and no price without a description", async () => {
    const { config } = await load(
      list(entry("openai/qwen-image", `${base}, ${key}`, "mode: image_generation")),
    )
    const [deployment] = await deploymentsOf(config)
    const [card] = deployment?.adapter.models ?? []
    expect(Object.keys(card?.tasks["text-to-image"]?.fields ?? {}).toSorted()).toEqual([
      "n",
      "prompt",
      "size",
    ])
    expect(card?.prices).toEqual([])
  })

  it("is skipped if nothing says that it makes images", async () => {
    const { config, warnings } = await load(
      list(entry("hosted_vllm/llama", base, "", "chat"), entry("openai/gpt-image-2", key)),
    )
    expect(config.models).toHaveLength(1)
    expect(warnings).toEqual([
      "Skipped, because they are not image models: chat (hosted_vllm/llama).",
    ])
  })

  it("is rejected with an unknown setting in its description", async () => {
    const { message } = await failure(list(entry("hosted_vllm/a", base, "pictor: { size: 1024 }")))
    expect(message).toMatch(/model_info\.pictor/)
  })
})

describe("a wildcard of another family", () => {
  it("becomes one group for each of its models", async () => {
    const { config } = await load(list(entry("gemini/*", key, "", "gemini/*")))
    expect(config.models.map(({ group }) => group)).toContain("gemini/gemini-nano-banana-2.1")
    expect(config.router.aliases["gemini-nano-banana-2.1"]).toMatchObject({ hidden: true })
  })
})
