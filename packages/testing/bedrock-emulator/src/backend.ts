import { createFaultRules, hash, isJsonObject, requestId } from "@pictor/emulator-kit"
import { type Answer, errorAnswer, gatewayAnswer, replyAnswer } from "./answer.ts"
import { isAuthorized } from "./authorization.ts"
import type { BillEntry, BilledTokens } from "./bill.ts"
import { checkModelBody } from "./check.ts"
import { invalidIdentifier } from "./check-body.ts"
import { type Delivered, deliveryOf } from "./delivery.ts"
import { failures, isFailureKind } from "./faults/failures.ts"
import { type Fault, faultKinds } from "./faults/fault.ts"
import { requestedFault } from "./faults/requested.ts"
import { lacksProfile, type Profiles, resolveModel } from "./identifier.ts"
import type { Model } from "./model.ts"
import { modelReply } from "./model-reply.ts"
import { malformed, notAnObject } from "./violations.ts"

/**
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html, seen
 * 2026-11-20
 */
export const maxBodyBytes = 25_000_000

/** A request as the emulator received it. */
export type RecordedRequest = {
  /** The model id of the path, percent-decoded. */
  readonly modelId: string
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
  /** Makes request ids and the seeds that models choose repeatable. Default 0. */
  readonly seed?: number
  /** The models behind ARNs that do not name one. Default: the body decides. */
  readonly profiles?: Profiles
  /** Where requests are recorded. */
  readonly requests?: RecordedRequest[]
  /** Where calls that are charged by tokens are recorded. */
  readonly bill?: BillEntry[]
  /**
   * How many of the latest requests and charges stay recorded: a request keeps its whole body.
   * Default: all.
   */
  readonly keepRequests?: number
}

type InvokeRequest = {
  readonly modelId: string
  readonly streaming: boolean
  readonly converse?: boolean
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** Answers invocations of any transport. */
export type Backend = (request: InvokeRequest) => Promise<Delivered>

export const createBackend = (options: BackendOptions = {}): Backend => {
  const { faults = [], latencyMs = 0, seed = 0, profiles = {}, requests = [], bill = [] } = options
  const { keepRequests = Number.POSITIVE_INFINITY } = options
  const ruleFor = createFaultRules(faults)
  let received = 0
  let drawn = 0
  const randomSeed = (): number => {
    drawn += 1
    return (hash(`seed ${seed} ${drawn}`) % 4_294_967_294) + 1
  }
  return async (request) => {
    received += 1
    const id = requestId(seed, received)
    const text = new TextDecoder().decode(request.body)
    const body = parse(text)
    requests.push({ modelId: request.modelId, headers: request.headers, body: body ?? text })
    if (requests.length > keepRequests) requests.shift()
    if (!isAuthorized(request.headers["authorization"])) {
      return {
        answer: errorAnswer(id, unauthenticated),
        delivery: deliveryOf(undefined, latencyMs),
      }
    }
    const model = resolveModel(request.modelId, body, profiles)
    const asked = requestedFault(request.headers, text)
    if (asked === "unknown") {
      return { answer: errorAnswer(id, unknownFault), delivery: deliveryOf(undefined, latencyMs) }
    }
    const fault = asked ?? ruleFor([request.modelId, ...(model?.ids ?? [])])
    const charge = (tokens: BilledTokens): void => {
      bill.push({ modelId: request.modelId, requestId: id, ...tokens })
      if (bill.length > keepRequests) bill.shift()
    }
    const answer = await answerTo(request, { id, body, model, fault, randomSeed, charge })
    return { answer, delivery: deliveryOf(fault, latencyMs) }
  }
}

type Context = {
  readonly id: string
  readonly body: unknown
  readonly model: Model | undefined
  readonly fault: Fault | undefined
  readonly randomSeed: () => number
  readonly charge: (tokens: BilledTokens) => void
}

const answerTo = async (request: InvokeRequest, context: Context): Promise<Answer> => {
  const { id, body, model, fault } = context
  if (fault?.kind === "html-502") return gatewayAnswer
  if (fault !== undefined && isFailureKind(fault.kind)) {
    return errorAnswer(id, failures[fault.kind], {
      modelId: request.modelId,
      retryAfterSeconds: fault.retryAfterSeconds,
    })
  }
  const problem = problemOf(request, body, model)
  if (problem !== undefined || model === undefined || !isJsonObject(body)) {
    return errorAnswer(id, validation(problem ?? invalidIdentifier))
  }
  if (fault?.kind === "no-errortype")
    return errorAnswer(id, { ...validation("The request is not valid."), type: undefined })
  const reply = await modelReply(model, body, context)
  if ("refusal" in reply) return errorAnswer(id, validation(reply.refusal))
  const tokens = model.family.tokensOf?.(reply.body)
  if (tokens) context.charge(tokens)
  return replyAnswer(id, reply.body, {
    streaming: request.streaming,
    broken: fault?.kind === "malformed",
  })
}

/** Bedrock's text for rejecting a request. */
const problemOf = (
  request: InvokeRequest,
  body: unknown,
  model: Model | undefined,
): string | undefined => {
  if (request.body.length > maxBodyBytes) return tooLarge
  if (model === undefined) return invalidIdentifier
  if (lacksProfile(request.modelId, model))
    return failures["on-demand"].message.replace("{model}", request.modelId)
  if (request.converse && !model.converse) return noConverse
  if (request.streaming && !model.streaming) return "The model is unsupported for streaming."
  if (body === undefined)
    return "Malformed input request: #: not valid JSON, please reformat your input and try again."
  if (!isJsonObject(body)) return malformed([notAnObject(body)])
  const violations = checkModelBody(model, body)
  return violations.length === 0 ? undefined : malformed(violations)
}

const noConverse =
  "This action doesn't support the model that you provided. Try again with a supported text or chat model that supports this action."

const tooLarge = `1 validation error detected: Value at 'body' failed to satisfy constraint: Member must have length less than or equal to ${maxBodyBytes}`

const validation = (
  message: string,
): { readonly status: 400; readonly type: string; readonly message: string } => ({
  status: 400,
  type: "ValidationException",
  message,
})

const unauthenticated = {
  status: 403,
  type: "MissingAuthenticationTokenException",
  message: "Missing Authentication Token",
}

const unknownFault = validation(
  `The emulator knows no such fault; its faults are ${faultKinds.join(", ")}.`,
)

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
