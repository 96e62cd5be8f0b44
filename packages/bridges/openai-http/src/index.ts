export { openaiHttp } from "./openai-http.ts"
export { toResponse } from "./response.ts"
export type {
  HttpRequest,
  HttpResponse,
  Limits,
  OpenaiHttp,
  OpenaiHttpOptions,
  PublicModel,
  RequestContext,
} from "./types.ts"
