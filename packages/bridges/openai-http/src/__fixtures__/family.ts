import type { ModelCard } from "@pictor/core"
import {
  type CallDraft,
  decodeImageList,
  defineAdapter,
  type ImageLimits,
  toBody,
} from "@pictor/core/adapter"

const common = {
  regions: ["north-1"],
  sources: { page: { url: "https://example.com/models", seen: "2026-11-20" } },
  lifecycle: { status: "active" },
} as const
const limits: ImageLimits = { types: ["image/png", "image/jpeg"], side: [16, 512] }
const required = { required: true } as const
const text = { kind: "text", min: 1, max: 1000 } as const
const image = { kind: "image", ...required, limits } as const
const shared = {
  n: { kind: "count", path: "config.count", max: 2 },
  seed: { kind: "seed", path: "config.seed", min: 0, max: 999, zero: "literal" },
  guidance: { kind: "range", path: "config.cfgScale", min: 1, max: 10, default: 6.5 },
  quality: {
    kind: "enum",
    path: "config.quality",
    values: ["standard", "premium"],
    default: "standard",
  },
} as const

/** Several tasks of one `taskType`, two images per call, sizes on a grid, prices by quality. */
const brushCard = {
  ...common,
  id: "acme.brush-v1:0",
  aliases: ["brush"],
  tasks: {
    "text-to-image": {
      constants: { taskType: "TEXT" },
      imagesPerCall: 2,
      fields: {
        ...shared,
        prompt: { ...text, ...required, path: "textParams.text" },
        negativePrompt: { ...text, path: "textParams.negativeText" },
        style: { kind: "enum", path: "textParams.style", values: ["LINE_ART", "PHOTO"] },
        size: {
          kind: "grid",
          path: ["config.width", "config.height"],
          side: [64, 512],
          multiple: 64,
          pixels: 262_144,
          ratio: 4,
          default: "256x256",
        },
        outputFormat: { kind: "enum", values: ["png"], default: "png" },
      },
    },
    "color-guided": {
      constants: { taskType: "COLOR" },
      imagesPerCall: 2,
      fields: {
        ...shared,
        prompt: { ...text, path: "colorParams.text" },
        colors: { kind: "colors", path: "colorParams.colors", max: 3, ...required },
      },
    },
    "image-to-image": {
      constants: { taskType: "VARY" },
      fields: {
        ...shared,
        prompt: { ...text, path: "varyParams.text" },
        images: { kind: "images", path: "varyParams.images", max: 3, ...required, limits },
        strength: {
          kind: "range",
          path: "varyParams.similarity",
          min: 0,
          max: 1,
          inverted: true,
          default: 0.5,
        },
      },
    },
    outpaint: {
      constants: { taskType: "OUT" },
      output: "input",
      oneOf: [["mask", "keepPrompt"]],
      fields: {
        ...shared,
        prompt: { ...text, path: "outParams.text" },
        image: { ...image, path: "outParams.image" },
        mask: { kind: "mask", path: "outParams.mask", change: "white", limits },
        keepPrompt: { ...text, path: "outParams.maskPrompt" },
      },
    },
    inpaint: {
      constants: { taskType: "IN" },
      output: "input",
      oneOf: [["mask", "maskPrompt"]],
      fields: {
        ...shared,
        prompt: { ...text, path: "inParams.text" },
        image: { ...image, path: "inParams.image" },
        mask: { kind: "mask", path: "inParams.mask", change: "white", limits },
        maskPrompt: { ...text, path: "inParams.maskPrompt" },
      },
    },
  },
  prices: [
    { quality: "standard", microUsd: 40_000, source: "page" },
    { quality: "premium", microUsd: 80_000, source: "page" },
  ],
} as const satisfies ModelCard

/** Ratios, one image per call, flat fields, a style option of its own, no known price. */
const ratioCard = {
  ...common,
  id: "acme.ratio-v1:0",
  tasks: {
    "text-to-image": {
      fields: {
        prompt: { ...text, ...required, path: "prompt" },
        aspectRatio: {
          kind: "ratios",
          path: "aspect_ratio",
          values: ["1:1", "16:9"],
          pixels: 65_536,
          default: "1:1",
        },
        outputFormat: {
          kind: "enum",
          path: "output_format",
          values: ["png", "jpeg"],
          default: "png",
        },
      },
      options: { style_preset: { kind: "enum", values: ["anime", "enhance"] } },
    },
  },
  prices: [],
} as const satisfies ModelCard

/** One task, without a prompt. */
const eraserCard = {
  ...common,
  id: "acme.eraser-v1:0",
  tasks: {
    "remove-background": { output: "input", fields: { image: { ...image, path: "image" } } },
  },
  prices: [{ microUsd: 70_000, source: "page" }],
} as const satisfies ModelCard

/** One task, whose only image is the style. */
const styleCard = {
  ...common,
  id: "acme.style-v1:0",
  tasks: {
    "style-guide": {
      fields: {
        prompt: { ...text, ...required, path: "prompt" },
        styleImage: { ...image, path: "image" },
      },
    },
  },
  prices: [{ microUsd: 70_000, source: "page" }],
} as const satisfies ModelCard

/** An image and a style, each under the model's own name. */
const transferCard = {
  ...common,
  id: "acme.transfer-v1:0",
  tasks: {
    "style-transfer": {
      output: "input",
      fields: {
        prompt: { ...text, path: "prompt" },
        image: { ...image, path: "init_image" },
        styleImage: { ...image, path: "style_image" },
      },
    },
  },
  prices: [{ microUsd: 80_000, source: "page" }],
} as const satisfies ModelCard

const side = { kind: "range", min: 0, max: 100, integer: true } as const

/** Two tasks that need an input with a name of the model's own. */
const searchCard = {
  ...common,
  id: "acme.search-v1:0",
  tasks: {
    replace: {
      output: "input",
      fields: {
        prompt: { ...text, ...required, path: "prompt" },
        image: { ...image, path: "image" },
        maskPrompt: { ...text, ...required, path: "search_prompt" },
      },
    },
    outpaint: {
      fields: {
        image: { ...image, path: "image" },
        margins: {
          kind: "object",
          ...required,
          fields: { left: { ...side, path: "left" }, right: { ...side, path: "right" } },
        },
      },
    },
  },
  prices: [{ microUsd: 70_000, source: "page" }],
} as const satisfies ModelCard

/** Changes an image by a prompt. */
const retouchCard = {
  ...common,
  id: "acme.retouch-v1:0",
  tasks: {
    "image-to-image": {
      fields: {
        prompt: { ...text, ...required, path: "prompt" },
        image: { ...image, path: "image" },
      },
    },
  },
  prices: [{ microUsd: 80_000, source: "page" }],
} as const satisfies ModelCard

const encode = (draft: CallDraft) => toBody(draft)

export const acme = defineAdapter({
  name: "acme",
  models: [brushCard, ratioCard, eraserCard, styleCard, transferCard, searchCard, retouchCard],
  guardrail: { key: "guardrail", value: "INTERVENED" },
  encode,
  decode: decodeImageList,
})
