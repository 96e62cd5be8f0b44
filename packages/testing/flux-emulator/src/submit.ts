import type { HttpBindings } from "@hono/node-server"
import {
  createFaultRules,
  goneSignal,
  hash,
  isJsonObject,
  type JsonObject,
  numberAt,
  pause,
  requestedFaultRule,
  resetConnection,
  textAt,
} from "@pictor/emulator-kit"
import type { Context } from "hono"
import type { ContentfulStatusCode } from "hono/utils/http-status"
import { checkBody, sizesOf } from "./check-body.ts"
import { invalidJson } from "./detail.ts"
import { endpoints } from "./endpoints.ts"
import { type Fault, failures, faultKinds, submitFailure } from "./faults.ts"
import type { Job, JobTable, Order } from "./jobs.ts"
import { outputSize } from "./output-size.ts"
import { formatOf, renderResult } from "./painting.ts"
import { pictureFields } from "./pictures.ts"
import { chargeOf, microUsdPerCredit } from "./prices.ts"
import type { Recorder } from "./requests.ts"
import { type EndpointName, isEndpoint } from "./schemas.ts"

export type ApiContext = Context<{ readonly Bindings: HttpBindings }>

export type SubmitOptions = {
  readonly jobs: JobTable
  readonly recorder: Recorder
  readonly faults: readonly Fault[]
  readonly latencyMs: number
  readonly seed: number
  /** The credits of the account; undefined for any number. */
  readonly credits: number | undefined
}

/** An answer in place of a job. */
export type Failed = {
  readonly status: ContentfulStatusCode
  readonly detail: unknown
  readonly retryAfterSeconds?: number | undefined
}

export const answerFailure = (
  context: ApiContext,
  { status, detail, retryAfterSeconds }: Failed,
): Response => {
  if (retryAfterSeconds !== undefined) context.header("retry-after", String(retryAfterSeconds))
  return context.json({ detail }, status)
}

/** The ten pictures of the largest order. */
const maxBodyBytes = 268_435_456

/** Answers `POST /v1/{endpoint}`. */
export const createSubmit = (
  options: SubmitOptions,
): ((context: ApiContext, name: string) => Promise<Response>) => {
  const { jobs, recorder, latencyMs, seed } = options
  const ruleFor = createFaultRules(options.faults)
  let received = 0
  return async (context, name) => {
    if (!isEndpoint(name)) return answerFailure(context, { status: 404, detail: "Not Found" })
    const text = await readText(context.req.raw)
    if (text === undefined)
      return answerFailure(context, { status: 413, detail: "Request body too large" })
    const body = parse(text)
    recorder.record("submit", context.req.raw, body ?? text)
    await pause(latencyMs, goneSignal(context.env))
    const header = context.req.header("x-emulator-fault")
    const asked = requestedFaultRule(header, textAt(body, "prompt") ?? "", faultKinds)
    if (asked === "unknown") return answerFailure(context, unknownFault)
    const fault = asked ?? ruleFor([name])
    if (fault?.kind === "reset-before") return resetConnection(context.env)
    received += 1
    const order = await toOrder(name, body, { fault, drawnSeed: hash(`seed ${seed} ${received}`) })
    if ("status" in order) return answerFailure(context, order)
    const refused = refusal(options, order)
    if (refused !== undefined) return answerFailure(context, refused)
    const job = jobs.submit(order)
    if (fault?.kind === "reset-after") return resetConnection(context.env)
    if (fault?.kind === "slow-submit") await pause(fault.delayMs ?? 2000, goneSignal(context.env))
    return context.json(receipt(context, job))
  }
}

const unknownFault: Failed = {
  status: 400,
  detail: `The emulator knows no such fault; its faults are ${faultKinds.join(", ")}.`,
}

type Chosen = { readonly fault: Fault | undefined; readonly drawnSeed: number }

/** The job to make, or why there is none. */
const toOrder = async (
  name: EndpointName,
  body: unknown,
  { fault, drawnSeed }: Chosen,
): Promise<Order | Failed> => {
  const failure = submitFailure(fault)
  if (failure !== undefined) return { ...failure, retryAfterSeconds: fault?.retryAfterSeconds }
  if (body === undefined) return { status: 422, detail: [invalidJson] }
  const detail = await checkBody(name, body)
  if (detail.length > 0 || !isJsonObject(body)) return { status: 422, detail }
  const endpoint = endpoints[name]
  const inputs = sizesOf(pictureFields(body, endpoint))
  const size = outputSize(endpoint, body, inputs)
  const seed = numberAt(body, "seed") ?? drawnSeed
  return {
    endpoint: name,
    format: formatOf(endpoint, body),
    charge: chargeOf(name, inputs, size, textAt(body, "resolution")),
    seed,
    fault,
    render: () => renderResult(name, body, size, seed),
  }
}

/** https://docs.apiyi.com, seen 2026-11-30. */
const maxActive = 24

/** Why the account cannot have this job. */
const refusal = (
  { jobs, credits }: SubmitOptions,
  { endpoint, charge }: Order,
): Failed | undefined => {
  if (credits !== undefined && jobs.bill().microUsd + charge.microUsd > credits * microUsdPerCredit)
    return failures["no-credits"]
  return jobs.active() >= maxActive || jobs.active(endpoint) >= endpoints[endpoint].activeTasks
    ? failures["too-many-tasks"]
    : undefined
}

/** The API's answer to an accepted order. */
const receipt = (context: ApiContext, { id, charge }: Job): JsonObject => ({
  id,
  polling_url: `${new URL(context.req.url).origin}/v1/get_result?id=${id}`,
  cost: charge.microUsd / microUsdPerCredit,
  input_mp: charge.inputMegapixels,
  output_mp: charge.outputMegapixels,
})

/** Undefined for a body that is too large. */
const readText = async ({ body, headers }: Request): Promise<string | undefined> => {
  if (Number(headers.get("content-length") ?? 0) > maxBodyBytes) return undefined
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of body ?? []) {
    length += piece.length
    if (length > maxBodyBytes) return undefined
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString("utf8")
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
