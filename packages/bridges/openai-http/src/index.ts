export { openaiHttp } from "./openai-http.ts"
export { toResponse } from "./to-response.ts"
export type {
  Answer,
  Asking,
  Limits,
  OpenaiHttp,
  OpenaiHttpOptions,
  PublicModel,
  RequestContext,
} from "./types.ts"
