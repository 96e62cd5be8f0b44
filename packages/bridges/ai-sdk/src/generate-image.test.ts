import type { EmulatorOptions } from "@pictor/bedrock-emulator"
import { memoryLedger, type PictorOptions } from "@pictor/core"
import type { ImageAdapter } from "@pictor/core/adapter"
import { sharpImages } from "@pictor/images"
import { createProviderRegistry, generateImage, NoImageGeneratedError } from "ai"
import { createProviderRegistry as createRegistry6, generateImage as generateImage6 } from "ai6"
import { beforeAll, describe, expect, it } from "vitest"
import { blackAndWhiteMask, onEmulator, photo, transparentMask } from "./__fixtures__/emulator.ts"
import { createPictorProvider } from "./provider.ts"
import type { PictorProviderOptions } from "./types.ts"

const nova = "amazon.nova-canvas-v1:0"
const prompt = "Sri lanka tea plantation."

beforeAll(() => {
  globalThis.AI_SDK_LOG_WARNINGS = false
})

type Call = Omit<Parameters<typeof generateImage6>[0], "model"> & { readonly model?: string }
type Client = Partial<PictorOptions<readonly ImageAdapter[]>>

const versions = [
  {
    sdk: "ai 7",
    start: (emulator: EmulatorOptions = {}, client: Client = {}, options: Options = {}) => {
      const world = onEmulator(emulator, client)
      const provider = createPictorProvider(world.pictor, options)
      const draw = async ({ model = nova, ...call }: Call) => {
        const made = await generateImage({ model: provider.imageModel(model), ...call })
        const { image, images, warnings } = made
        const metadata = images.map(({ providerMetadata }) => providerMetadata?.["pictor"])
        return { image, images, warnings, metadata }
      }
      return { ...world, draw }
    },
  },
  {
    sdk: "ai 6",
    start: (emulator: EmulatorOptions = {}, client: Client = {}, options: Options = {}) => {
      const world = onEmulator(emulator, client)
      const provider = createPictorProvider(world.pictor, {
        ...options,
        specificationVersion: "v3",
      })
      const draw = async ({ model = nova, ...call }: Call) => {
        const made = await generateImage6({ model: provider.imageModel(model), ...call })
        const { image, images, warnings, providerMetadata } = made
        return { image, images, warnings, metadata: providerMetadata["pictor"]?.images }
      }
      return { ...world, draw }
    },
  },
] as const
type Options = Omit<PictorProviderOptions, "specificationVersion">

const errorOf = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => new Error("nothing was thrown"),
    (error: unknown) => error as Error,
  )

describe.each(versions)("generateImage of $sdk", ({ start }) => {
  it("draws the images of the client, with its split and its seeds", async () => {
    await using world = start()
    const call = { n: 7, size: "512x512", seed: 7 } as const
    const { images, metadata, warnings } = await world.draw({ prompt, ...call })
    const direct = await world.pictor.generate({ model: nova, prompt, ...call })
    expect(images.map(({ uint8Array }) => Buffer.from(uint8Array).toString("base64"))).toEqual(
      direct.images.map((image) => image.base64()),
    )
    const [first, second, ...repeated] = world.requests.map(({ body }) => body)
    expect(repeated).toEqual([first, second])
    expect(metadata).toEqual(
      direct.images.map(({ seed }, index) => ({
        finishReason: "stop",
        cost: direct.slots[index]?.cost,
        seed,
        mediaType: "image/png",
        width: 512,
        height: 512,
      })),
    )
    expect(warnings).toContainEqual({
      type: "compatibility",
      feature: "n",
      details: "7 is now 5+2: the model makes at most 5 per call",
    })
  })

  it("reports what is adapted, and passes the options on", async () => {
    await using world = start()
    const { warnings } = await world.draw({
      prompt,
      size: "1000x1000",
      seed: 0,
      providerOptions: {
        pictor: { quality: "hd", negativePrompt: "people", steps: 30, style: null },
        openai: { style: "vivid" },
      },
    })
    expect(world.requests[0]?.body).toMatchObject({
      textToImageParams: { text: prompt, negativeText: "people" },
      imageGenerationConfig: { quality: "premium", width: 992, height: 992, seed: 0 },
    })
    expect(warnings).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          type: "compatibility",
          feature: "size",
          details: expect.stringContaining("1000x1000 is now 992x992: "),
        }),
        expect.objectContaining({ type: "unsupported", feature: "steps" }),
      ]),
    )
  })

  it("asks for an aspect ratio", async () => {
    await using world = start()
    await world.draw({ prompt, aspectRatio: "16:9" })
    expect(world.requests[0]?.body).toMatchObject({
      imageGenerationConfig: { width: 1360, height: 768 },
    })
  })

  it("edits with a black and white mask as the client does", async () => {
    await using world = start()
    const [image, mask] = await Promise.all([photo(), blackAndWhiteMask()])
    await world.draw({ prompt: { text: prompt, images: [image], mask }, seed: 7 })
    await world.pictor.generate({ model: nova, task: "inpaint", prompt, image, mask, seed: 7 })
    expect(world.requests[0]?.body).toMatchObject({ taskType: "INPAINTING" })
    expect(world.requests[0]?.body).toEqual(world.requests[1]?.body)
  })

  it("reads a transparent mask with image operations", async () => {
    await using world = start({}, {}, { imageOps: sharpImages() })
    const image = await photo()
    const masks = [await transparentMask(), await blackAndWhiteMask()]
    for (const mask of masks) await world.draw({ prompt: { images: [image], mask }, seed: 7 })
    expect(world.requests[0]?.body).toEqual(world.requests[1]?.body)
  })

  it("varies an image without a mask", async () => {
    await using world = start()
    await world.draw({ prompt: { text: prompt, images: [await photo()] } })
    expect(world.requests[0]?.body).toMatchObject({ taskType: "IMAGE_VARIATION" })
  })

  it("returns the images beside a filtered one, and says which is missing", async () => {
    await using world = start({ faults: [{ kind: "filtered-some", count: 1, times: 1 }] })
    const { images, metadata, warnings } = await world.draw({ prompt, n: 7, seed: 7 })
    expect(images).toHaveLength(6)
    expect(metadata).toHaveLength(6)
    expect(warnings).toContainEqual({
      type: "other",
      message: expect.stringMatching(/^Image 5 of 7 is missing: filtered \(output\): /),
    })
    expect(world.requests).toHaveLength(2)
  })

  it("stops at a signal, calls once, and says what was in progress", async () => {
    await using world = start({ faults: [{ kind: "slow-first-byte", delayMs: 60_000 }] })
    const controller = new AbortController()
    const drawn = errorOf(world.draw({ prompt, abortSignal: controller.signal }))
    await expect.poll(() => world.requests.length).toBe(1)
    controller.abort()
    const error = await drawn
    expect(error).toMatchObject({ name: "AbortError", cause: { code: "aborted" } })
    expect(error.message).not.toContain(prompt)
    expect(world.requests).toHaveLength(1)
  })

  it("runs once under an Idempotency-Key, and names the headers that it does not send", async () => {
    const images = new Map<string, { bytes: Uint8Array; mediaType: string }>()
    await using world = start(
      {},
      {
        ledger: memoryLedger({ maxRows: 100 }),
        imageStore: {
          put: async (key, image) => {
            images.set(key, { bytes: image.bytes(), mediaType: image.mediaType })
          },
          get: async (key) => images.get(key),
          url: async () => undefined,
        },
      },
    )
    const headers = { "Idempotency-Key": "one", "x-team": "garden" }
    const first = await world.draw({ prompt, headers })
    const second = await world.draw({ prompt, headers })
    expect(world.requests).toHaveLength(1)
    expect(second.image.base64).toBe(first.image.base64)
    expect(first.warnings).toContainEqual(
      expect.objectContaining({ type: "unsupported", feature: "headers.x-team" }),
    )
  })

  it("splits above the largest n of the client", async () => {
    await using world = start({}, { maxImages: 2 })
    const { images } = await world.draw({ prompt, n: 3 })
    expect(images).toHaveLength(3)
    expect(world.requests).toHaveLength(2)
  })

  it("repeats a throttled request as the client does, then as the caller says", async () => {
    await using world = start({ faults: [{ kind: "throttle", times: 2 }] })
    const { images } = await world.draw({ prompt, maxRetries: 0 })
    expect(images).toHaveLength(1)
    expect(world.requests).toHaveLength(3)
  })
})

describe("a request whose images are all filtered", () => {
  it("is no image and not repeated in ai 7, with the reason and the cost", async () => {
    await using world = versions[0].start({ faults: [{ kind: "filtered-output" }] })
    const error = await errorOf(world.draw({ prompt }))
    expect(NoImageGeneratedError.isInstance(error) && error.calls).toMatchObject([
      {
        images: [],
        warnings: [{ type: "other", message: expect.stringContaining("filtered every image") }],
        providerMetadata: {
          pictor: {
            lost: [{ index: 0, finishReason: "content-filter" }],
            cost: { microUsd: 0 },
          },
        },
      },
    ])
    expect(world.requests).toHaveLength(1)
  })

  it("is an APICallError and not repeated in ai 6", async () => {
    await using world = versions[1].start({ faults: [{ kind: "filtered-output" }] })
    expect(await errorOf(world.draw({ prompt }))).toMatchObject({
      name: "AI_APICallError",
      isRetryable: false,
      data: { code: "content_filtered", stage: "output" },
    })
    expect(world.requests).toHaveLength(1)
  })
})

describe("a registry", () => {
  it("finds the models of ai 7", async () => {
    await using world = onEmulator()
    const registry = createProviderRegistry({ pictor: createPictorProvider(world.pictor) })
    const model = registry.imageModel("pictor:stability.stable-image-core-v1:1")
    expect((await generateImage({ model, prompt })).images).toHaveLength(1)
  })

  it("finds the models of ai 6", async () => {
    await using world = onEmulator()
    const provider = createPictorProvider(world.pictor, { specificationVersion: "v3" })
    const model = createRegistry6({ pictor: provider }).imageModel(`pictor:${nova}`)
    expect((await generateImage6({ model, prompt })).images).toHaveLength(1)
  })
})
