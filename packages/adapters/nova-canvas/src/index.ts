import {
  type AdapterFactory,
  decodeImageList,
  defineAdapter,
  type ModelTypes,
} from "@pictor/core/adapter"
import { models } from "./models.ts"

/** Model id → the model's inputs and `options`, for types. */
export interface NovaCanvasModels extends ModelTypes<typeof models> {}

/** `options` of a model, by the names of its API. */
export type NovaCanvasOptions<Model extends keyof NovaCanvasModels = keyof NovaCanvasModels> =
  NovaCanvasModels[Model]["options"]

/**
 * Nova Canvas through any transport that reaches it: `novaCanvas(bedrock({ region: "us-east-1"
 * }))`.
 */
export const novaCanvas: AdapterFactory<NovaCanvasModels> = defineAdapter({
  name: "nova-canvas",
  version: "0.1.0",
  models,
  guardrail: { key: "amazon-bedrock-guardrailAction", value: "INTERVENED" },
  decode: decodeImageList,
})
