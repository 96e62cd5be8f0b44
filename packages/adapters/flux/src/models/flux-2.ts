import { deriveCard, type ModelCard, type PriceRow } from "@pictor/core/adapter"
import {
  active,
  drawn,
  endpoint,
  flag,
  fourImages,
  guidance,
  images,
  megapixel,
  prompt,
  secondOptions,
  sources,
  steps,
} from "./parameters.ts"

/** The first megapixel of the image, then each further one, and each one of an input picture. */
const byMegapixel = (first: number, next: number): readonly PriceRow[] => [
  { task: "text-to-image", maxPixels: megapixel, microUsd: first, source: "prices" },
  {
    units: { image: first - next, outputMegapixel: next, inputMegapixel: next },
    megapixel,
    most: {},
    source: "megapixels",
  },
]

const size = {
  kind: "grid",
  path: ["width", "height"],
  side: [64, 65_536],
  multiple: 16,
  pixels: 4_194_304,
  ratio: 1_024,
  default: "1024x1024",
  source: "api",
} as const

export const pro = {
  id: "flux-2-pro",
  regions: [],
  lifecycle: active,
  tasks: {
    "text-to-image": {
      endpoint,
      fields: { prompt, size, ...drawn },
      options: secondOptions,
    },
    "image-to-image": {
      endpoint,
      output: "input",
      fields: { prompt, images, size, ...drawn },
      options: secondOptions,
    },
  },
  prices: byMegapixel(30_000, 15_000),
  sources,
} as const satisfies ModelCard

export const proPreview = deriveCard(pro, {
  id: "flux-2-pro-preview",
  lifecycle: { status: "preview", source: "api" },
})

export const max = deriveCard(pro, {
  id: "flux-2-max",
  lifecycle: active,
  prices: byMegapixel(70_000, 30_000),
})

const flexTask = {
  fields: { steps: steps(1), guidance: guidance(10) },
  options: { disable_pup: undefined, prompt_upsampling: flag },
} as const

export const flex = deriveCard(pro, {
  id: "flux-2-flex",
  lifecycle: active,
  tasks: { "text-to-image": flexTask, "image-to-image": flexTask },
  prices: byMegapixel(50_000, 50_000),
})

const kleinTask = { options: { disable_pup: undefined } } as const

export const klein4 = deriveCard(pro, {
  id: "flux-2-klein-4b",
  lifecycle: active,
  tasks: {
    "text-to-image": kleinTask,
    "image-to-image": { ...kleinTask, fields: { images: fourImages } },
  },
  prices: byMegapixel(14_000, 1_000),
})

export const klein9 = deriveCard(klein4, {
  id: "flux-2-klein-9b",
  lifecycle: active,
  prices: byMegapixel(15_000, 2_000),
})

export const klein9Preview = deriveCard(klein9, {
  id: "flux-2-klein-9b-preview",
  lifecycle: { status: "preview", source: "api" },
})
