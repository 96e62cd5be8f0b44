import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response"
import { type Context, Hono, type MiddlewareHandler } from "hono"
import { bearerOf } from "../auth/bearer.ts"
import { isProblem, refusal } from "../auth/caller.ts"
import { mayUse } from "../auth/model-access.ts"
import type { ServerParts, WebEnv } from "../dependencies.ts"
import type { Opened } from "../image-store/image-folder.ts"
import { traceOf } from "../observability/log.ts"
import { follow, tell } from "../observability/observe-request.ts"
import { readBody } from "./body.ts"
import { addPage } from "./docs-page.ts"
import { envelope, headersOf, type Problem, problems } from "./errors.ts"
import type { Answering } from "./images.ts"
import { elsewhere } from "./not-found.ts"
import { routeOf } from "./routes.ts"

/** Bytes of a request about keys, budgets or reports. */
const smallBody = 1_048_576

const refuse = (problem: Problem): Response =>
  Response.json(envelope(problem), { status: problem.status, headers: headersOf(problem) })

const followed =
  (parts: ServerParts): MiddlewareHandler<WebEnv> =>
  async (context, next) => {
    const { incoming, outgoing } = context.env
    const { visit, trace } = follow(parts, incoming, context.req.method, routeOf(context.req.path))
    context.set("visit", visit)
    context.set("trace", trace)
    await next()
    if (!outgoing.headersSent)
      for (const name of ["x-request-id", "x-litellm-call-id"]) context.header(name, visit.id)
    tell(
      parts,
      { visit, trace },
      outgoing,
      outgoing.headersSent ? outgoing.statusCode : context.res.status,
    )
  }

const opened: Readonly<Record<Exclude<Opened["status"], 200>, Problem>> = {
  403: {
    status: 403,
    code: "forbidden",
    message: "This is no link of this gateway. Ask for the image again.",
  },
  404: {
    status: 404,
    code: "not_found",
    message: "The image is not kept any more. Ask for it again.",
  },
  410: {
    status: 410,
    code: "expired",
    message: "The link's time is over. Ask for the image again.",
  },
}

const addFiles = (app: Hono<WebEnv>, { files }: ServerParts): void => {
  if (!files) return
  app.get("/files/:name", async (context) => {
    const { expires = "", signature = "" } = context.req.query()
    const found = await files.open(context.req.param("name"), expires, signature)
    if (found.status !== 200) return refuse(opened[found.status])
    context.var.visit.bytesOut = found.bytes.byteLength
    return context.body(Uint8Array.from(found.bytes), 200, {
      "content-type": found.mediaType,
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'; sandbox",
      "cache-control": `private, max-age=${Math.floor(found.remainingMs / 1000)}`,
    })
  })
}

const addHealth = (
  app: Hono<WebEnv>,
  { health, authenticate, draining, version }: ServerParts,
): void => {
  const alive = (context: Context<WebEnv>): Response => context.json("I'm alive!")
  // LiteLLM's spelling: https://docs.litellm.ai/docs/proxy/health.
  for (const path of ["/health/liveness", "/health/liveliness"]) app.get(path, alive)
  app.get("/health/readiness", async (context) => {
    if (draining()) return context.json({ status: "shutting down" }, 503)
    const failed = await health.ready().then(
      () => undefined,
      () => "unreachable",
    )
    const state = {
      status: failed ? "not ready" : "healthy",
      db: failed ?? "connected",
      deployments: health.count,
      version,
    }
    return context.json(state, failed ? 503 : 200)
  })
  app.get("/health", async (context) => {
    const caller = await authenticate(bearerOf(context.env.incoming.headers)).catch(refusal)
    if (isProblem(caller)) return refuse(caller)
    const checked = await health.deployments(mayUse(caller), context.req.query("probe") === "true")
    const healthy = checked.filter(({ error }) => error === undefined)
    const unhealthy = checked.filter(({ error }) => error !== undefined)
    const counts = { healthy_count: healthy.length, unhealthy_count: unhealthy.length }
    return context.json({ healthy_endpoints: healthy, unhealthy_endpoints: unhealthy, ...counts })
  })
}

/** Reads a small body, and leaves it where Hono's Node server looks for one that was read before: https://github.com/honojs/node-server. */
const bounded =
  (admission: ServerParts["admission"]): MiddlewareHandler<WebEnv> =>
  async (context, next) => {
    const { incoming } = context.env
    const ticket = admission.enter()
    if (!ticket) return refuse(problems.busy)
    try {
      const read = await readBody(incoming, smallBody, ticket)
      if ("problem" in read) return refuse(read.problem)
      context.var.visit.bytesIn = read.body.byteLength
      Object.assign(incoming, { rawBody: read.body })
      await next()
      return undefined
    } finally {
      ticket.leave()
    }
  }

/** Everything that the gateway answers. `answer`: what no route of its own is for. */
export const createApp = (parts: ServerParts, answer: Answering): Hono<WebEnv> => {
  const app = new Hono<WebEnv>()
  app.use(followed(parts))
  app.onError((thrown, context) => {
    parts.log.error({ id: context.var.visit.id, ...traceOf(thrown) }, "unforeseen")
    if (!context.env.outgoing.headersSent) return refuse(problems.broken)
    context.env.outgoing.destroy()
    return RESPONSE_ALREADY_SENT
  })
  addHealth(app, parts)
  addFiles(app, parts)
  addPage(app)
  app.get("/metrics", async (context) => {
    const { contentType, text } = await parts.metrics.page()
    return context.body(text, 200, { "content-type": contentType })
  })
  if (parts.routes) {
    const limited = bounded(parts.admission)
    const paths = ["/key/*", "/spend/*", "/budget/*", "/global/*"]
    for (const path of paths) app.use(path, limited)
    app.route("/", parts.routes)
    for (const path of paths) app.all(path, (context) => refuse(elsewhere(app, context.req.path)))
  }
  app.get("/openapi.json", (context) => parts.bridge.fetch(context.req.raw))
  for (const path of ["/health", "/health/*", "/files/*", "/metrics", "/docs", "/docs/*"])
    app.all(path, (context) => refuse(elsewhere(app, context.req.path)))
  app.all(
    "*",
    async ({ env: { incoming, outgoing }, req: { raw: request }, var: { visit, trace } }) => {
      await answer({ visit, trace, request, incoming, outgoing })
      return RESPONSE_ALREADY_SENT
    },
  )
  return app
}
