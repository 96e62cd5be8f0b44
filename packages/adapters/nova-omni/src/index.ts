import {
  type AdapterFactory,
  type CallDraft,
  defineAdapter,
  type JsonObject,
  type ModelTypes,
  toBody,
} from "@pictor/core/adapter"
import { models } from "./models.ts"
import { decode } from "./response.ts"

/** Model id → the model's inputs and `options`, for types. */
export interface NovaOmniModels extends ModelTypes<typeof models> {}

/** `options` of a model, by the names of its API. */
export type NovaOmniOptions<Model extends keyof NovaOmniModels = keyof NovaOmniModels> =
  NovaOmniModels[Model]["options"]

/** Each picture has its format beside it, which a path cannot say. */
const encode = (draft: CallDraft): JsonObject => {
  const { images = [], prompt } = draft.fields
  const body = toBody(draft)
  if (images.length === 0) return body
  const pictures = images.map(({ mediaType, base64 }) => ({
    image: { format: mediaType.replace("image/", ""), source: { bytes: base64 } },
  }))
  return { ...body, messages: [{ role: "user", content: [{ text: prompt }, ...pictures] }] }
}

/**
 * Amazon Nova 2 Omni through a transport that has Converse: `novaOmni(bedrock({ region:
 * "us-east-1" }))`.
 */
export const novaOmni: AdapterFactory<NovaOmniModels> = defineAdapter({
  name: "nova-omni",
  version: "0.1.0",
  models,
  guardrail: { key: "stopReason", value: "guardrail_intervened" },
  encode,
  decode,
})
