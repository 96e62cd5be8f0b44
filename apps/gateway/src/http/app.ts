import type { IncomingMessage, RequestListener, ServerResponse } from "node:http"
import type { Socket } from "node:net"
import { getRequestListener } from "@hono/node-server"
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response"
import type { HttpResponse } from "@pictor/openai-http"
import { type Context, Hono } from "hono"
import { identifyCaller } from "../auth/authenticate.ts"
import { rejectNonLocal } from "../auth/local-only.ts"
import type { Answer, RouteHandler, ServerDependencies, WebEnv } from "../dependencies.ts"
import { beginRequest, endRequest, reportError } from "../observability/observe-request.ts"
import { ApiError, errorAnswer, unreadableRequest } from "./errors.ts"
import { bytesOf, send } from "./response.ts"
import { createRoutes, type Route } from "./routes.ts"

/** The gateway's listener: every request goes through one router, and every route is observed. */
export const createListener = (dependencies: ServerDependencies): RequestListener => {
  const app = new Hono<WebEnv>()
  for (const route of createRoutes(dependencies))
    app.all(route.path, observe(dependencies, route.label, methodOf(dependencies, route)))
  app.notFound(observe(dependencies, "other", notFound(dependencies)))
  const listener = getRequestListener(app.fetch, {
    overrideGlobalObjects: false,
    errorHandler: unreadableRequest,
  })
  return oneAtATime((incoming, outgoing) => {
    // Load balancers check health over HTTP/1.0, which needs no host.
    if (incoming.httpVersion === "1.0") incoming.headers.host ??= "localhost"
    void listener(incoming, outgoing)
  })
}

/** Requests of a connection that may wait for the answers before them. */
const maxWaiting = 16

interface Turn {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
}

/**
 * Starts a connection's next request when the answer before it is sent, so that a client that
 * pipelines and does not read makes one answer. A connection with more waiting requests is closed
 * after those that wait: HTTP lets a client repeat what was not answered.
 */
const oneAtATime = (listener: RequestListener): RequestListener => {
  const queues = new WeakMap<Socket, Turn[]>()
  const start = (socket: Socket, { incoming, outgoing }: Turn): void => {
    outgoing.once("close", () => {
      const next = queues.get(socket)?.shift()
      if (next && !socket.destroyed) start(socket, next)
      else queues.delete(socket)
    })
    listener(incoming, outgoing)
  }
  return (incoming, outgoing) => {
    const { socket } = incoming
    const queue = queues.get(socket)
    const last = queue?.at(-1)
    if (!queue) {
      queues.set(socket, [])
      start(socket, { incoming, outgoing })
    } else if (!last || queue.length < maxWaiting) queue.push({ incoming, outgoing })
    else {
      // The answer that closes the connection.
      last.outgoing.shouldKeepAlive = false
      socket.pause()
    }
  }
}

/** Records, traces, logs and sends the answer of a request, also to what its handler throws. */
const observe =
  (dependencies: ServerDependencies, label: string, handle: RouteHandler) =>
  async (context: Context<WebEnv>): Promise<Response> => {
    const { incoming, outgoing } = context.env
    const observed = beginRequest(dependencies, incoming, context.req.method, label)
    const { record, trace } = observed
    context.set("record", record)
    context.set("trace", trace)
    try {
      if (dependencies.isOpen) rejectNonLocal(incoming.headers)
      const answer = allowOrigin(dependencies.settings.allowedOrigins, incoming, outgoing)
        ? new Response(null, { status: 204 })
        : await handle(context)
      if (answer !== RESPONSE_ALREADY_SENT) await deliver(dependencies, context, answer)
    } catch (thrown) {
      const answer = errorAnswer(reportError(dependencies, record, thrown))
      if (outgoing.headersSent) outgoing.destroy()
      else await deliver(dependencies, context, answer)
    } finally {
      context.var.ticket?.release()
    }
    endRequest(dependencies, observed, outgoing, outgoing.statusCode)
    return RESPONSE_ALREADY_SENT
  }

/** Sends an answer that is in memory. A client that reads too slowly is disconnected. */
const deliver = async (
  { settings, draining }: ServerDependencies,
  { env: { incoming, outgoing }, var: { record, ticket } }: Context<WebEnv>,
  answer: Answer,
): Promise<void> => {
  const whole = answer instanceof Response ? await bodyOf(answer) : answer
  const headers = {
    "content-length": String(bytesOf(whole.parts)),
    ...whole.headers,
    "x-request-id": record.id,
    "x-litellm-call-id": record.id,
    ...(draining() && { connection: "close" }),
  }
  record.bytesOut = await send(outgoing, whole, {
    headers: Object.entries(headers).flat(),
    sendMs: settings.sendMs,
    onBytes: (bytes) => ticket?.addAnswer(bytes),
    headOnly: incoming.method === "HEAD",
  })
}

const bodyOf = async (response: Response): Promise<HttpResponse> => ({
  status: response.status,
  headers: Object.fromEntries(response.headers),
  parts: response.body ? [new Uint8Array(await response.arrayBuffer())] : [],
})

/** The handler of the request's method. A caller without a key learns of public routes only. */
const methodOf =
  ({ authenticate }: ServerDependencies, { handlers, isPublic }: Route): RouteHandler =>
  async (context) => {
    const method = context.req.method === "HEAD" ? "GET" : context.req.method
    const handle = Object.hasOwn(handlers, method) && handlers[method as keyof typeof handlers]
    if (handle) return handle(context)
    if (!isPublic) await identifyCaller(authenticate, context.env.incoming.headers)
    const methods = Object.keys(handlers)
    const allow = methods.flatMap((name) => (name === "GET" ? ["GET", "HEAD"] : [name])).join(", ")
    const message = `${context.req.method} is not allowed here. Use ${methods.join(" or ")}.`
    throw new ApiError(405, "method_not_allowed", message, { headers: { allow } })
  }

const notFound =
  ({ authenticate }: ServerDependencies): RouteHandler =>
  async (context) => {
    await identifyCaller(authenticate, context.env.incoming.headers)
    throw new ApiError(
      404,
      "unknown_url",
      "There is no route at this path. POST /v1/images/generations creates images, POST /v1/images/edits edits them, GET /v1/models lists the models; the gateway's README lists the others.",
    )
  }

const tokens = /^[\w!#$%&'*+.^`|~, -]{1,1000}$/

const methods = "GET, HEAD, POST"

const maxAgeSeconds = 600

/**
 * Lets pages of the allowed origins read every answer. A preflight of such a page is answered here:
 * a browser sends it without a key. True if the request is one. No cookie is ever accepted.
 */
const allowOrigin = (
  allowed: readonly string[],
  { method, headers }: IncomingMessage,
  outgoing: ServerResponse,
): boolean => {
  if (allowed.length === 0) return false
  const any = allowed.includes("*")
  if (!any) outgoing.setHeader("vary", "origin")
  const { origin } = headers
  if (origin === undefined || !(any || allowed.includes(origin))) return false
  outgoing.setHeader("access-control-allow-origin", any ? "*" : origin)
  outgoing.setHeader("access-control-expose-headers", "*")
  if (method !== "OPTIONS" || headers["access-control-request-method"] === undefined) return false
  outgoing.setHeader("access-control-allow-methods", methods)
  outgoing.setHeader("access-control-max-age", maxAgeSeconds)
  // "*" would not include Authorization.
  const asked = headers["access-control-request-headers"] ?? ""
  if (tokens.test(asked)) outgoing.setHeader("access-control-allow-headers", asked)
  return true
}
