import {
  type AdapterFactory,
  decodeFinishReasons,
  defineAdapter,
  type ModelTypes,
} from "@pictor/core/adapter"
import { models } from "./models.ts"

/** Model id → the model's inputs and `options`, for types. */
export interface StabilityServicesModels extends ModelTypes<typeof models> {}

/** `options` of a model, by the names of its API. */
export type StabilityServicesOptions<
  Model extends keyof StabilityServicesModels = keyof StabilityServicesModels,
> = StabilityServicesModels[Model]["options"]

/**
 * Stability AI's image services through any transport that reaches them:
 * `stabilityServices(bedrock({ region: "us-east-1" }))`.
 */
export const stabilityServices: AdapterFactory<StabilityServicesModels> = defineAdapter({
  name: "stability-services",
  version: "0.1.0",
  models,
  guardrail: { key: "amazon-bedrock-guardrailAction", value: "INTERVENED" },
  decode: decodeFinishReasons,
})
