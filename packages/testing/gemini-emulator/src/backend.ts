import {
  type Clock,
  createFaultRules,
  hash,
  requestedFaultRule,
  requestId,
  systemClock,
} from "@pictor/emulator-kit"
import {
  type Answer,
  badGatewayPage,
  brokenAnswer,
  errorAnswer,
  jsonAnswer,
  violationsAnswer,
} from "./answer.ts"
import { type Bill, createAccount } from "./bill.ts"
import { checkRequest, unreadablePicture } from "./check.ts"
import { type Fault, failureOf, failures, faultKinds } from "./faults.ts"
import { type Model, modelOf } from "./models.ts"
import { readInputs } from "./pictures.ts"
import { replyTo } from "./reply.ts"
import type { ImageRequest } from "./request.ts"
import type { Api } from "./schema.ts"

/** 100 MiB, an assumption: pages say 20 MB before the limit for inline data was raised in 2026. */
export const maxBodyBytes = 104_857_600

/** A request as the emulator received it. */
export type RecordedRequest = {
  readonly modelId: string
  readonly path: string
  /** With lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  /** The parsed JSON, or the text where it is not JSON. */
  readonly body: unknown
}

export type BackendOptions = {
  /** Rules by which requests fail. The first one that matches applies. */
  readonly faults?: readonly Fault[]
  /** How long every answer takes. Default 0. */
  readonly latencyMs?: number
  /** Makes response ids and the seeds that models choose repeatable. Default 0. */
  readonly seed?: number
  /** Where requests are recorded. */
  readonly requests?: RecordedRequest[]
  /** How many of the latest requests and charges stay recorded. Default: all. */
  readonly keepRequests?: number
  /** The time in Vertex AI's replies. Default: the system's. */
  readonly clock?: Clock
}

type Call = {
  readonly api: Api
  readonly version: string
  readonly modelId: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly authorized: boolean
  readonly body: Uint8Array
}

/** How a call ends: without an answer, the connection is closed. */
export type Delivered = { readonly answer?: Answer; readonly fault?: Fault | undefined }

export type Backend = {
  readonly generate: (call: Call) => Promise<Delivered>
  readonly bill: () => Bill
}

export const createBackend = (options: BackendOptions = {}): Backend => {
  const { faults = [], seed = 0, requests = [], clock = systemClock } = options
  const { keepRequests = Number.POSITIVE_INFINITY } = options
  const ruleFor = createFaultRules(faults)
  const account = createAccount(keepRequests)
  let received = 0
  const record = ({ modelId, path, headers }: Call, body: unknown): void => {
    requests.push({ modelId, path, headers, body })
    if (requests.length > keepRequests) requests.shift()
  }
  const draw = async (accepted: Accepted, call: Call, fault: Fault | undefined, number: number) => {
    const responseId = requestId(seed, number)
    const { body, billed } = await replyTo({
      ...accepted,
      api: call.api,
      seed: accepted.request.seed ?? hash(`seed ${seed} ${number}`) % 2_147_483_647,
      fault,
      responseId,
      createTime: new Date(clock.now()).toISOString(),
    })
    if (billed !== undefined) account.charge(accepted.model, responseId, billed)
    return jsonAnswer(body)
  }
  const generate = async (call: Call): Promise<Delivered> => {
    received += 1
    const number = received
    const text = new TextDecoder().decode(call.body)
    const body = parse(text)
    record(call, body ?? text)
    if (!call.authorized) return { answer: unauthorized(call.api) }
    const asked = requestedFaultRule(call.headers["x-emulator-fault"], text, faultKinds)
    if (asked === "unknown") return { answer: errorAnswer(unknownFault) }
    const fault = asked ?? ruleFor([call.modelId])
    if (fault?.kind === "reset-before") return { fault }
    const failed = failedAnswer(call, fault)
    if (failed !== undefined) return { answer: failed, fault }
    const checked = await checkCall(call, body)
    if ("answer" in checked) return { answer: checked.answer, fault }
    const answer = await draw(checked, call, fault, number)
    if (fault?.kind === "reset-after") return { fault }
    return { answer: fault?.kind === "malformed" ? brokenAnswer(answer) : answer, fault }
  }
  return { generate, bill: account.bill }
}

/** The answer of a fault that keeps the model from running. */
const failedAnswer = ({ modelId }: Call, fault: Fault | undefined): Answer | undefined => {
  if (fault?.kind === "html-502") return badGatewayPage
  const failure = failureOf(fault?.kind)
  if (failure === undefined) return undefined
  const retryAfterSeconds = fault?.retryAfterSeconds ?? standardRetry[failure.code]
  return errorAnswer(failure, { model: modelId, retryAfterSeconds })
}

type Accepted = {
  readonly model: Model
  readonly request: ImageRequest
  readonly inputs: Exclude<Awaited<ReturnType<typeof readInputs>>, undefined>
}

const checkCall = async (
  { api, version, modelId, body: bytes }: Call,
  body: unknown,
): Promise<{ readonly answer: Answer } | Accepted> => {
  if (bytes.length > maxBodyBytes) return { answer: errorAnswer(tooLarge) }
  const model = modelOf(modelId)
  if (model === undefined) return { answer: unknownModel(version, modelId) }
  if (body === undefined) return { answer: errorAnswer(notJson) }
  const checked = checkRequest(model, api, body)
  if ("violations" in checked) return { answer: violationsAnswer(checked.violations) }
  const inputs = await readInputs(checked.request.edited)
  return inputs === undefined
    ? { answer: errorAnswer(argument(unreadablePicture)) }
    : { model, request: checked.request, inputs }
}

/** Google's answer to 429 states a delay. */
const standardRetry: { readonly [code: number]: number } = { 429: 30 }

const argument = (
  message: string,
): { readonly code: 400; readonly status: string; readonly message: string } => ({
  code: 400,
  status: "INVALID_ARGUMENT",
  message,
})

const tooLarge = argument(
  `Request payload size exceeds the limit: ${maxBodyBytes} bytes. Please use the File API to upload your files instead of sending directly inline.`,
)

const notJson = argument("Invalid JSON payload received. Parsing terminated before end of input.")

const unknownFault = argument(
  `The emulator knows no such fault; its faults are ${faultKinds.join(", ")}.`,
)

export const unknownModel = (version: string, modelId: string): Answer =>
  errorAnswer({
    ...failures.retired,
    message: failures.retired.message
      .replace("{model}", modelId.slice(0, 80))
      .replace("v1beta", version),
  })

export const unauthorized = (api: Api): Answer =>
  errorAnswer(
    api === "vertex"
      ? failures.unauthenticated
      : {
          code: 403,
          status: "PERMISSION_DENIED",
          message:
            "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.",
        },
  )

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
