import type { FileStore, OpenedLink } from "@pictor/files"
import { identifyCaller, ownerOf } from "../auth/authenticate.ts"
import type { RouteHandler, ServerDependencies } from "../dependencies.ts"
import { readBody } from "./admission.ts"
import { docsPage } from "./docs-page.ts"
import { ApiError, overloaded } from "./errors.ts"
import { deploymentHealth, readiness } from "./health.ts"
import { imagesHandler } from "./images.ts"
import { openapiDocument } from "./openapi.ts"

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE"
type Handlers = { readonly [Name in Method]?: RouteHandler }

export interface Route {
  /** In Hono's syntax. */
  readonly path: string
  /** The `route` of metrics, logs and traces. */
  readonly label: string
  readonly handlers: Handlers
  /** A wrong method is reported to callers without a key too. */
  readonly isPublic?: true
}

/** All routes of the gateway: the router, the metric labels and 405 answers read this table. */
export const createRoutes = (dependencies: ServerDependencies): readonly Route[] => {
  const { bridge, metrics, files, admin } = dependencies
  const images = imagesHandler(dependencies)
  const openapi: RouteHandler = async (context) =>
    context.json(await openapiDocument(bridge, routes))
  const page: RouteHandler = async (context) => {
    const { contentType, text } = await metrics.page()
    return context.body(text, 200, { "content-type": contentType })
  }
  const alive: RouteHandler = (context) => context.json("I'm alive!")
  const routes: readonly Route[] = [
    ...api("images/generations", "/images/generations", { POST: images }),
    ...api("images/generations", "/openai/deployments/:model{.+}/images/generations", {
      POST: images,
    }),
    ...api("images/edits", "/images/edits", { POST: images }),
    ...api("images/edits", "/openai/deployments/:model{.+}/images/edits", { POST: images }),
    ...api("images/variations", "/images/variations", { POST: images }),
    ...api("images/variations", "/openai/deployments/:model{.+}/images/variations", {
      POST: images,
    }),
    ...api("images/plan", "/images/plan", { POST: images }),
    ...api("models", "/models", { GET: images }),
    ...api("models", "/models/:id{.+}", { GET: images }),
    open("openapi.json", "/openapi.json", openapi),
    // LiteLLM's spelling: https://docs.litellm.ai/docs/proxy/health.
    open("health", "/health/liveliness", alive),
    open("health", "/health/liveness", alive),
    open("health", "/health/readiness", readiness(dependencies)),
    open("health", "/health", deploymentHealth(dependencies)),
    open("metrics", "/metrics", page),
    ...Object.entries(docsPage()).map(([path, handler]) => open("docs", path, handler)),
    ...(files ? [open("files", "/files/:name", openFile(files, dependencies))] : []),
    ...(admin ? adminRoutes(admin, dependencies) : []),
  ]
  return routes
}

const api = (label: string, path: string, handlers: Handlers): readonly Route[] =>
  ["", "/v1"].map((version) => ({ label, path: version + path, handlers }))

const open = (label: string, path: string, GET: RouteHandler): Route => ({
  label,
  path,
  handlers: { GET },
  isPublic: true,
})

const fileErrors: Readonly<Record<Exclude<OpenedLink["status"], 200>, readonly [string, string]>> =
  {
    403: ["forbidden", "The link is not a link of this gateway. Request the image again."],
    404: ["not_found", "The image has been deleted. Request it again."],
    410: ["expired", "The link has expired. Request the image again."],
  }

const openFile =
  (files: FileStore, { downloads }: ServerDependencies): RouteHandler =>
  async (context) => {
    const ticket = downloads.enter()
    if (!ticket?.begin()) throw overloaded()
    context.set("ticket", ticket)
    const { expires = "", signature = "" } = context.req.query()
    const file = await files.open(context.req.param("name") ?? "", expires, signature)
    if (file.status !== 200) {
      const [code, message] = fileErrors[file.status]
      throw new ApiError(file.status, code, message)
    }
    return {
      status: 200,
      headers: {
        "content-type": file.mediaType,
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'; sandbox",
        "cache-control": `private, max-age=${Math.floor(file.remainingMs / 1000)}`,
      },
      parts: [file.bytes],
    }
  }

const adminBodyBytes = 1_048_576

/**
 * The routes of a mounted application, each behind admission and with a bounded body. The operator
 * has a room of its own, and a caller without a key takes no place.
 */
const adminRoutes = (
  admin: NonNullable<ServerDependencies["admin"]>,
  { authenticate, admission, administration, stopReceiving }: ServerDependencies,
): readonly Route[] => {
  const handler: RouteHandler = async (context) => {
    const { incoming } = context.env
    const caller = await identifyCaller(authenticate, incoming.headers)
    const room = caller.kind === "key" ? admission : administration
    const ticket = room.enter(ownerOf(caller))
    if (!ticket) throw overloaded()
    context.set("ticket", ticket)
    const rawBody = await readBody(incoming, { bodyBytes: adminBodyBytes, ticket, stopReceiving })
    if (!ticket.begin()) throw overloaded()
    context.var.record.bytesIn = rawBody.byteLength
    // Hono's Node server takes a body that is already read from here.
    Object.assign(incoming, { rawBody })
    return admin.fetch(context.req.raw, context.env)
  }
  const handlers = new Map<string, Handlers>()
  for (const { path, method } of admin.routes)
    if (method !== "ALL") handlers.set(path, { ...handlers.get(path), [method]: handler })
  return [...handlers].map(([path, own]) => ({
    path,
    label: path.split("/")[1] ?? "",
    handlers: own,
  }))
}
