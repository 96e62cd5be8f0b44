import { deriveCard, type ModelCard } from "@pictor/core/adapter"
import {
  active,
  drawn,
  endpoint,
  limits,
  margin,
  mask,
  megapixel,
  optionalPrompt,
  options,
  picture,
  png,
  secondOptions,
  seed,
  sources,
} from "./parameters.ts"

/** Takes no words: the mask marks what is erased. */
export const erase = {
  id: "flux-tools/erase-v1",
  regions: [],
  lifecycle: active,
  tasks: {
    erase: {
      endpoint,
      output: "input",
      oneOf: [["mask"]],
      fields: {
        image: picture("image"),
        mask: { ...mask, limits },
        seed,
        outputFormat: png,
      },
      options: {
        ...options,
        dilate_pixels: { kind: "range", integer: true, min: 0, max: 25, source: "api" },
      },
    },
  },
  // The provider lists no prices of its tools. Those here are of resellers.
  prices: [
    {
      units: { image: 26_000, outputMegapixel: 4_000, inputMegapixel: 4_000 },
      megapixel,
      // One reseller bills three megapixels of input at least.
      most: { call: { inputMegapixel: 3 } },
      source: "erasing",
      inferred: true,
    },
  ],
  sources: {
    ...sources,
    erasing: { url: "https://fal.ai/models/fal-ai/flux-pro/v1/erase/llms.txt", seen: "2026-11-30" },
  },
} as const satisfies ModelCard

export const outpaintingId = "flux-tools/outpainting-v1"

/** The canvas is the picture and its margins: `encode` adds its sides. */
export const outpainting = {
  id: outpaintingId,
  regions: [],
  lifecycle: active,
  tasks: {
    outpaint: {
      endpoint,
      fields: {
        prompt: optionalPrompt,
        image: picture("input_image"),
        margins: {
          kind: "object",
          required: true,
          fields: {
            left: margin("reference_offset_x"),
            up: margin("reference_offset_y"),
            right: { kind: "range", integer: true, min: 0, max: 2_048, source: "api" },
            down: { kind: "range", integer: true, min: 0, max: 2_048, source: "api" },
          },
          source: "api",
        },
        outputFormat: png,
      },
      options: {
        ...secondOptions,
        mode: { kind: "enum", values: ["high", "fast"], source: "news" },
      },
    },
  },
  prices: [
    {
      units: { image: 15_000, outputMegapixel: 15_000, inputMegapixel: 15_000 },
      megapixel,
      most: { image: { outputMegapixel: 4 } },
      likely: { image: { outputMegapixel: 2 } },
      source: "outpainting",
      inferred: true,
    },
  ],
  sources: {
    ...sources,
    outpainting: {
      url: "https://fal.ai/models/fal-ai/flux-2-pro/outpaint/llms.txt",
      seen: "2026-11-30",
    },
  },
} as const satisfies ModelCard

export const tryOn1 = {
  id: "flux-tools/vto-v1",
  regions: [],
  lifecycle: active,
  tasks: {
    "virtual-try-on": {
      endpoint,
      fields: {
        prompt: {
          ...optionalPrompt,
          min: 1,
          default:
            "The person of image 1, with the same face and pose, wears the garments of image 2.",
        },
        image: picture("person"),
        referenceImage: picture("garment"),
        ...drawn,
      },
      options,
    },
  },
  prices: [
    {
      units: { image: 32_500, outputMegapixel: 5_000, inputMegapixel: 5_000 },
      megapixel,
      most: { image: { outputMegapixel: 2 } },
      likely: { image: { outputMegapixel: 1 } },
      source: "tryOn",
      inferred: true,
    },
  ],
  sources: {
    ...sources,
    tryOn: { url: "https://fal.ai/models/fal-ai/flux-pro/v1/vto/llms.txt", seen: "2026-11-30" },
  },
} as const satisfies ModelCard

export const tryOn2 = deriveCard(tryOn1, {
  id: "flux-tools/vto-v2",
  lifecycle: active,
  prices: [
    {
      ...tryOn1.prices[0],
      most: { image: { outputMegapixel: 4 } },
    },
  ],
})

export const deblur = {
  id: "flux-tools/deblur-v1",
  regions: [],
  lifecycle: active,
  tasks: {
    // Not upscaling: the image keeps the size of the picture.
    "image-to-image": {
      endpoint,
      output: "input",
      fields: { image: picture("image"), seed, outputFormat: png },
      options,
    },
  },
  // No page states a price.
  prices: [],
  sources,
} as const satisfies ModelCard
