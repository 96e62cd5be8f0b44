import { defineAdapter } from "../adapter.ts"
import { decodeImageList } from "../bytes/decode-reply.ts"
import { createPictor } from "../client.ts"
import type { ImageAdapter } from "../contract/adapter.ts"
import type { ImageLimits, ModelCard } from "../contract/card.ts"
import type { PictorOptions } from "../contract/client.ts"
import type { ImageRequest, JsonObject } from "../contract/request.ts"
import type { Transport } from "../contract/transport.ts"
import { images, scripted, stillRuntime } from "./client.ts"

const common = {
  regions: ["north-1"],
  sources: { page: { url: "https://example.com/models", seen: "2026-11-20" } },
  lifecycle: { status: "active" },
  prices: [{ microUsd: 10_000, source: "page" }],
} as const

const limits: ImageLimits = {
  types: ["image/png", "image/jpeg"],
  side: [32, 512],
  pixels: [1024, 65_536],
  ratio: 4,
  bytes: 4000,
}
const text = { kind: "text", min: 1, max: 100 } as const
const shared = {
  n: { kind: "count", path: "config.count", max: 3 },
  seed: { kind: "seed", path: "config.seed", min: 0, max: 999, zero: "literal" },
} as const
const required = { required: true } as const

/** Changes what is black; has no margins; counts strength from the other end. */
export const darkCard = {
  ...common,
  id: "acme.dark-v1:0",
  tasks: {
    "text-to-image": {
      constants: { taskType: "TEXT" },
      imagesPerCall: 3,
      fields: { ...shared, prompt: { ...text, ...required, path: "text.text" } },
    },
    inpaint: {
      constants: { taskType: "IN" },
      imagesPerCall: 3,
      output: "input",
      oneOf: [["mask", "maskPrompt"]],
      fields: {
        ...shared,
        image: {
          kind: "image",
          path: "in.image",
          ...required,
          limits: { ...limits, opaque: true },
        },
        mask: {
          kind: "mask",
          path: "in.maskImage",
          change: "black",
          binary: true,
          sameSize: true,
          limits,
        },
        maskPrompt: { ...text, path: "in.maskPrompt" },
        prompt: { ...text, path: "in.text" },
      },
    },
    outpaint: {
      constants: { taskType: "OUT" },
      oneOf: [["mask", "keepPrompt", "margins"]],
      output: "input",
      fields: {
        ...shared,
        image: { kind: "image", path: "out.image", ...required, limits },
        mask: {
          kind: "mask",
          path: "out.maskImage",
          change: "white",
          binary: true,
          sameSize: true,
          limits,
        },
        keepPrompt: { ...text, path: "out.maskPrompt" },
        margins: {
          kind: "object",
          fields: Object.fromEntries(
            ["left", "right", "up", "down"].map((side) => [
              side,
              { kind: "range", integer: true, min: 0, max: 400 } as const,
            ]),
          ),
        },
        prompt: { ...text, ...required, path: "out.text" },
      },
    },
    "image-to-image": {
      constants: { taskType: "VARY" },
      fields: {
        ...shared,
        images: { kind: "images", path: "vary.images", max: 3, ...required, limits },
        strength: {
          kind: "range",
          path: "vary.similarity",
          min: 0.2,
          max: 1,
          default: 0.7,
          inverted: true,
        },
        prompt: { ...text, path: "vary.text" },
      },
    },
    "color-guided": {
      constants: { taskType: "COLOR" },
      fields: {
        ...shared,
        colors: { kind: "colors", path: "color.colors", max: 3, ...required },
        referenceImage: { kind: "image", path: "color.reference", limits },
        prompt: { ...text, ...required, path: "color.text" },
      },
    },
    control: {
      constants: { taskType: "CONTROL" },
      fields: {
        ...shared,
        image: { kind: "image", path: "control.image", ...required, limits },
        control: {
          kind: "enum",
          path: "control.mode",
          values: ["CANNY_EDGE", "SEGMENTATION"],
          synonyms: { canny: "CANNY_EDGE" },
          ...required,
        },
        controlStrength: { kind: "range", path: "control.strength", min: 0, max: 1, default: 0.7 },
        prompt: { ...text, ...required, path: "control.text" },
      },
    },
    "virtual-try-on": {
      constants: { taskType: "TRY" },
      output: "input",
      fields: {
        ...shared,
        image: { kind: "image", path: "try.source", ...required, limits },
        referenceImage: { kind: "image", path: "try.reference", ...required, limits },
        garment: {
          kind: "object",
          ...required,
          fields: {
            class: {
              kind: "enum",
              path: "try.class",
              values: ["UPPER_BODY", "SHOES"],
              ...required,
            },
            merge: {
              kind: "enum",
              path: "try.merge",
              values: ["BALANCED", "SEAMLESS"],
              default: "BALANCED",
            },
            "preserve.pose": { kind: "enum", path: "try.keep.pose", values: ["ON", "OFF"] },
          },
        },
      },
    },
  },
} as const satisfies ModelCard

const service = {
  image: { kind: "image", path: "image", ...required, limits },
  seed: { ...shared.seed, path: "seed" },
} as const

/** Changes what is white; has margins of its own; one image a call. */
export const lightCard = {
  ...common,
  id: "acme.light-v1:0",
  tasks: {
    inpaint: {
      oneOf: [["mask"]],
      fields: {
        ...service,
        mask: { kind: "mask", path: "mask", change: "white", limits },
        prompt: { ...text, ...required, path: "prompt" },
      },
    },
    outpaint: {
      fields: {
        ...service,
        margins: {
          kind: "object",
          ...required,
          fields: {
            left: { kind: "range", path: "left", integer: true, min: 0, max: 400 },
            down: { kind: "range", path: "down", integer: true, min: 0, max: 400 },
          },
        },
      },
    },
    "style-transfer": {
      fields: {
        ...service,
        styleImage: { kind: "image", path: "style_image", ...required, limits },
      },
    },
    upscale: {
      fields: { ...service, upscale: { kind: "enum", values: ["fast"], default: "fast" } },
    },
    "remove-background": { fields: { image: service.image } },
  },
} as const satisfies ModelCard

const editors = defineAdapter({
  name: "editors",
  models: [darkCard, lightCard],
  decode: decodeImageList,
})

/** A client of both over a scripted transport. */
export const editing = (
  options: Partial<PictorOptions<readonly ImageAdapter[]>> = {},
  transport: Partial<Transport> = {},
) => {
  const { transport: wire, calls } = scripted(
    ({ body }) => images((body as { config?: { count?: number } }).config?.count ?? 1),
    transport,
  )
  const pictor = createPictor<readonly ImageAdapter[]>({
    adapters: [editors(wire)],
    runtime: stillRuntime(),
    ...options,
  })
  const planOf = (model: "dark" | "light", task: string, request: JsonObject = {}) =>
    pictor.plan({ model: `acme.${model}-v1:0`, task, ...request } as unknown as ImageRequest)
  return { pictor, calls, planOf }
}
