import { type AdapterFactory, defineAdapter, type ModelTypes } from "@pictor/core/adapter"
import { geminiApi, vertexAi } from "./http.ts"
import { models, vertexModels } from "./models.ts"
import { encode } from "./request.ts"
import { decode } from "./response.ts"

/** Model id → the model's inputs and `options`, for types. */
export interface GeminiImageModels extends ModelTypes<typeof models> {}

/** `options` of a model, by the names of its API. */
export type GeminiImageOptions<Model extends keyof GeminiImageModels = keyof GeminiImageModels> =
  GeminiImageModels[Model]["options"]

/** The same for Vertex AI. */
export interface VertexGeminiImageModels extends ModelTypes<typeof vertexModels> {}

/** `options` of a model on Vertex AI, by the names of its API. */
export type VertexGeminiImageOptions<
  Model extends keyof VertexGeminiImageModels = keyof VertexGeminiImageModels,
> = VertexGeminiImageModels[Model]["options"]

const wire = { version: "0.1.0", encode, decode } as const

/**
 * Gemini image models on the Gemini API: `geminiImage(http({ key: process.env.GEMINI_API_KEY }))`.
 */
export const geminiImage: AdapterFactory<GeminiImageModels> = defineAdapter({
  ...wire,
  name: "gemini-image",
  models,
  http: geminiApi,
})

/**
 * Gemini image models on Vertex AI: `vertexGeminiImage(http(vertexGemini({ project, token })))`.
 */
export const vertexGeminiImage: AdapterFactory<VertexGeminiImageModels> = defineAdapter({
  ...wire,
  name: "vertex-gemini-image",
  models: vertexModels,
  http: vertexAi,
})

export { type VertexGemini, type VertexGeminiOptions, vertexGemini } from "./http.ts"
