import { mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createBedrockEmulator } from "@pictor/bedrock-emulator"
import OpenAI, { APIError, toFile } from "openai"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { loadConfig } from "./config/load.ts"
import { type Gateway, type GatewayOptions, startGateway } from "./gateway.ts"

let folder = ""
const open: (() => Promise<unknown>)[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pictor-test-"))
})
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close()
  await rm(folder, { recursive: true })
})

const start = async (options: GatewayOptions = {}) => {
  const lines: string[] = []
  const gateway = await startGateway({
    env: {},
    folder,
    settings: { port: 0 },
    log: { write: (line) => void lines.push(line) },
    ...options,
  })
  open.push(gateway.close)
  return { ...gateway, lines }
}

const profile = "arn:aws:bedrock:eu-west-1:000000000000:application-inference-profile/a0a0a0a0a0a0"

/** The page's own configuration: https://docs.litellm.ai/docs/providers/bedrock_image_gen. */
const startPage = async (file: string) => {
  const emulator = await createBedrockEmulator({ seed: 1, profiles: { [profile]: "amazon.nova-canvas-v1:0" } })
  open.push(emulator.close)
  vi.stubEnv("AWS_BEDROCK_RUNTIME_ENDPOINT", emulator.url)
  vi.stubEnv("AWS_ACCESS_KEY_ID", "from-the-environment")
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret")
  const { config, warnings } = await loadConfig(join(import.meta.dirname, "config/__fixtures__", file), {})
  return { ...(await start({ config, warnings })), emulator }
}

const curl = ({ url }: Pick<Gateway, "url">, body: string): Promise<Response> =>
  fetch(`${url}/v1/images/generations`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: "Bearer $LITELLM_VIRTUAL_KEY" },
    body,
  })

const textToImage = `{
    "model": "amazon.nova-canvas-v1:0",
    "prompt": "A cute baby sea otter"
}`

const colorGuided = `{
    "model": "amazon.nova-canvas-v1:0",
    "prompt": "A cute baby sea otter",
    "taskType": "COLOR_GUIDED_GENERATION",
    "colorGuidedGenerationParams":{"colors":["#FFFFFF"]}
}`

interface Answer {
  readonly created: number
  readonly data: readonly { readonly b64_json: string }[]
}

describe("LiteLLM's page about images on Bedrock", () => {
  it("holds: its configuration and its text-to-image command", async () => {
    const gateway = await startPage("image-generation.yaml")
    expect(gateway.notes.join("\n")).toContain("any bearer is accepted")
    expect(gateway.notes.join("\n")).toContain("aws_access_key_id")
    const response = await curl(gateway, textToImage)
    const { created, data } = (await response.json()) as Answer
    expect(response.status).toBe(200)
    expect(created).toBeGreaterThan(1_700_000_000)
    expect(data).toHaveLength(1)
    expect(data[0]?.b64_json.slice(0, 8)).toBe("iVBORw0K")
    const [call] = gateway.emulator.requests
    expect(call).toMatchObject({
      modelId: "amazon.nova-canvas-v1:0",
      body: { taskType: "TEXT_IMAGE", textToImageParams: { text: "A cute baby sea otter" } },
    })
    expect(call?.headers["authorization"]).toContain("Credential=my-id/")
    const { headers } = response
    expect(headers.get("x-litellm-model-group")).toBe("amazon.nova-canvas-v1:0")
    expect(headers.get("x-litellm-response-cost")).toBe("0.04")
    expect(headers.get("x-litellm-model-region")).toBe("us-east-1")
    expect(headers.get("x-litellm-model-id")).toMatch(/^\w+/)
    expect(headers.get("x-litellm-attempted-retries")).toBe("0")
    expect(headers.get("x-litellm-call-id")).toBe(headers.get("x-request-id"))
  })

  it("holds: its colour-guided command", async () => {
    const gateway = await startPage("image-generation.yaml")
    const response = await curl(gateway, colorGuided)
    const { data } = (await response.json()) as Answer
    expect([response.status, data[0]?.b64_json.slice(0, 8)]).toEqual([200, "iVBORw0K"])
    expect(gateway.emulator.requests[0]?.body).toMatchObject({
      taskType: "COLOR_GUIDED_GENERATION",
      colorGuidedGenerationParams: { colors: ["#FFFFFF"], text: "A cute baby sea otter" },
    })
  })

  it("holds: its inference profile", async () => {
    const gateway = await startPage("inference-profile.yaml")
    const response = await curl(gateway, textToImage.replace("amazon.nova-canvas-v1:0", "nova-canvas-inference-profile"))
    expect([response.status, gateway.emulator.requests[0]?.modelId]).toEqual([200, profile])
  })
})

// The package calls the field a legacy of retired models; these are other models.
const inline = { response_format: "b64_json" } as const
const linked = { response_format: "url" } as const

describe("the openai package", () => {
  const clientOf = ({ url }: Pick<Gateway, "url">) => new OpenAI({ baseURL: `${url}/v1`, apiKey: "any", maxRetries: 0 })

  it("generates, edits and streams", async () => {
    const client = clientOf(await start())
    const { data: response, response: raw } = await client.images
      .generate({ model: "amazon.titan-image-generator-v2:0", prompt: "tea", n: 2, size: "1024x1024", ...inline })
      .withResponse()
    expect(response.data).toHaveLength(2)
    expect(raw.headers.get("x-pictor-cost-usd")).toBe("0.02")
    const png = Buffer.from(response.data?.[0]?.b64_json ?? "", "base64")
    const edited = await client.images.edit({
      model: "amazon.titan-image-generator-v2:0",
      prompt: "at night",
      image: await toFile(png, "in.png", { type: "image/png" }),
    })
    expect(edited.data?.[0]?.b64_json?.slice(0, 8)).toBe("iVBORw0K")
    const types: string[] = []
    for await (const event of await client.images.generate({ model: "stability.sd3-5-large-v1:0", prompt: "tea", stream: true }))
      types.push(event.type)
    expect(types).toEqual(["image_generation.completed"])
  })

  it("gets an image behind a link, which leads to it without a key", async () => {
    const client = clientOf(await start())
    const { data } = await client.images.generate({ model: "stability.sd3-5-large-v1:0", prompt: "tea", ...linked })
    const image = await fetch(data?.[0]?.url ?? "")
    expect([image.status, image.headers.get("content-type")]).toEqual([200, "image/png"])
    expect(
      Buffer.from(await image.arrayBuffer())
        .subarray(1, 4)
        .toString(),
    ).toBe("PNG")
  })

  it("gets errors as it knows them", async () => {
    const client = clientOf(await start())
    const failed = async (work: Promise<unknown>): Promise<readonly unknown[]> => {
      const error = await work.then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      if (!(error instanceof APIError)) throw new Error("It did not fail.")
      return [error.status as unknown, error.code]
    }
    expect(await failed(client.images.generate({ model: "dall-e-2", prompt: "tea" }))).toEqual([404, "model_not_found"])
    expect(await failed(client.images.generate({ model: "stability.sd3-5-large-v1:0", prompt: "[[fault:filtered-input]]" }))).toEqual([
      400,
      "moderation_blocked",
    ])
    expect(await failed(client.images.generate({ model: "stability.sd3-5-large-v1:0", prompt: "[[fault:no-access]]" }))).toEqual([
      502,
      expect.any(String),
    ])
  })
})

describe("without a configuration", () => {
  it("every model is emulated, and it says so", async () => {
    const gateway = await start()
    expect(gateway.notes[0]).toContain("emulated")
    const { data } = await new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: "any" }).models.list()
    expect(data.map(({ id }) => id)).toContain("amazon.nova-canvas-v1:0")
    expect(await readdir(folder)).toEqual([])
  })
})

describe("a stranger", () => {
  it("does not get in without a key where there is a master key", async () => {
    const { config, warnings } = await loadConfig(join(import.meta.dirname, "config/__fixtures__/image-generation.yaml"), {
      LITELLM_MASTER_KEY: "sk-master",
    })
    const gateway = await start({ config, warnings })
    expect((await curl(gateway, textToImage)).status).toBe(401)
    expect((await fetch(`${gateway.url}/v1/models`, { headers: { "api-key": "sk-master" } })).status).toBe(200)
    for (const path of ["/health", "/key/list", "/spend/logs"]) expect([path, (await fetch(gateway.url + path)).status]).toEqual([path, 401])
  })

  it("does not reach a gateway without a master key from elsewhere", async () => {
    await expect(start({ settings: { host: "0.0.0.0", port: 0 } })).rejects.toMatchObject({
      code: "invalid_request",
      message: expect.stringContaining("master_key"),
    })
  })

  it("does not get its page's requests through a browser of this machine", async () => {
    const { url } = await start()
    const ask = async (headers: Record<string, string>) => (await fetch(`${url}/v1/models`, { headers })).status
    expect(await ask({ origin: "https://elsewhere.example" })).toBe(403)
    expect(await ask({ origin: "null" })).toBe(403)
    expect(await ask({ origin: url })).toBe(200)
  })
})

it("starts again on what it kept, and keeps who spent what", async () => {
  const { config, warnings } = await loadConfig(join(import.meta.dirname, "config/__fixtures__/image-generation.yaml"), {
    LITELLM_MASTER_KEY: "sk-master",
  })
  const emulator = await createBedrockEmulator()
  open.push(emulator.close)
  const own = { ...config, models: config.models.map((entry) => ({ ...entry, bedrock: { ...entry.bedrock, endpoint: emulator.url } })) }
  const admin = { authorization: "Bearer sk-master", "content-type": "application/json" }
  const first = await start({ config: own, warnings })
  const made = await fetch(`${first.url}/key/generate`, { method: "POST", headers: admin, body: JSON.stringify({ max_budget: 0.1 }) })
  const { key } = (await made.json()) as { key: string }
  const asKey = ({ url }: Pick<Gateway, "url">): Promise<Response> =>
    fetch(`${url}/v1/images/generations`, { method: "POST", headers: { ...admin, authorization: `Bearer ${key}` }, body: textToImage })
  const response = await asKey(first)
  expect([response.status, response.headers.get("x-litellm-key-spend"), response.headers.get("x-litellm-key-max-budget")]).toEqual([
    200,
    "0.04",
    "0.1",
  ])
  await first.close()
  const second = await start({ config: own, warnings })
  const again = await asKey(second)
  expect([again.status, again.headers.get("x-litellm-key-spend")]).toEqual([200, "0.08"])
  const over = await asKey(second)
  expect([over.status, await over.json()]).toMatchObject([429, { error: { code: "budget_exceeded" } }])
  expect(second.lines.join("")).not.toMatch(/sk-|otter|iVBOR/)
})
