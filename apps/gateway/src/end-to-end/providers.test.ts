import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createGeminiEmulator } from "@pictor/gemini-emulator"
import { createOpenAiEmulator } from "@pictor/openai-emulator"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { emulatedConfig } from "../config/emulated.ts"
import { type Gateway, startGateway } from "../gateway.ts"

const seen: (() => Promise<unknown>)[] = []
let gateway: Gateway

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "pictor-providers-"))
  const openai = await createOpenAiEmulator({
    faults: [{ kind: "not-verified", model: "gpt-image-2" }],
  })
  const gemini = await createGeminiEmulator()
  const config = await emulatedConfig({
    openai: `${openai.url}/v1`,
    gemini: `${gemini.url}/v1beta`,
    xai: `${openai.url}/v1`,
  })
  gateway = await startGateway({
    config: {
      ...config,
      path: "config.yaml",
      router: { ...config.router, fallbacks: { "gpt-image-2": ["gemini-nano-banana-2.1"] } },
      general: {
        ...config.general,
        masterKey: "sk-master",
        databaseUrl: `file:${join(folder, "g.db")}`,
      },
    },
    env: {},
    folder,
    settings: { port: 0 },
    log: { write: () => undefined },
  })
  seen.push(gateway.close, openai.close, gemini.close, () => rm(folder, { recursive: true }))
})

afterAll(async () => {
  for (const close of seen) await close()
})

const headers = { authorization: "Bearer sk-master", "content-type": "application/json" }

const generate = async (model: string) => {
  const response = await fetch(`${gateway.url}/v1/images/generations`, {
    method: "POST",
    headers,
    body: JSON.stringify({ model, prompt: "tea", size: "1024x1024" }),
  })
  return { response, body: (await response.json()) as Record<string, unknown> }
}

describe("a gateway with several providers", () => {
  it("falls back from one provider to another with the same request", async () => {
    const { response, body } = await generate("gpt-image-2")
    expect([response.status, response.headers.get("x-pictor-model"), body]).toMatchObject([
      200,
      "gemini-nano-banana-2.1",
      { pictor: { model: "gemini-nano-banana-2.1" } },
    ])
  })

  it("streams the preliminary pictures that were requested before the image", async () => {
    const response = await fetch(`${gateway.url}/v1/images/generations`, {
      method: "POST",
      headers,
      body: JSON.stringify({
        model: "gpt-image-2.6-flare",
        prompt: "tea",
        size: "1024x1024",
        stream: true,
        partial_images: 2,
      }),
    })
    const events = (await response.text()).split("\n\n").filter((text) => text !== "")
    const parsed = events.map(
      (text) => JSON.parse(text.slice(text.indexOf("data: ") + 6)) as { readonly b64_json: string },
    )
    expect(parsed).toMatchObject([
      { type: "image_generation.partial_image", partial_image_index: 0, size: "1024x1024" },
      { type: "image_generation.partial_image", partial_image_index: 1, size: "1024x1024" },
      { type: "image_generation.completed", size: "1024x1024" },
    ])
    expect(parsed.map(({ b64_json }) => atob(b64_json).slice(1, 4))).toEqual(["PNG", "PNG", "PNG"])
  })

  it("reports the provider's count of tokens", async () => {
    const { body } = await generate("gpt-image-2.6-flare")
    expect(body["usage"]).toMatchObject({
      input_tokens: expect.any(Number),
      output_tokens_details: { text_tokens: 0 },
    })
    expect((body["usage"] as { output_tokens: number }).output_tokens).toBeGreaterThan(0)
  })

  it("names the vendor of a model", async () => {
    const response = await fetch(`${gateway.url}/v1/models`, { headers })
    const { data } = (await response.json()) as { data: { id: string; owned_by: string }[] }
    const owners = Object.fromEntries(data.map(({ id, owned_by: owner }) => [id, owner]))
    expect(owners).toMatchObject({
      "gpt-image-2": "openai",
      "gemini-nano-banana-2.1": "google",
      "grok-imagine-image-2.0": "xai",
    })
  })

  it("records each call under LiteLLM's name of its provider, with its tokens", async () => {
    const { response } = await generate("gemini-nano-banana-2.1")
    const id = response.headers.get("x-litellm-call-id")
    const found = await fetch(`${gateway.url}/spend/logs?request_id=${id}`, { headers })
    const [row] = (await found.json()) as Record<string, number>[]
    expect(row).toMatchObject({
      custom_llm_provider: "gemini",
      provider: "google",
      usage: { outputImageToken: expect.any(Number) as number },
    })
    expect(row?.["completion_tokens"]).toBeGreaterThan(0)
  })
})
