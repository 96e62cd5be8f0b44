import type { RequestListener } from "node:http"
import { getRequestListener } from "@hono/node-server"
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response"
import { Hono } from "hono"
import { identifyCaller } from "../auth/caller.ts"
import type { RouteHandler, ServerDependencies, WebEnv } from "../dependencies.ts"
import { beginRequest, endRequest, reportError } from "../observability/observe-request.ts"
import { ApiError, errorResponse, unreadableRequest } from "./errors.ts"
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
  return (incoming, outgoing) => void listener(incoming, outgoing)
}

/** Records, traces and logs a request, and answers what its handler throws. */
const observe =
  (dependencies: ServerDependencies, label: string, handle: RouteHandler): RouteHandler =>
  async (context) => {
    const { incoming, outgoing } = context.env
    const observed = beginRequest(dependencies, incoming, context.req.method, label)
    const { record, trace } = observed
    context.set("record", record)
    context.set("trace", trace)
    let response: Response
    try {
      response = await handle(context)
    } catch (thrown) {
      response = errorResponse(reportError(dependencies, record, thrown))
      if (outgoing.headersSent) {
        outgoing.destroy()
        response = RESPONSE_ALREADY_SENT
      }
    }
    if (response !== RESPONSE_ALREADY_SENT) {
      response.headers.set("x-request-id", record.id)
      response.headers.set("x-litellm-call-id", record.id)
    }
    const status = outgoing.headersSent ? outgoing.statusCode : response.status
    endRequest(dependencies, observed, outgoing, status)
    return response
  }

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
