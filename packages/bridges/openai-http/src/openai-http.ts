import { headerText, jsonAnswer, problemAnswer } from "./answer.ts"
import { answerImages, answerPlan, type Exchange } from "./exchange.ts"
import { listModels, notFound, retrieveModel } from "./models.ts"
import { openapiDocument } from "./openapi.ts"
import { internal, toImageError } from "./problem.ts"
import { type Route, routeOf } from "./routes.ts"
import { toResponse } from "./to-response.ts"
import type { Answer, Asking, Limits, OpenaiHttp, OpenaiHttpOptions } from "./types.ts"

const standardLimits: Limits = { bodyBytes: 64 * 1024 * 1024, imageBytes: 50_000_000, images: 16 }

const basePathOf = ({ basePath = "" }: OpenaiHttpOptions): string => basePath.replace(/\/+$/, "")

const answerModel = (id: string, { options, context }: Exchange): Answer => {
  const model = retrieveModel(id, options, context)
  return model ? jsonAnswer(model) : problemAnswer(notFound(id, options, context))
}

const answerRoute = async (route: Route, exchange: Exchange): Promise<Answer> => {
  switch (route.name) {
    case "images":
      return answerImages(exchange, route.kind, route.model)
    case "plan":
      return answerPlan(exchange)
    case "models":
      return jsonAnswer(listModels(exchange.options, exchange.context))
    case "model":
      return answerModel(route.id, exchange)
    case "openapi":
      return jsonAnswer(openapiDocument(basePathOf(exchange.options)))
  }
}

/** A request's URL is already in the form that a parser would bring it to. */
const pathOf = ({ url }: Asking): string => /^[^/]*\/\/[^/]*([^?#]*)/.exec(url)?.[1] ?? ""

const answer = async (exchange: Exchange): Promise<Answer> => {
  const { request, options } = exchange
  try {
    const { value: route, problem } = routeOf(request.method, pathOf(request), basePathOf(options))
    if (problem) return problemAnswer(problem)
    const answered = await answerRoute(route, exchange)
    return request.method === "HEAD" ? { ...answered, parts: [] } : answered
  } catch (thrown) {
    return problemAnswer(internal, toImageError(thrown))
  }
}

/**
 * OpenAI's Images API over a client, for any host that speaks `Request` and `Response`. It knows nothing of keys: who asks, and what that one may do, the
 * host says in the context of each request.
 *
 * @example
 * const openai = openaiHttp({ pictor })
 * const response = await openai.fetch(new Request("http://localhost/v1/models"))
 */
export const openaiHttp = (options: OpenaiHttpOptions): OpenaiHttp => {
  const limits = { ...standardLimits, ...options.limits }
  const now = options.now ?? Date.now
  const respond: OpenaiHttp["respond"] = async (request, context = {}) => {
    const requestId = headerText(
      context.requestId ?? `req_${crypto.randomUUID().replaceAll("-", "")}`,
    )
    const answered = await answer({ request, context, options, limits, now })
    return {
      ...answered,
      headers: { ...answered.headers, "x-request-id": requestId, "x-litellm-call-id": requestId },
    }
  }
  return { respond, fetch: async (request, context) => toResponse(await respond(request, context)) }
}
