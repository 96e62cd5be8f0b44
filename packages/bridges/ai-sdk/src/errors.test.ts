import { APICallError, type ImageModelV4CallOptions, NoSuchModelError } from "@ai-sdk/provider"
import type { FaultKind } from "@pictor/bedrock-emulator"
import { ImageError } from "@pictor/core"
import { describe, expect, it } from "vitest"
import { onEmulator, photo, transparentMask } from "./__fixtures__/emulator.ts"
import { toSdkError } from "./errors.ts"
import { createPictorProvider } from "./provider.ts"
import type { PictorProviderOptions } from "./types.ts"

const secret = "the words of a secret prompt"
const call: ImageModelV4CallOptions = {
  prompt: secret,
  n: 1,
  size: undefined,
  aspectRatio: undefined,
  seed: undefined,
  files: undefined,
  mask: undefined,
  providerOptions: {},
}
const nova = "amazon.nova-canvas-v1:0"
const url = { type: "url", url: "https://example.com/a.png" } as const

interface World {
  readonly fault?: FaultKind
  readonly model?: string
  readonly maxImages?: number
  readonly options?: Omit<PictorProviderOptions, "specificationVersion">
}

/** The error of a call, and how many requests it made. */
const fail = async (
  more: Partial<ImageModelV4CallOptions>,
  { fault, model = nova, maxImages = 100, options = {} }: World = {},
) => {
  const faults = fault === undefined ? [] : [{ kind: fault }]
  await using world = onEmulator({ faults }, { maxImages })
  const error: unknown = await createPictorProvider(world.pictor, options)
    .imageModel(model)
    .doGenerate({ ...call, ...more })
    .then(
      () => "nothing was thrown",
      (thrown: unknown) => thrown,
    )
  return { error, requests: world.requests.length }
}

describe("a request that cannot be sent", () => {
  it.each<readonly [string, Partial<ImageModelV4CallOptions>, World, object]>([
    [
      "an unknown model",
      {},
      { model: "acme.none" },
      { name: "AI_NoSuchModelError", modelId: "acme.none", modelType: "imageModel" },
    ],
    [
      "more images than the client takes",
      { n: 8 },
      { maxImages: 7 },
      { name: "AI_InvalidArgumentError", argument: "n" },
    ],
    [
      "an unknown option",
      { providerOptions: { pictor: { qualtiy: "hd" } } },
      {},
      { name: "AI_InvalidArgumentError", argument: "qualtiy" },
    ],
    [
      "an option that differs from the call",
      { size: "512x512", providerOptions: { pictor: { size: "2K" } } },
      {},
      { name: "AI_InvalidArgumentError", argument: "providerOptions.pictor.size" },
    ],
    [
      "a loss under the strict policy",
      { size: "1000x1000", providerOptions: { pictor: { policy: "strict" } } },
      {},
      { name: "AI_UnsupportedFunctionalityError", functionality: "size" },
    ],
    [
      "an image by URL",
      { files: [url] },
      {},
      { name: "AI_UnsupportedFunctionalityError", functionality: "image" },
    ],
    [
      "an invalid URL",
      { files: [{ ...url, url: "http://" }] },
      { options: { fetchImage: async () => new Uint8Array() } },
      { name: "AI_InvalidArgumentError", argument: "files.0" },
    ],
  ])("is a typed error with its cause: %s", async (_, more, world, expected) => {
    const { error, requests } = await fail(more, world)
    expect(error).toMatchObject({ ...expected, cause: { name: "ImageError" } })
    expect(String(error)).not.toContain(secret)
    expect(requests).toBe(0)
  })

  it("is unsupported if the mask is transparent and cannot be read", async () => {
    const [data, mask] = await Promise.all([photo(), transparentMask()])
    const file = { type: "file", mediaType: "image/png" } as const
    const { error } = await fail({ files: [{ ...file, data }], mask: { ...file, data: mask } })
    expect(error).toMatchObject({ functionality: "mask" })
  })
})

describe("a failed call", () => {
  it.each<readonly [FaultKind, object]>([
    ["throttle", { statusCode: 429, isRetryable: true, data: { code: "rate_limited" } }],
    ["unavailable", { statusCode: 503, isRetryable: true, data: { code: "unavailable" } }],
    ["no-access", { statusCode: 403, isRetryable: false, data: { code: "forbidden" } }],
    ["retired", { statusCode: 404, isRetryable: false, data: { code: "model_retired" } }],
    ["unknown-model", { isRetryable: false, data: { code: "model_not_found" } }],
    ["cut", { isRetryable: false, data: { maybeBilled: true } }],
    ["malformed", { isRetryable: false, data: { code: "invalid_response" } }],
  ])("is an APICallError that says whether to repeat it: %s", async (fault, expected) => {
    const { error } = await fail({ n: 2 }, { fault })
    expect(APICallError.isInstance(error)).toBe(true)
    expect(error).toMatchObject({
      ...expected,
      url: `pictor:${nova}`,
      requestBodyValues: { model: nova, n: 2 },
      cause: { name: "ImageError" },
    })
    expect(JSON.stringify(error)).not.toContain(secret)
  })

  it("says when to repeat it", () => {
    const error = new ImageError({ code: "rate_limited", message: "busy", retryAfterMs: 1500 })
    expect(toSdkError(error, nova, 1)).toMatchObject({
      responseHeaders: { "retry-after-ms": "1500" },
    })
  })

  it("keeps the name of a signal's timeout", async () => {
    const { error } = await fail({ abortSignal: AbortSignal.timeout(50) }, { fault: "timeout" })
    expect(error).toMatchObject({ name: "TimeoutError", cause: { name: "ImageError" } })
  })

  it("ends at the time limit of the options", async () => {
    const { error } = await fail(
      { providerOptions: { pictor: { timeoutMs: 50 } } },
      { fault: "timeout" },
    )
    expect(error).toMatchObject({ statusCode: 408, isRetryable: false, data: { code: "timeout" } })
  })
})

describe("createPictorProvider", () => {
  it("has image models only", () => {
    const provider = createPictorProvider(onEmulator().pictor)
    for (const make of [provider.languageModel, provider.embeddingModel])
      expect(() => make("gpt")).toThrow(NoSuchModelError)
  })

  it("rejects an unknown option", () => {
    const { pictor } = onEmulator()
    expect(() => createPictorProvider(pictor, { version: "v3" } as object)).toThrow("version")
  })

  it.each([
    [nova, { supportsFileInputs: true, supportsMaskInputs: true }],
    ["stability.stable-image-core-v1:1", { supportsFileInputs: false, supportsMaskInputs: false }],
    [
      "us.stability.stable-image-control-sketch-v1:0",
      { supportsFileInputs: true, supportsMaskInputs: false },
    ],
  ])("says which inputs a model takes: %s", (id, expected) => {
    const { pictor } = onEmulator()
    expect(createPictorProvider(pictor).imageModel(id)).toMatchObject({
      ...expected,
      provider: "pictor",
      modelId: id,
      maxImagesPerCall: 100,
    })
  })

  it("does not say it of a name that the client does not list", () => {
    const model = createPictorProvider(onEmulator().pictor).image("my-alias")
    expect(model).not.toHaveProperty("supportsFileInputs")
  })

  it("downloads an image by the function of the host", async () => {
    await using world = onEmulator()
    const seen: URL[] = []
    const image = await photo()
    const provider = createPictorProvider(world.pictor, {
      fetchImage: async (from) => {
        seen.push(from)
        return image
      },
    })
    const { images } = await provider.imageModel(nova).doGenerate({ ...call, files: [url] })
    expect(images).toHaveLength(1)
    expect(seen.map(String)).toEqual([url.url])
  })
})
