import {
  type AdapterFactory,
  type CallDraft,
  decodeImageList,
  defineAdapter,
  type JsonObject,
  type ModelTypes,
  toBody,
} from "@pictor/core/adapter"
import { models } from "./models.ts"

/** Model id → the model's inputs and `options`, for types. */
export interface NovaCanvasModels extends ModelTypes<typeof models> {}

/** `options` of a model, by the names of its API. */
export type NovaCanvasOptions<Model extends keyof NovaCanvasModels = keyof NovaCanvasModels> =
  NovaCanvasModels[Model]["options"]

/** A variation without a prompt has a blank text, which every page allows. */
const encode = (draft: CallDraft): JsonObject => {
  const body = toBody(draft)
  const variation = body["imageVariationParams"]
  return typeof variation === "object" && variation !== null && !("text" in variation)
    ? { ...body, imageVariationParams: { ...variation, text: " " } }
    : body
}

/**
 * Nova Canvas through any transport that reaches it: `novaCanvas(bedrock({ region: "us-east-1"
 * }))`.
 */
export const novaCanvas: AdapterFactory<NovaCanvasModels> = defineAdapter({
  name: "nova-canvas",
  version: "0.1.0",
  models,
  guardrail: { key: "amazon-bedrock-guardrailAction", value: "INTERVENED" },
  encode,
  decode: decodeImageList,
})
