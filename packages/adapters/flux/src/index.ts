import { type AdapterFactory, defineAdapter, type ModelTypes } from "@pictor/core/adapter"
import { bflApi } from "./http.ts"
import { models } from "./models.ts"
import { encode } from "./request.ts"
import { decode } from "./response.ts"

/** Model id → the model's inputs and `options`, for types. */
export interface FluxModels extends ModelTypes<typeof models> {}

/** `options` of a model, by the names of its API. */
export type FluxOptions<Model extends keyof FluxModels = keyof FluxModels> =
  FluxModels[Model]["options"]

/** Image models of Black Forest Labs: `flux(http({ key: process.env.BFL_API_KEY }))`. */
export const flux: AdapterFactory<FluxModels> = defineAdapter({
  name: "flux",
  version: "0.1.0",
  models,
  http: bflApi,
  encode,
  decode,
})
