import type { HttpBindings } from "@hono/node-server"
import { checkNames, serveFetch } from "@pictor/emulator-kit"
import { type Context, Hono } from "hono"
import { bodyLimit } from "hono/body-limit"
import { failureAnswer, jsonAnswer, sendAnswer } from "./answer.ts"
import { type Backend, createBackend } from "./backend.ts"
import { type Failure, invalidRequest, unknownModel, unknownUrl } from "./errors.ts"
import { modelIds, xaiModels } from "./models.ts"
import { type EmulatorOptions, optionNames, type RecordedRequest } from "./options.ts"
import type { Operation } from "./schemas.ts"
import type { BillEntry } from "./usage.ts"

export type OpenAiEmulator = {
  /** The address; the `baseURL` of a client is this and `/v1`. */
  readonly url: string
  /** All requests for pictures with an accepted key, in order. */
  readonly requests: readonly RecordedRequest[]
  /** What every charged request costs, in order. */
  readonly bill: readonly BillEntry[]
  /** Stops the emulator at once, with all connections and answers in progress. */
  readonly close: () => Promise<void>
}

/**
 * Starts an emulator of OpenAI's Images API on the loopback interface, with Azure's URLs and xAI's
 * image models.
 *
 * @example
 * const emulator = await createOpenAiEmulator({ seed: 1 })
 * const client = new OpenAI({ baseURL: `${emulator.url}/v1`, apiKey: "any" })
 */
export const createOpenAiEmulator = async (
  options: EmulatorOptions = {},
): Promise<OpenAiEmulator> => {
  checkNames("createOpenAiEmulator", options, optionNames)
  const { requests = [], bill = [], latencyMs = 0 } = options
  const app = createApp(createBackend({ ...options, requests, bill }), { bill, latencyMs })
  const { url, close } = await serveFetch(app.fetch, options.port)
  return { url, requests, bill, close }
}

type Env = { Bindings: HttpBindings }

const maxBodyBytes = 200_000_000

type AppOptions = { readonly bill: readonly BillEntry[]; readonly latencyMs: number }

const createApp = (backend: Backend, { bill, latencyMs }: AppOptions): Hono<Env> => {
  const app = new Hono<Env>()
  const respond = (context: Context<Env>, failure: Failure): Promise<Response> =>
    sendAnswer(context.env, failureAnswer(failure, "", { "x-request-id": backend.nextId() }), {
      fault: undefined,
      latencyMs,
    })
  app.use(
    bodyLimit({
      maxSize: maxBodyBytes,
      onError: (context: Context<Env>) => respond(context, bodyTooLarge),
    }),
  )
  const images = (operation: Operation, azure: boolean) => async (context: Context<Env>) => {
    const { answer, fault } = await backend.images({
      operation,
      azure,
      deployment: context.req.param("deployment"),
      method: context.req.method,
      path: pathOf(context),
      headers: context.req.header(),
      origin: new URL(context.req.url).origin,
      readBody: () => readBody(context.req.raw),
    })
    return sendAnswer(context.env, answer, { fault, latencyMs })
  }
  for (const operation of ["generations", "edits"] as const) {
    app.post(`/v1/images/${operation}`, images(operation, false))
    app.post(`/openai/v1/images/${operation}`, images(operation, true))
    // Azure answers 404 without a version, as it does for an unknown URL.
    app.post(`/openai/deployments/:deployment/images/${operation}`, (context) =>
      context.req.query("api-version") === undefined
        ? respond(context, unknownUrl("POST", pathOf(context)))
        : images(operation, true)(context),
    )
  }
  for (const prefix of ["/v1", "/openai/v1"])
    addModels(app, prefix, { backend, respond, latencyMs })
  // For tests that run the emulator in a process of its own.
  app.get("/emulator/bill", (context) => context.json({ bill }))
  app.get("/files/:name", (context) => serveFile(context, backend))
  app.notFound((context) => respond(context, unknownUrl(context.req.method, pathOf(context))))
  return app
}

type Respond = (context: Context<Env>, failure: Failure) => Promise<Response>

type ModelRoutes = {
  readonly backend: Backend
  readonly respond: Respond
  readonly latencyMs: number
}

const addModels = (
  app: Hono<Env>,
  prefix: string,
  { backend, respond, latencyMs }: ModelRoutes,
) => {
  const rejects = (context: Context<Env>): Failure | undefined =>
    backend.rejects(context.req.header(), prefix !== "/v1")
  const send = (context: Context<Env>, body: object): Promise<Response> =>
    sendAnswer(context.env, jsonAnswer(200, body, { "x-request-id": backend.nextId() }), {
      fault: undefined,
      latencyMs,
    })
  app.get(`${prefix}/models`, (context) => {
    const failure = rejects(context)
    if (failure !== undefined) return respond(context, failure)
    return send(context, { object: "list", data: modelIds.map(modelObject) })
  })
  app.get(`${prefix}/models/:id`, (context) => {
    const id = context.req.param("id") ?? ""
    const failure = rejects(context)
    if (failure !== undefined) return respond(context, failure)
    return modelIds.includes(id)
      ? send(context, modelObject(id))
      : respond(context, unknownModel(id))
  })
}

const modelObject = (id: string): object => ({
  id,
  object: "model",
  created: 1_788_825_600,
  owned_by: Object.hasOwn(xaiModels, id) ? "xai" : "openai",
})

const bodyTooLarge: Failure = {
  ...invalidRequest({
    param: null,
    code: "request_too_large",
    message: `The body of your request has more than ${maxBodyBytes} bytes.`,
  }),
  status: 413,
}

const pathOf = ({ req }: Context<Env>): string => {
  const { pathname, search } = new URL(req.url)
  return `${pathname}${search}`
}

const readBody = async (request: Request): Promise<unknown> => {
  const type = request.headers.get("content-type") ?? ""
  try {
    if (type.startsWith("multipart/form-data")) return await request.formData()
    if (!type.startsWith("application/json")) return undefined
    const parsed: unknown = JSON.parse(await request.text())
    return parsed
  } catch {
    return undefined
  }
}

/** A picture behind a URL. It fails if a key is sent along, as on a storage host. */
const serveFile = (context: Context<Env>, backend: Backend): Response => {
  if (context.req.header("authorization") !== undefined)
    return context.text("A picture's URL takes no credentials.", 400)
  const file = backend.files.get(context.req.param("name") ?? "")
  if (file === undefined) return context.text("Not found.", 404)
  if (file === "expired") return context.text("The URL has expired.", 410)
  return new Response(new Uint8Array(file), { headers: { "content-type": "image/jpeg" } })
}
