import { createPictor } from "@pictor/core"
import { checkBody, type EndpointName } from "@pictor/flux-emulator"
import { describe, expect, it } from "vitest"
import { blue, mask, red } from "./__fixtures__/pictures.ts"
import { flux } from "./index.ts"

const pictor = createPictor({
  adapters: [flux({ name: "none", invoke: () => Promise.reject(new Error("no network")) })],
})

const prompt = "tea"
const seed = 7
const margins = { left: 100, down: 50 }

interface Case {
  readonly model: EndpointName
  readonly request: object
  readonly body: object
}

const cases: readonly Case[] = [
  {
    model: "flux-2-pro",
    request: { prompt, seed, size: "1280x720", options: { disable_pup: false } },
    body: { prompt, seed, width: 1280, height: 720, output_format: "jpeg", disable_pup: false },
  },
  // Sides are multiples of 16: 1000 becomes 992.
  {
    model: "flux-2-max",
    request: { prompt, seed, size: "1000x1000", outputFormat: "webp" },
    body: { prompt, seed, width: 992, height: 992, output_format: "webp" },
  },
  {
    model: "flux-2-flex",
    request: { prompt, seed, steps: 50, guidance: 4.5, options: { safety_tolerance: 0 } },
    body: {
      prompt,
      seed,
      width: 1024,
      height: 1024,
      steps: 50,
      guidance: 4.5,
      safety_tolerance: 0,
      output_format: "jpeg",
    },
  },
  // An edit has the size of its first picture.
  {
    model: "flux-2-klein-4b",
    request: { task: "image-to-image", prompt, seed, image: red, images: [blue] },
    body: {
      prompt,
      seed,
      input_image: red,
      input_image_2: blue,
      width: 256,
      height: 256,
      output_format: "jpeg",
    },
  },
  {
    model: "flux-3-image",
    request: { prompt, size: "2K", aspectRatio: "16:9", options: { grounding: false } },
    body: { prompt, resolution: "2k", aspect_ratio: "16:9", grounding: false },
  },
  {
    model: "flux-3-image",
    request: { task: "image-to-image", prompt, image: red, images: [blue], size: "768sq" },
    body: { prompt, images: [red, blue], resolution: "768sq", aspect_ratio: "auto" },
  },
  {
    model: "flux-kontext-pro",
    request: { prompt, seed: 0, aspectRatio: "21:9", options: { prompt_upsampling: true } },
    body: {
      prompt,
      seed: 0,
      aspect_ratio: "21:9",
      output_format: "png",
      prompt_upsampling: true,
    },
  },
  // Without a ratio, the image has that of the picture.
  {
    model: "flux-kontext-max",
    request: { task: "image-to-image", prompt, seed, image: red },
    body: { prompt, seed, input_image: red, output_format: "png" },
  },
  {
    model: "flux-pro-1.1",
    request: { task: "image-to-image", seed, image: red },
    body: { seed, image_prompt: red, width: 256, height: 256, output_format: "jpeg" },
  },
  {
    model: "flux-dev",
    request: { prompt, seed, steps: 28, guidance: 3, size: "1440x1440" },
    body: {
      prompt,
      seed,
      steps: 28,
      guidance: 3,
      width: 1440,
      height: 1440,
      output_format: "jpeg",
    },
  },
  // The wire's number is the weight of the picture, strength that of the change.
  {
    model: "flux-pro-1.1-ultra",
    request: {
      task: "image-to-image",
      prompt,
      seed,
      image: red,
      strength: 0.9,
      options: { raw: true },
    },
    body: {
      prompt,
      seed,
      image_prompt: red,
      image_prompt_strength: 0.1,
      aspect_ratio: "1:1",
      output_format: "jpeg",
      raw: true,
    },
  },
  {
    model: "flux-pro-1.0-fill",
    request: { task: "inpaint", prompt, seed, image: red, mask, steps: 15, guidance: 100 },
    body: { prompt, seed, image: red, mask, steps: 15, guidance: 100, output_format: "jpeg" },
  },
  {
    model: "flux-pro-1.0-expand",
    request: { task: "outpaint", seed, image: red, margins: { up: 2048, right: 1, ...margins } },
    body: { seed, image: red, top: 2048, right: 1, left: 100, bottom: 50, output_format: "jpeg" },
  },
  // The canvas is the picture and its margins.
  {
    model: "flux-tools/outpainting-v1",
    request: { task: "outpaint", image: red, margins, options: { mode: "fast" } },
    body: {
      input_image: red,
      width: 356,
      height: 306,
      reference_offset_x: 100,
      reference_offset_y: 0,
      output_format: "png",
      mode: "fast",
    },
  },
  {
    model: "flux-tools/erase-v1",
    request: { task: "erase", seed, image: red, mask, options: { dilate_pixels: 0 } },
    body: { seed, image: red, mask, dilate_pixels: 0, output_format: "png" },
  },
  {
    model: "flux-tools/vto-v2",
    request: { task: "virtual-try-on", prompt, seed, image: red, referenceImage: blue },
    body: { prompt, seed, person: red, garment: blue, output_format: "jpeg" },
  },
  {
    model: "flux-tools/deblur-v1",
    request: { task: "image-to-image", seed, image: red },
    body: { seed, image: red, output_format: "png" },
  },
]

const planOf = (model: string, request: object) => pictor.plan({ model, ...request })

describe("flux", () => {
  it.each(cases)(
    "plans the documented body of $model: case %#",
    async ({ model, request, body }) => {
      const { calls } = await planOf(model, request)
      expect(calls).toMatchObject([{ body, endpoint: "{model}", modelId: model }])
      expect(calls[0]?.body).toEqual(body)
      expect(await checkBody(model, body)).toEqual([])
    },
  )

  it("writes the words of a try-on that has none", async () => {
    const request = { task: "virtual-try-on", image: red, referenceImage: blue }
    const { calls, changes } = await planOf("flux-tools/vto-v1", request)
    expect([calls[0]?.body["prompt"], changes]).toEqual([expect.stringContaining("image 2"), []])
  })

  it.each([
    ["flux-3-image", { prompt, seed }, "seed"],
    ["flux-2-pro", { prompt, negativePrompt: "fog" }, "negativePrompt"],
    ["flux-2-klein-9b", { prompt, steps: 4 }, "steps"],
    ["flux-tools/deblur-v1", { task: "image-to-image", image: red, prompt }, "prompt"],
  ])("drops what %s lacks and reports it: %o", async (model, request, field) => {
    const { changes } = await planOf(model, request)
    expect(changes).toMatchObject([{ field, action: "dropped" }])
  })

  it.each([
    [
      "flux-2-pro",
      { prompt, options: { webhook_url: "https://example.com" } },
      "options.webhook_url",
    ],
    ["flux-2-klein-4b", { prompt, options: { disable_pup: true } }, "options.disable_pup"],
    ["flux-pro-1.1", { prompt, options: { safety_tolerance: 7 } }, "options.safety_tolerance"],
    ["flux-2-pro", { prompt, background: "transparent" }, "background"],
    ["flux-tools/erase-v1", { task: "erase", image: red }, "mask"],
    ["flux-tools/outpainting-v1", { task: "outpaint", image: red }, "margins"],
    [
      "flux-2-klein-4b",
      { task: "image-to-image", prompt, images: [red, red, red, red, red] },
      "images",
    ],
  ])("rejects what %s does not take: case %#", async (model, request, path) => {
    await expect(planOf(model, request)).rejects.toMatchObject({ issues: [{ path }] })
  })

  it("takes the endpoint's name beside a prefix", async () => {
    const named = createPictor({
      adapters: [
        flux(
          { name: "none", invoke: () => Promise.reject(new Error("no network")) },
          { name: "eu" },
        ),
      ],
    })
    const { calls } = await named.plan({
      model: "eu/flux-tools/deblur-v1",
      task: "image-to-image",
      image: red,
    })
    expect(calls[0]?.modelId).toBe("flux-tools/deblur-v1")
  })
})
