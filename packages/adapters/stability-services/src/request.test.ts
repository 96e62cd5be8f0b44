import { checkBody } from "@pictor/bedrock-emulator"
import { createPictor, type JsonObject } from "@pictor/core"
import { describe, expect, test } from "vitest"
import { cutOut, image, mask } from "./__fixtures__/images.ts"
import { stabilityServices } from "./index.ts"
import { models } from "./models.ts"

const pictor = createPictor({
  adapters: [
    stabilityServices({ name: "none", invoke: () => Promise.reject(new Error("no network")) }),
  ],
})
const idOf = (name: string): string => `stability.stable-${name}-v1:0`
const planOf = (service: string, request: JsonObject) =>
  pictor.plan({ model: idOf(service), ...request })

const prompt = "tea"
const words = { prompt, negativePrompt: "fog" }
const wired = { prompt, negative_prompt: "fog" }
const look = { style: "neon punk", outputFormat: "webp", seed: 7 }
const wiredLook = { style_preset: "neon-punk", output_format: "webp", seed: 7 }
const plain = { seed: 7, output_format: "png" }

const cases: readonly {
  readonly service: string
  readonly task: string
  readonly request: JsonObject
  readonly body: JsonObject
}[] = [
  {
    service: "image-inpaint",
    task: "inpaint",
    request: { ...words, ...look, image, mask, options: { grow_mask: 20 } },
    body: { ...wired, ...wiredLook, image, mask, grow_mask: 20 },
  },
  // Without a mask the service changes the transparent area.
  {
    service: "image-inpaint",
    task: "inpaint",
    request: { prompt, seed: 7, image: cutOut },
    body: { prompt, ...plain, image: cutOut },
  },
  {
    service: "image-erase-object",
    task: "erase",
    request: { seed: 7, image, mask },
    body: { ...plain, image, mask },
  },
  {
    service: "image-search-replace",
    task: "replace",
    request: { ...words, ...look, image, maskPrompt: "the disc", options: { grow_mask: 0 } },
    body: { ...wired, ...wiredLook, image, search_prompt: "the disc", grow_mask: 0 },
  },
  {
    service: "image-search-recolor",
    task: "recolor",
    request: { ...words, ...look, image, maskPrompt: "the disc" },
    body: { ...wired, ...wiredLook, image, select_prompt: "the disc" },
  },
  {
    service: "image-remove-background",
    task: "remove-background",
    request: { image },
    body: { image, output_format: "png" },
  },
  {
    service: "image-control-sketch",
    task: "control",
    request: { ...words, ...look, image, control: "sketch" },
    body: { ...wired, ...wiredLook, image, control_strength: 0.7 },
  },
  {
    service: "image-control-structure",
    task: "control",
    request: { prompt, seed: 7, image, control: "structure", controlStrength: 0 },
    body: { prompt, ...plain, image, control_strength: 0 },
  },
  {
    service: "image-style-guide",
    task: "style-guide",
    request: { ...words, ...look, styleImage: image, strength: 0.9, aspectRatio: "21:9" },
    body: { ...wired, ...wiredLook, image, fidelity: 0.9, aspect_ratio: "21:9" },
  },
  {
    service: "image-style-guide",
    task: "style-guide",
    request: { prompt, seed: 7, styleImage: image },
    body: { prompt, ...plain, image, fidelity: 0.5, aspect_ratio: "1:1" },
  },
  // The only service whose image is `init_image`.
  {
    service: "style-transfer",
    task: "style-transfer",
    request: {
      ...words,
      seed: 7,
      image,
      styleImage: cutOut,
      strength: 0.25,
      options: { composition_fidelity: 0, change_strength: 0.1 },
    },
    body: {
      ...wired,
      ...plain,
      init_image: image,
      style_image: cutOut,
      style_strength: 0.25,
      composition_fidelity: 0,
      change_strength: 0.1,
    },
  },
  {
    service: "outpaint",
    task: "outpaint",
    request: {
      prompt,
      ...look,
      image,
      margins: { left: 2000, right: 1, down: 0 },
      options: { creativity: 1 },
    },
    body: { prompt, ...wiredLook, image, left: 2000, right: 1, down: 0, creativity: 1 },
  },
  {
    service: "fast-upscale",
    task: "upscale",
    request: { image, upscale: "fast" },
    body: { image, output_format: "png" },
  },
  {
    service: "conservative-upscale",
    task: "upscale",
    request: { ...words, seed: 7, image, upscale: "conservative", options: { creativity: 0.5 } },
    body: { ...wired, ...plain, image, creativity: 0.5 },
  },
  {
    service: "creative-upscale",
    task: "upscale",
    request: { ...words, ...look, image, upscale: "creative" },
    body: { ...wired, ...wiredLook, image },
  },
]

describe("bodies of Stability's services", () => {
  test.each(cases)("$task by $service", async ({ service, task, request, body }) => {
    const { calls } = await planOf(service, { task, ...request })
    expect(calls[0]?.body).toEqual(body)
    expect(checkBody(`us.${idOf(service)}`, calls[0]?.body)).toEqual([])
  })

  test.each(cases)(
    "$task by $service, said in the service's own words, is the same body",
    async ({ service, task, body }) => {
      const { calls, changes } = await planOf(service, { task, options: body })
      expect(calls[0]?.body).toEqual(body)
      expect(changes.map(({ field }) => field)).toEqual(["model"])
    },
  )
})

describe("what a service lacks", () => {
  test.each([
    {
      what: "words on fast upscaling",
      service: "fast-upscale",
      request: { task: "upscale", image, prompt, policy: "strict" },
      path: "prompt",
    },
    {
      what: "another upscaling",
      service: "fast-upscale",
      request: { task: "upscale", image, upscale: "creative" },
      path: "upscale",
    },
    {
      what: "another control",
      service: "image-control-sketch",
      request: { task: "control", image, prompt, control: "canny" },
      path: "control",
    },
    {
      what: "a mask in words",
      service: "image-inpaint",
      request: { task: "inpaint", image, prompt, maskPrompt: "sky" },
      path: "maskPrompt",
    },
    {
      what: "a mask image",
      service: "image-search-recolor",
      request: { task: "recolor", image, prompt, maskPrompt: "a", mask },
      path: "mask",
    },
    { what: "another task", service: "image-inpaint", request: { prompt }, path: "task" },
  ])("$what is unsupported", async ({ service, request, path }) => {
    await expect(planOf(service, request)).rejects.toMatchObject({
      code: "unsupported",
      issues: [{ path }],
    })
  })

  test.each([
    {
      what: "search words",
      service: "image-search-replace",
      request: { task: "replace", image, prompt },
      path: "maskPrompt",
    },
    {
      what: "select words",
      service: "image-search-recolor",
      request: { task: "recolor", image, prompt },
      path: "maskPrompt",
    },
    { what: "margins", service: "outpaint", request: { task: "outpaint", image }, path: "margins" },
    {
      what: "a margin above 0",
      service: "outpaint",
      request: { task: "outpaint", image, margins: { left: 0 } },
      path: "margins",
    },
    {
      what: "a style image",
      service: "style-transfer",
      request: { task: "style-transfer", image },
      path: "styleImage",
    },
    {
      what: "an image",
      service: "image-remove-background",
      request: { task: "remove-background" },
      path: "image",
    },
  ])("$what that is missing is invalid", async ({ service, request, path }) => {
    await expect(planOf(service, request)).rejects.toMatchObject({
      code: "invalid_request",
      issues: [{ path }],
    })
  })

  test("what to avoid is dropped where a service has no word for it, and reported", async () => {
    const { changes } = await planOf("outpaint", {
      task: "outpaint",
      image,
      margins: { up: 1 },
      negativePrompt: "fog",
    })
    expect(changes).toContainEqual(
      expect.objectContaining({ field: "negativePrompt", action: "dropped" }),
    )
  })
})

/** The head of a PNG: planning reads no more of an image. */
const head = (width: number, height: number): string => {
  const bytes = new Uint8Array(33)
  bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, 0x49, 0x48, 0x44, 0x52])
  new DataView(bytes.buffer).setUint32(16, width)
  new DataView(bytes.buffer).setUint32(20, height)
  return btoa(String.fromCharCode(...bytes))
}

describe("input images", () => {
  test.each([
    { service: "image-remove-background", width: 64, height: 64, fits: true },
    { service: "image-remove-background", width: 63, height: 64, fits: false },
    { service: "image-remove-background", width: 3072, height: 3072, fits: true },
    { service: "image-remove-background", width: 3073, height: 3072, fits: false },
    { service: "image-remove-background", width: 250, height: 100, fits: true },
    { service: "image-remove-background", width: 100, height: 251, fits: false },
    { service: "image-remove-background", width: 4857, height: 1943, fits: true },
    { service: "fast-upscale", width: 32, height: 32, fits: true },
    { service: "fast-upscale", width: 31, height: 40, fits: false },
    { service: "fast-upscale", width: 1536, height: 682, fits: true },
    { service: "fast-upscale", width: 1537, height: 100, fits: false },
    { service: "creative-upscale", width: 1024, height: 1024, fits: true },
    { service: "creative-upscale", width: 1025, height: 1024, fits: false },
    { service: "creative-upscale", width: 16_384, height: 64, fits: true },
  ])("$service takes $width x $height: $fits", async ({ service, width, height, fits }) => {
    const task = service.endsWith("upscale") ? "upscale" : "remove-background"
    const given = head(width, height)
    const refused = await planOf(service, {
      task,
      image: given,
      ...(service === "creative-upscale" ? { prompt } : {}),
    }).catch((error: unknown) => error)
    expect(refused instanceof Error).toBe(!fits)
    const body = { image: given, ...(service === "creative-upscale" ? { prompt } : {}) }
    expect(checkBody(`us.${idOf(service)}`, body).length === 0).toBe(fits)
  })
})

describe("profiles and prices", () => {
  test("a bare id is called through its profile, and that is reported", async () => {
    const { calls, changes } = await planOf("image-remove-background", {
      task: "remove-background",
      image,
    })
    expect(calls[0]?.modelId).toBe("us.stability.stable-image-remove-background-v1:0")
    expect(changes).toMatchObject([
      { field: "model", action: "mapped", to: "us.stability.stable-image-remove-background-v1:0" },
    ])
  })

  test("the profile's own id is called as it is", async () => {
    const model = "us.stability.stable-outpaint-v1:0"
    const plan = await pictor.plan({ model, task: "outpaint", image, margins: { up: 8 } })
    expect([plan.model, plan.calls[0]?.modelId, plan.changes]).toEqual([
      "stability.stable-outpaint-v1:0",
      model,
      [],
    ])
  })

  test.each([
    ["image-inpaint", 70_000],
    ["image-erase-object", 70_000],
    ["image-search-replace", 70_000],
    ["image-search-recolor", 70_000],
    ["image-remove-background", 70_000],
    ["image-control-sketch", 70_000],
    ["image-control-structure", 70_000],
    ["image-style-guide", 70_000],
    ["style-transfer", 80_000],
    ["outpaint", 60_000],
    ["fast-upscale", 30_000],
    ["conservative-upscale", 400_000],
    ["creative-upscale", 600_000],
  ])("%s costs %i micro-USD", async (service, microUsd) => {
    const [first] = cases.filter((each) => each.service === service)
    expect(
      (await planOf(service, { task: first?.task, ...first?.request, n: 2 })).estimate.microUsd,
    ).toBe(2 * microUsd)
  })

  test("there are thirteen of them", () => {
    expect(new Set(models.map(({ id }) => id)).size).toBe(13)
  })
})
