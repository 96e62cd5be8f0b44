import type { HttpBindings } from "@hono/node-server"
import {
  deliver,
  goneSignal,
  never,
  pause,
  resetConnection,
  sendPieces,
} from "@pictor/emulator-kit"
import { type Context, Hono } from "hono"
import { type Answer, jsonAnswer, notFoundPage } from "./answer.ts"
import {
  type Backend,
  type Delivered,
  maxBodyBytes,
  unauthorized,
  unknownModel,
} from "./backend.ts"
import type { Fault } from "./faults.ts"
import { type Model, modelOf, models, outputTokenLimit } from "./models.ts"
import type { Api } from "./schema.ts"

type Env = { readonly Bindings: HttpBindings }

const geminiVersion = "/:version{v1|v1beta}"
const vertexVersion = "/:version{v1|v1beta1}"
const publisher = "publishers/google/models/:call"

/** The emulator's routes: the Gemini API's, and Vertex AI's with a project or in express mode. */
export const createApp = (backend: Backend, latencyMs: number): Hono<Env> => {
  const app = new Hono<Env>()
  const generate = (api: Api) => (context: Context<Env>) =>
    generateContent(context, { backend, latencyMs, api })
  app.post(`${geminiVersion}/models/:call`, generate("gemini"))
  app.post(
    `${vertexVersion}/projects/:project/locations/:location/${publisher}`,
    generate("vertex"),
  )
  app.post(`${vertexVersion}/${publisher}`, generate("vertex"))
  app.get(`${geminiVersion}/models`, (context) =>
    response(
      isAuthorized(context, "gemini")
        ? jsonAnswer({ models: models.map(described) })
        : unauthorized("gemini"),
    ),
  )
  app.get(`${geminiVersion}/models/:id`, (context) => {
    if (!isAuthorized(context, "gemini")) return response(unauthorized("gemini"))
    const { id, version } = context.req.param()
    const model = modelOf(id)
    return response(model === undefined ? unknownModel(version, id) : jsonAnswer(described(model)))
  })
  app.notFound(() => response(notFoundPage))
  return app
}

type Serving = { readonly backend: Backend; readonly latencyMs: number; readonly api: Api }

const generateContent = async (
  context: Context<Env>,
  { backend, latencyMs, api }: Serving,
): Promise<Response> => {
  const signal = goneSignal(context.env)
  const { call = "", version = "" } = context.req.param()
  const [modelId = "", method] = call.split(/:(?=[^:]*$)/)
  if (method !== "generateContent") return response(unknownModel(version, modelId))
  const delivered = await backend.generate({
    api,
    version,
    modelId,
    path: context.req.path,
    headers: context.req.header(),
    authorized: isAuthorized(context, api),
    body: await readBody(context.req.raw),
  })
  return send(context.env, delivered, latencyMs, signal)
}

/**
 * Neither keys nor tokens are verified. Vertex AI takes a key only in express mode, without a
 * project.
 */
const isAuthorized = ({ req }: Context<Env>, api: Api): boolean => {
  if (/^Bearer\s+\S/i.test(req.header("authorization") ?? "")) return true
  const takesKey = api === "gemini" || req.param("project") === undefined
  return takesKey && (req.header("x-goog-api-key") ?? req.query("key") ?? "") !== ""
}

const send = async (
  env: HttpBindings,
  { answer, fault }: Delivered,
  latencyMs: number,
  signal: AbortSignal,
): Promise<Response> => {
  try {
    await pause(latencyMs + delayOf(fault), signal)
    if (fault?.kind === "timeout") await never(signal)
  } catch {
    // The client disconnected, or the emulator is closing.
    return resetConnection(env)
  }
  if (answer === undefined) return resetConnection(env)
  const { status, headers, body } = answer
  if (fault?.kind === "cut") {
    const half = body.subarray(0, Math.ceil(body.length / 2))
    return sendPieces(env, { status, headers }, whole(half, signal), "cut")
  }
  if (fault?.kind !== "slow-body") return response(answer)
  const pieces = deliver(body, { kind: "pieces", pauseMs: fault.delayMs ?? 250 }, signal)
  return sendPieces(env, { status, headers }, pieces)
}

const whole = (body: Uint8Array, signal: AbortSignal): AsyncIterable<Uint8Array> =>
  deliver(body, { kind: "whole", pauseMs: 0 }, signal)

const delayOf = (fault: Fault | undefined): number =>
  fault?.kind === "slow-first-byte" ? (fault.delayMs ?? 2000) : 0

const response = ({ status, headers, body }: Answer): Response =>
  new Response(new Uint8Array(body), { status, headers })

/** Reads the whole body, but keeps only enough to see that it is too large. */
const readBody = async (request: Request): Promise<Uint8Array> => {
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of request.body ?? []) {
    if (length <= maxBodyBytes) pieces.push(piece)
    length += piece.length
  }
  return Buffer.concat(pieces)
}

/** https://ai.google.dev/api/models#Model */
const described = (model: Model): object => ({
  name: `models/${model.id}`,
  displayName: model.label,
  inputTokenLimit: model.inputTokenLimit,
  outputTokenLimit,
  supportedGenerationMethods: ["generateContent"],
  ...(model.thinking === undefined ? {} : { thinking: true }),
})
