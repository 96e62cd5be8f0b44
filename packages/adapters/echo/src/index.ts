import {
  type AdapterFactory,
  decodeImageList,
  defineAdapter,
  type ModelCard,
  type ModelTypes,
} from "@pictor/core/adapter"

const source = "api"

/** What the model takes and costs, how long it lives, and which page says so. */
const models = [
  {
    id: "echo-v1",
    aliases: ["echo"],
    regions: [],
    lifecycle: { status: "active", source },
    tasks: {
      "text-to-image": {
        imagesPerCall: 4,
        fields: {
          prompt: { kind: "text", path: "prompt", min: 1, max: 1000, required: true, source },
          n: { kind: "count", path: "count", max: 4, source },
          size: {
            kind: "grid",
            path: ["width", "height"],
            side: [16, 2048],
            multiple: 16,
            pixels: 4_194_304,
            ratio: 8,
            default: "512x512",
            source,
          },
          seed: {
            kind: "seed",
            path: "seed",
            min: 0,
            max: 4_294_967_295,
            zero: "literal",
            source,
          },
          outputFormat: { kind: "enum", values: ["png"], default: "png", source },
        },
      },
    },
    prices: [{ microUsd: 0, source }],
    sources: {
      api: {
        url: "https://github.com/pictor-images/pictor/tree/main/packages/adapters/echo",
        seen: "2026-11-20",
      },
    },
  },
] as const satisfies readonly ModelCard[]

/** Model id → the model's inputs and `options`, for types. */
export interface EchoModels extends ModelTypes<typeof models> {}

/** `options` of a model, by the names of its API. */
export type EchoOptions<Model extends keyof EchoModels = keyof EchoModels> =
  EchoModels[Model]["options"]

/** The card describes the body; the reply is a list of base64 images. */
export const echo: AdapterFactory<EchoModels> = defineAdapter({
  name: "echo",
  version: "0.1.0",
  models,
  decode: decodeImageList,
})

export { echoTransport } from "./transport.ts"
