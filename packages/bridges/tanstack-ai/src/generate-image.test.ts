import type { EmulatorOptions } from "@pictor/bedrock-emulator"
import type { ImageResult } from "@pictor/core"
import {
  generateImage,
  type ImagePart,
  type MediaInputMetadata,
  type MediaInputRole,
} from "@tanstack/ai"
import { describe, expect, it } from "vitest"
import { mask, onEmulator, photo } from "./__fixtures__/emulator.ts"
import { createPictorImage } from "./adapter.ts"
import { imageModelMeta } from "./model-meta.ts"
import type { PictorImageOptions } from "./types.ts"

const nova = "amazon.nova-canvas-v1:0"
const core = "stability.stable-image-core-v1:1"
const prompt = "Sri lanka tea plantation."

const start = (emulator: EmulatorOptions = {}, options: PictorImageOptions = {}) => {
  const world = onEmulator(emulator)
  return { ...world, pictorImage: createPictorImage(world.pictor, options) }
}

const logged = () => {
  const lines: string[] = []
  const write = (line: string, meta?: unknown) => {
    lines.push(meta === undefined ? line : `${line} ${JSON.stringify(meta)}`)
  }
  return { lines, logger: { debug: write, info: write, warn: write, error: write } }
}

const part = (value: string, role?: MediaInputRole): ImagePart<MediaInputMetadata> => ({
  type: "image",
  source: value.startsWith("http")
    ? { type: "url", value }
    : { type: "data", value, mimeType: "image/png" },
  ...(role && { metadata: { role } }),
})

const text = { type: "text", content: prompt } as const

const errorOf = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => new Error("nothing was thrown"),
    (error: unknown) => error as Error,
  )

describe("generateImage of TanStack AI", () => {
  it("draws the images of the client, with their cost in dollars", async () => {
    const results: ImageResult[] = []
    await using world = start({}, { onResult: (result) => results.push(result) })
    const { images, model, usage, id } = await generateImage({
      adapter: world.pictorImage(nova),
      prompt,
      numberOfImages: 7,
      size: "512x512",
      modelOptions: { seed: 7, quality: "premium" },
      debug: false,
    })
    const call = { n: 7, size: "512x512", seed: 7, quality: "premium" } as const
    const direct = await world.pictor.generate({ model: nova, prompt, ...call })
    expect(images.map(({ b64Json }) => b64Json)).toEqual(
      direct.images.map((image) => image.base64()),
    )
    const bodies = world.requests.map(({ body }) => body)
    expect(bodies.slice(2)).toEqual(bodies.slice(0, 2))
    expect([model, id]).toEqual([nova, results[0]?.requestIds[0]])
    expect(usage).toMatchObject({
      totalTokens: 0,
      billed: { quantity: 7, unit: "images" },
      cost: direct.cost.microUsd / 1_000_000,
    })
    expect(results[0]?.images.map(({ seed }) => seed)).toEqual(
      direct.images.map(({ seed }) => seed),
    )
  })

  it("takes an aspect ratio as size", async () => {
    await using world = start()
    await generateImage({ adapter: world.pictorImage(core), prompt, size: "16:9" })
    expect(world.requests[0]?.body).toMatchObject({ aspect_ratio: "16:9" })
  })

  it("logs what was adapted, seeds and costs, and never a prompt", async () => {
    await using world = start({ faults: [{ kind: "filtered-some", times: 1 }] })
    const { lines, logger } = logged()
    await generateImage({
      adapter: world.pictorImage(nova),
      prompt,
      numberOfImages: 2,
      size: "1000x1000",
      modelOptions: { steps: 30, seed: 7 },
      debug: { logger },
    })
    const log = lines.join("\n")
    expect(log).toContain("size is snapped: ")
    expect(log).toContain("steps is dropped: ")
    expect(log).toContain("Image 2 of 2 was filtered (output): ")
    expect(log).toContain('"seed":7,"cost":"$0.0')
    expect(log).not.toContain(prompt)
  })

  it("keeps the images if onResult throws", async () => {
    const { lines, logger } = logged()
    const onResult = () => {
      throw new Error("a full disk")
    }
    await using world = start({}, { onResult })
    const adapter = world.pictorImage(core)
    const { images } = await generateImage({ adapter, prompt, debug: { logger } })
    expect(images).toHaveLength(1)
    expect(lines.join("\n")).toContain("onResult threw an error")
  })

  it("edits with a mask as the client does", async () => {
    await using world = start()
    const [image, area] = await Promise.all([photo(), mask()])
    await generateImage({
      adapter: world.pictorImage(nova),
      prompt: [text, part(image), part(area, "mask")],
      modelOptions: { seed: 7 },
      debug: false,
    })
    const request = { model: nova, task: "inpaint", prompt, image, mask: area, seed: 7 } as const
    await world.pictor.generate(request)
    expect(world.requests[0]?.body).toMatchObject({ taskType: "INPAINTING" })
    expect(world.requests[0]?.body).toEqual(world.requests[1]?.body)
  })

  it("varies an image without words, downloaded by the function of the host", async () => {
    const image = Buffer.from(await photo(), "base64")
    const url = "https://example.com/a.png"
    const seen: string[] = []
    const fetchImage = async (from: URL) => {
      seen.push(from.href)
      return image
    }
    await using world = start({}, { fetchImage })
    const adapter = world.pictorImage("us.stability.stable-fast-upscale-v1:0")
    await generateImage({ adapter, prompt: [part(url)], debug: false })
    expect(seen).toEqual([url])
    expect(world.requests[0]?.body).not.toHaveProperty("prompt")
  })

  it("reports a role that the model has no field for", async () => {
    await using world = start()
    const { lines, logger } = logged()
    const image = await photo()
    await generateImage({
      adapter: world.pictorImage(nova),
      prompt: [text, part(image), part(image, "character")],
      debug: { logger },
    })
    expect(lines.join("\n")).toMatch(/references.* is dropped/)
  })

  it("stops at a signal and at a timeout", async () => {
    const faults = [{ kind: "slow-first-byte", delayMs: 60_000 }] as const
    await using world = start({ faults })
    const adapter = world.pictorImage(core)
    const abortSignal = AbortSignal.abort()
    const aborted = errorOf(generateImage({ adapter, prompt, abortSignal, debug: false }))
    expect(await aborted).toMatchObject({ name: "AbortError" })
    const late = errorOf(generateImage({ adapter, prompt, timeout: 100, debug: false }))
    expect(await late).toMatchObject({ name: "TimeoutError" })
  })

  it("leaves out a cost that is not sure", async () => {
    await using world = start()
    const pictor = { ...world.pictor }
    const generate = async (...given: Parameters<typeof pictor.generate>) => {
      const result = await world.pictor.generate(...given)
      return { ...result, cost: { microUsd: 40_000, maybeMicroUsd: 0, unpricedImages: 1 } }
    }
    const adapter = createPictorImage({ ...pictor, generate })(core)
    const { usage } = await generateImage({ adapter, prompt })
    expect(usage).not.toHaveProperty("cost")
    expect(usage?.providerUsageDetails).toMatchObject({ unpricedImages: 1 })
  })

  it("counts the tokens that a provider counts", async () => {
    await using world = start()
    const generate = async (...given: Parameters<typeof world.pictor.generate>) => {
      const result = await world.pictor.generate(...given)
      return { ...result, usage: { inputTextToken: 12, outputImageToken: 1000 } }
    }
    const adapter = createPictorImage({ ...world.pictor, generate })(core)
    const { usage } = await generateImage({ adapter, prompt })
    expect(usage).toMatchObject({ promptTokens: 12, completionTokens: 1000, totalTokens: 1012 })
    expect(usage).not.toHaveProperty("billed")
  })
})

describe("a request that cannot be sent", () => {
  it.each([
    ["an unknown field", { modelOptions: { qualtiy: "hd" } }, "qualtiy"],
    [
      "a field that differs",
      { size: "512x512", modelOptions: { size: "2K" } },
      "modelOptions.size",
    ],
    ["two masks", { prompt: [part("a", "mask"), part("b", "mask")] }, "prompt"],
    ["a frame of a video", { prompt: [text, part("a", "end_frame")] }, "prompt"],
    ["a URL that is not valid", { prompt: [text, part("http://")] }, "prompt"],
    ["a URL without fetchImage", { prompt: [text, part("https://example.com")] }, "image"],
  ])("is an ImageError that names it: %s", async (_, more, path) => {
    await using world = start()
    const adapter = world.pictorImage<string>(nova)
    const drawn = generateImage({ adapter, prompt, debug: false, ...(more as object) })
    expect(await errorOf(drawn)).toMatchObject({ name: "ImageError", issues: [{ path }] })
    expect(world.requests).toHaveLength(0)
  })

  it("is unsupported with a video", async () => {
    await using world = start()
    const adapter = world.pictorImage<string>(nova)
    const video = { type: "video", source: { type: "url", value: "https://example.com" } } as const
    const drawn = generateImage({ adapter, prompt: [text, video], debug: false })
    expect(await errorOf(drawn)).toMatchObject({ code: "unsupported" })
  })
})

describe("imageModelMeta", () => {
  it("lists the models with their inputs and sizes", async () => {
    await using world = start()
    const meta = new Map(imageModelMeta(world.pictor).map((each) => [each.name, each]))
    expect(meta.get(core)).toMatchObject({
      supports: { input: ["text"], output: ["image"], endpoints: ["image-generation"] },
      sizes: expect.arrayContaining(["16:9", "1:1"]),
      lifecycle: "active",
    })
    expect(meta.get(nova)).toMatchObject({
      supports: { input: ["text", "image"], endpoints: ["image-generation", "image-edit"] },
      sizes: [],
    })
    expect(meta.get("stability.stable-fast-upscale-v1:0")?.supports.input).toEqual(["image"])
  })
})
