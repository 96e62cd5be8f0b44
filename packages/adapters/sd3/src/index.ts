import {
  type AdapterFactory,
  decodeFinishReasons,
  defineAdapter,
  type ModelTypes,
} from "@pictor/core/adapter"
import { models } from "./models.ts"

/** Model id → the model's inputs and `options`, for types. */
export interface Sd3Models extends ModelTypes<typeof models> {}

/** `options` of a model, by the names of its API. */
export type Sd3Options<Model extends keyof Sd3Models = keyof Sd3Models> =
  Sd3Models[Model]["options"]

/**
 * Stable Diffusion 3, 3.5, Stable Image Core and Ultra through any transport that reaches them:
 * `sd3(bedrock({ region: "us-west-2" }))`.
 */
export const sd3: AdapterFactory<Sd3Models> = defineAdapter({
  name: "sd3",
  version: "0.1.0",
  models,
  guardrail: { key: "amazon-bedrock-guardrailAction", value: "INTERVENED" },
  decode: decodeFinishReasons,
})
