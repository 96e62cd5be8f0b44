import {
  type AdapterSettings,
  type CallDraft,
  defineAdapter,
  type ImageAdapter,
  type JsonObject,
  type ModelCard,
  type ModelTypes,
  type Transport,
  toBody,
} from "@pictor/core/adapter"
import { endedModels } from "./ended-models.ts"
import { liveModels } from "./models.ts"
import { decode, failure, partial } from "./response.ts"

export { type AzureOptions, type AzureSettings, azureOpenai } from "./azure.ts"
export { type CustomModel, type CustomSizes, customModel } from "./custom-model.ts"
export { type XaiImagesModels, xaiImages } from "./xai.ts"

const models = [...liveModels, ...endedModels] as const satisfies readonly ModelCard[]

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

const definition = {
  name: "openai-images",
  version: "0.1.0",
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
} as const

const ofOpenai = defineAdapter({ ...definition, models })

/** The factory of adapters for OpenAI's models, or for those of a compatible server. */
export interface OpenaiImagesFactory {
  (transport: Transport, settings?: AdapterSettings): ImageAdapter<OpenaiImagesModels>
  /** `models`: the server's own instead of OpenAI's. */
  (
    transport: Transport,
    settings: AdapterSettings & { readonly models: readonly ModelCard[] },
  ): ImageAdapter
}

/**
 * OpenAI's image models, and those of servers with the same API.
 *
 * @example
 * createPictor({ adapters: [openaiImages(http({ key: process.env.OPENAI_API_KEY }))] })
 */
export const openaiImages: OpenaiImagesFactory = (
  transport: Transport,
  settings: AdapterSettings & { readonly models?: readonly ModelCard[] } = {},
): ImageAdapter<OpenaiImagesModels> =>
  settings.models === undefined
    ? ofOpenai(transport, settings)
    : defineAdapter({ ...definition, models: settings.models })(transport, settings)
