import { type AdapterFactory, defineAdapter, type ModelTypes } from "@pictor/core/adapter"
import { models } from "./models.ts"
import { decode } from "./response.ts"

/** Model id → the model's inputs and `options`, for types. */
export interface StabilitySdxlModels extends ModelTypes<typeof models> {}

/** `options` of a model, by the names of its API. */
export type StabilitySdxlOptions<
  Model extends keyof StabilitySdxlModels = keyof StabilitySdxlModels,
> = StabilitySdxlModels[Model]["options"]

/**
 * Stable Diffusion XL through any transport that reaches it: `stabilitySdxl(bedrock({ region:
 * "us-east-1" }))`.
 */
export const stabilitySdxl: AdapterFactory<StabilitySdxlModels> = defineAdapter({
  name: "stability-sdxl",
  version: "0.1.0",
  models,
  guardrail: { key: "amazon-bedrock-guardrailAction", value: "INTERVENED" },
  decode,
})
