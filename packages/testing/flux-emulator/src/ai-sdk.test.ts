import { createBlackForestLabs } from "@ai-sdk/black-forest-labs"
import { decode } from "@pictor/emulator-kit"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { mask, scene } from "./__fixtures__/pictures.ts"
import { createFluxEmulator, type FluxEmulator } from "./emulator.ts"

const api = "https://api.bfl.ai"
const delivery = "https://delivery.bfl.example"

let emulator: FluxEmulator

beforeEach(async () => {
  emulator = await createFluxEmulator({ keys: ["bfl_test"] })
})

afterEach(() => emulator.close())

/** The client downloads nothing from this machine, so the emulator's hosts have public names. */
const mapped: typeof fetch = async (input, init) => {
  const url = String(input instanceof Request ? input.url : input)
  const reply = await fetch(
    url.replace(api, emulator.url).replace(delivery, emulator.sampleUrl),
    init,
  )
  if (!reply.headers.get("content-type")?.includes("json")) return reply
  const text = (await reply.text())
    .replaceAll(emulator.url, api)
    .replaceAll(emulator.sampleUrl, delivery)
  return new Response(text, { status: reply.status, headers: reply.headers })
}

const client = (apiKey = "bfl_test") =>
  createBlackForestLabs({ apiKey, fetch: mapped, pollIntervalMillis: 1 })

type Generate = ReturnType<ReturnType<typeof client>["image"]>["doGenerate"]

const request = (changes: Partial<Parameters<Generate>[0]>): Parameters<Generate>[0] => ({
  prompt: "A lighthouse in fog",
  n: 1,
  size: undefined,
  aspectRatio: undefined,
  seed: 7,
  files: undefined,
  mask: undefined,
  providerOptions: {},
  ...changes,
})

const sizeOf = async (image: unknown) => {
  const bytes = image instanceof Uint8Array ? image : new Uint8Array()
  const pixels = await decode(Buffer.from(bytes).toString("base64"))
  return [pixels?.width, pixels?.height]
}

describe("the Black Forest Labs provider of the AI SDK", () => {
  it("generates, and gets seed, cost and megapixels", async () => {
    const options = { width: 512, height: 256 }
    const { images, providerMetadata } = await client()
      .image("flux-pro-1.1")
      .doGenerate(request({ providerOptions: { blackForestLabs: options } }))
    expect(await sizeOf(images[0])).toEqual([512, 256])
    expect(providerMetadata?.["blackForestLabs"]?.images).toEqual([
      expect.objectContaining({ seed: 7, cost: 4, inputMegapixels: 0, outputMegapixels: 0.13 }),
    ])
    expect(emulator.bill()).toMatchObject({ credits: 4, entries: [{ downloads: 1 }] })
  })

  it("edits by words", async () => {
    const data = await scene(256, 192)
    const { images } = await client()
      .image("flux-kontext-pro")
      .doGenerate(
        request({ aspectRatio: "16:9", files: [{ type: "file", mediaType: "image/png", data }] }),
      )
    expect(await sizeOf(images[0])).toEqual([1360, 768])
  })

  it("fills a mask", async () => {
    const data = await scene(256, 192)
    const white = await mask(256, 192, (x) => x < 100)
    const { images } = await client()
      .image("flux-pro-1.0-fill")
      .doGenerate(
        request({
          files: [{ type: "file", mediaType: "image/png", data }],
          mask: { type: "file", mediaType: "image/png", data: white },
        }),
      )
    expect(await sizeOf(images[0])).toEqual([256, 192])
  })

  it.each([
    ["bfl_wrong", {}, "Not authenticated - Invalid Authentication"],
    ["bfl_test", { prompt: "[[fault:no-credits]]" }, "Insufficient credits"],
    ["bfl_test", { prompt: "[[fault:error]]" }, "Black Forest Labs generation failed."],
    ["bfl_test", { aspectRatio: "16:9" as const }, '"loc":["body","aspect_ratio"]'],
  ])("with %s and %j fails: %s", async (key, changes, message) => {
    const generated = client(key).image("flux-pro-1.1").doGenerate(request(changes))
    await expect(generated).rejects.toThrow(message)
  })
})
