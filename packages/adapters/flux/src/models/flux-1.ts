import { deriveCard, type ModelCard } from "@pictor/core/adapter"
import {
  active,
  drawn,
  endpoint,
  firstOptions,
  flag,
  fourImages,
  guidance,
  limits,
  margin,
  mask,
  megapixel,
  optionalPrompt,
  picture,
  png,
  prompt,
  ratios,
  seed,
  sources,
  steps,
} from "./parameters.ts"

const anyRatio = {
  kind: "ratios",
  path: "aspect_ratio",
  values: ratios,
  pixels: megapixel,
  source: "api",
} as const

export const kontextPro = {
  id: "flux-kontext-pro",
  regions: [],
  lifecycle: active,
  tasks: {
    "text-to-image": {
      endpoint,
      fields: { prompt, aspectRatio: { ...anyRatio, default: "1:1" }, seed, outputFormat: png },
      options: firstOptions,
    },
    // Without a ratio, the image has that of the first picture.
    "image-to-image": {
      endpoint,
      fields: { prompt, images: fourImages, aspectRatio: anyRatio, seed, outputFormat: png },
      options: firstOptions,
    },
  },
  prices: [{ microUsd: 40_000, source: "megapixels" }],
  sources,
} as const satisfies ModelCard

export const kontextMax = deriveCard(kontextPro, {
  id: "flux-kontext-max",
  lifecycle: active,
  prices: [{ microUsd: 80_000, source: "megapixels" }],
})

const firstSize = {
  kind: "grid",
  path: ["width", "height"],
  side: [256, 1_440],
  multiple: 32,
  pixels: 2_073_600,
  ratio: 5.625,
  default: "1024x1024",
  source: "api",
} as const

/** The model varies this picture. */
const imagePrompt = { image: picture("image_prompt"), prompt: optionalPrompt } as const

export const pro11 = {
  id: "flux-pro-1.1",
  regions: [],
  lifecycle: active,
  tasks: {
    "text-to-image": {
      endpoint,
      fields: { prompt, size: firstSize, ...drawn },
      options: firstOptions,
    },
    "image-to-image": {
      endpoint,
      output: "input",
      fields: { ...imagePrompt, size: firstSize, ...drawn },
      options: firstOptions,
    },
  },
  prices: [{ microUsd: 40_000, source: "megapixels" }],
  sources,
} as const satisfies ModelCard

const devTask = { fields: { steps: steps(1), guidance: guidance(5) } } as const

export const dev = deriveCard(pro11, {
  id: "flux-dev",
  lifecycle: active,
  tasks: { "text-to-image": devTask, "image-to-image": devTask },
  prices: [{ microUsd: 25_000, source: "litellm" }],
})

const ultraRatio = { ...anyRatio, pixels: 4 * megapixel, default: "1:1" } as const
const ultraOptions = { ...firstOptions, raw: flag } as const

export const ultra = {
  id: "flux-pro-1.1-ultra",
  regions: [],
  lifecycle: active,
  tasks: {
    "text-to-image": {
      endpoint,
      fields: { prompt, aspectRatio: ultraRatio, ...drawn },
      options: ultraOptions,
    },
    "image-to-image": {
      endpoint,
      fields: {
        ...imagePrompt,
        // The wire's number is the weight of the picture.
        strength: {
          kind: "range",
          path: "image_prompt_strength",
          min: 0,
          max: 1,
          inverted: true,
          source: "api",
        },
        aspectRatio: ultraRatio,
        ...drawn,
      },
      options: ultraOptions,
    },
  },
  prices: [{ microUsd: 60_000, source: "megapixels" }],
  sources,
} as const satisfies ModelCard

export const fill = {
  id: "flux-pro-1.0-fill",
  regions: [],
  lifecycle: active,
  tasks: {
    inpaint: {
      endpoint,
      output: "input",
      fields: {
        prompt: optionalPrompt,
        image: picture("image"),
        // Without a mask, the transparent area changes.
        mask: { ...mask, limits },
        steps: steps(15),
        guidance: guidance(100),
        ...drawn,
      },
      options: firstOptions,
    },
  },
  prices: [{ microUsd: 50_000, source: "litellm" }],
  sources,
} as const satisfies ModelCard

export const expand = {
  id: "flux-pro-1.0-expand",
  regions: [],
  lifecycle: active,
  tasks: {
    outpaint: {
      endpoint,
      fields: {
        prompt: optionalPrompt,
        image: picture("image"),
        margins: {
          kind: "object",
          required: true,
          fields: {
            left: margin("left"),
            right: margin("right"),
            up: margin("top"),
            down: margin("bottom"),
          },
          source: "api",
        },
        steps: steps(15),
        guidance: guidance(100),
        ...drawn,
      },
      options: firstOptions,
    },
  },
  prices: [{ microUsd: 50_000, source: "litellm" }],
  sources,
} as const satisfies ModelCard
