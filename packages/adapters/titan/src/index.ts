import {
  type AdapterFactory,
  decodeImageList,
  defineAdapter,
  type ModelTypes,
} from "@pictor/core/adapter"
import { models } from "./models.ts"

/** Model id → the model's inputs and `options`, for types. */
export interface TitanModels extends ModelTypes<typeof models> {}

/** `options` of a model, by the names of its API. */
export type TitanOptions<Model extends keyof TitanModels = keyof TitanModels> =
  TitanModels[Model]["options"]

/**
 * Titan Image Generator through any transport that reaches it: `titan(bedrock({ region: "us-east-1"
 * }))`.
 */
export const titan: AdapterFactory<TitanModels> = defineAdapter({
  name: "titan",
  version: "0.1.0",
  models,
  guardrail: { key: "amazon-bedrock-guardrailAction", value: "INTERVENED" },
  decode: decodeImageList,
})
