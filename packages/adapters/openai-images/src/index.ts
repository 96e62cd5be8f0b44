import {
  type AdapterFactory,
  type CallDraft,
  defineAdapter,
  type JsonObject,
  type ModelTypes,
  toBody,
} from "@pictor/core/adapter"
import { endedModels } from "./ended-models.ts"
import { liveModels } from "./models.ts"
import { decode, failure, partial } from "./response.ts"

export {
  type AzureOptions,
  type AzureSettings,
  azureOpenai,
  type CustomModel,
  type CustomSizes,
  customModel,
} from "./servers.ts"
export { type XaiImagesModels, xaiImages } from "./xai.ts"

const models: readonly [...typeof liveModels, ...typeof endedModels] = [
  ...liveModels,
  ...endedModels,
]

/** Model id → the model's inputs and `options`, for types. */
export interface OpenaiImagesModels extends ModelTypes<typeof models> {}

/** `options` of a model, by the names of its API. */
export type OpenaiImagesOptions<Model extends keyof OpenaiImagesModels = keyof OpenaiImagesModels> =
  OpenaiImagesModels[Model]["options"]

/** A stream without preliminary images has nothing to show, and one image less per call. */
const encode = (draft: CallDraft): JsonObject => {
  const { stream, ...body } = toBody(draft)
  return {
    model: draft.modelId,
    ...body,
    ...(body["partial_images"] !== undefined && { stream }),
  }
}

/**
 * OpenAI's image models, and with `models` those of a server with the same API.
 *
 * @example
 * createPictor({ adapters: [openaiImages(http({ key: process.env.OPENAI_API_KEY }))] })
 */
export const openaiImages: AdapterFactory<OpenaiImagesModels> = defineAdapter({
  name: "openai-images",
  version: "0.1.0",
  models,
  http: {
    provider: "openai",
    baseUrl: "https://api.openai.com/v1",
    auth: { header: "authorization", prefix: "Bearer " },
    file: "data.#.url",
    failure,
  },
  encode,
  decode,
  partial,
})
