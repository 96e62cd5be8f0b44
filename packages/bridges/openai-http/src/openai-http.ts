import { checkOptionNames } from "@pictor/core/host"
import { ApiError, errorResponse, internalError } from "./errors.ts"
import { type Exchange, handleImages, handlePlan } from "./handler.ts"
import { listModels, retrieveModel } from "./models.ts"
import { openapiDocument } from "./openapi.ts"
import { headerText, jsonResponse, toResponse } from "./response.ts"
import type { HttpRequest, HttpResponse, Limits, OpenaiHttp, OpenaiHttpOptions } from "./types.ts"

const defaultLimits: Limits = { bodyBytes: 64 * 1024 * 1024, imageBytes: 50_000_000, images: 16 }

const optionNames = {
  pictor: true,
  imageStore: true,
  imageOps: true,
  basePath: true,
  models: true,
  limits: true,
  fetchImage: true,
  now: true,
} satisfies Record<keyof OpenaiHttpOptions, true>

const limitNames = { bodyBytes: true, imageBytes: true, images: true } satisfies Record<
  keyof Limits,
  true
>

/**
 * OpenAI's Images API over a client, for any host that uses `Request` and `Response`. It does not
 * authenticate: the host passes the client's identity and rights in the context of each request.
 *
 * @example
 * const openai = openaiHttp({ pictor })
 * const response = await openai.fetch(new Request("http://localhost/v1/models"))
 */
export const openaiHttp = (options: OpenaiHttpOptions): OpenaiHttp => {
  checkOptionNames("openaiHttp", options, optionNames)
  checkOptionNames("openaiHttp({ limits })", options.limits ?? {}, limitNames)
  const limits = { ...defaultLimits, ...options.limits }
  const now = options.now ?? Date.now
  const respond: OpenaiHttp["respond"] = async (request, context = {}) => {
    const requestId = headerText(
      context.requestId ?? `req_${crypto.randomUUID().replaceAll("-", "")}`,
    )
    const response = await handle({ request, context, options, limits, now }).catch((thrown) =>
      errorResponse(thrown instanceof ApiError ? thrown : internalError(thrown)),
    )
    return {
      ...response,
      headers: { ...response.headers, "x-request-id": requestId, "x-litellm-call-id": requestId },
    }
  }
  return { respond, fetch: async (request, context) => toResponse(await respond(request, context)) }
}

interface Route {
  readonly path: RegExp
  readonly methods: readonly string[]
  /** `name` is the model in the path. */
  readonly handle: (exchange: Exchange, name: string) => HttpResponse | Promise<HttpResponse>
}

const post = ["POST"]
const get = ["GET", "HEAD"]

const routes: readonly Route[] = [
  {
    path: /^(?:\/openai\/deployments\/(.+))?\/images\/generations$/,
    methods: post,
    handle: (exchange, name) => handleImages(exchange, "generations", name || undefined),
  },
  {
    path: /^(?:\/openai\/deployments\/(.+))?\/images\/edits$/,
    methods: post,
    handle: (exchange, name) => handleImages(exchange, "edits", name || undefined),
  },
  {
    path: /^(?:\/openai\/deployments\/(.+))?\/images\/variations$/,
    methods: post,
    handle: (exchange, name) => handleImages(exchange, "variations", name || undefined),
  },
  { path: /^\/images\/plan$/, methods: post, handle: handlePlan },
  {
    path: /^\/models$/,
    methods: get,
    handle: (exchange) => jsonResponse(listModels(exchange)),
  },
  {
    path: /^\/models\/(.+)$/,
    methods: get,
    handle: (exchange, name) => jsonResponse(retrieveModel(name, exchange)),
  },
  {
    path: /^\/openapi\.json$/,
    methods: get,
    handle: ({ options }) => openapiResponse(basePathOf(options)),
  },
]

const openapiResponses = new Map<string, HttpResponse>()

/** The document takes milliseconds to make and is made once. A host has one base path. */
const openapiResponse = (basePath: string): HttpResponse => {
  const made = openapiResponses.get(basePath) ?? jsonResponse(openapiDocument(basePath))
  openapiResponses.set(basePath, made)
  return made
}

const basePathOf = ({ basePath = "" }: OpenaiHttpOptions): string => basePath.replace(/\/+$/, "")

const unknownUrl = (): ApiError =>
  new ApiError({
    status: 404,
    code: "unknown_url",
    message:
      "No route has this path. POST /v1/images/generations generates images, POST /v1/images/edits edits them, GET /v1/models lists the models.",
  })

/** The path of the URL. Not parsed: the URL of a `Request` is normalized already. */
const pathOf = ({ url }: HttpRequest): string => /^[^/]*\/\/[^/]*([^?#]*)/.exec(url)?.[1] ?? ""

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    throw unknownUrl()
  }
}

/** Finds the route and runs it. Throws an `ApiError`. */
const handle = async (exchange: Exchange): Promise<HttpResponse> => {
  const { method } = exchange.request
  const url = pathOf(exchange.request)
  const basePath = basePathOf(exchange.options)
  if (!url.startsWith(basePath)) throw unknownUrl()
  const path = url.slice(basePath.length).replace(/^\/v1(?=\/)/, "")
  for (const route of routes) {
    const match = route.path.exec(path)
    if (!match) continue
    const allow = route.methods.join(", ")
    if (!route.methods.includes(method))
      throw new ApiError({
        status: 405,
        code: "method_not_allowed",
        message: `This path does not accept ${method}. Use ${route.methods[0]}.`,
        headers: { allow },
      })
    const response = await route.handle(exchange, decode(match[1] ?? ""))
    return method === "HEAD" ? { ...response, parts: [] } : response
  }
  throw unknownUrl()
}
