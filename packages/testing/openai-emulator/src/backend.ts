import {
  createFaultRules,
  requestedFaultRule,
  requestId,
  systemClock,
  textAt,
} from "@pictor/emulator-kit"
import { type Answer, failureAnswer, htmlAnswer } from "./answer.ts"
import { readAndCheck } from "./check.ts"
import {
  type Failure,
  failures,
  invalidKey,
  invalidRequest,
  isFailureKind,
  missingKey,
  rateLimited,
  unknownModel,
} from "./errors.ts"
import { type Fault, faultKinds } from "./faults.ts"
import { createFileStore, type FileStore } from "./file-store.ts"
import { retiredModels } from "./models.ts"
import type { EmulatorOptions } from "./options.ts"
import { createRateLimit, limitHeaders, type RateLimit } from "./rate-limit.ts"
import { isModeration, type RunContext, run } from "./run.ts"
import type { Operation } from "./schemas.ts"
import type { BillEntry } from "./usage.ts"

/** A request for pictures, with its body not yet read. */
type ImagesRequest = {
  readonly operation: Operation
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** Whether the URL is Azure's. */
  readonly azure: boolean
  /** The deployment in Azure's URL. */
  readonly deployment?: string | undefined
  readonly origin: string
  /** Reads JSON or a form; undefined for anything else. */
  readonly readBody: () => Promise<unknown>
}

type Reply = { readonly answer: Answer; readonly fault: Fault | undefined }

export type Backend = {
  readonly images: (request: ImagesRequest) => Promise<Reply>
  /** Why the headers of a request are rejected. */
  readonly rejects: (headers: ImagesRequest["headers"], azure: boolean) => Failure | undefined
  readonly nextId: () => string
  readonly files: FileStore
}

/** Inputs that are remembered for `cache`. */
const maxCachedInputs = 10_000

const maxBillEntries = 100_000

export const createBackend = (options: EmulatorOptions): Backend => {
  const { seed = 0, clock = systemClock, apiKey, faults = [], bill = [] } = options
  const ruleFor = createFaultRules(faults)
  const countRequest = createRateLimit(options.requestsPerMinute, clock)
  const files = createFileStore(clock, options.urlLifetimeMs ?? 3_600_000)
  const seenInputs = new Set<string>()
  let received = 0
  let stored = 0
  const nextId = (): string => {
    received += 1
    return `req_${requestId(seed, received).replaceAll("-", "")}`
  }
  const rejects: Backend["rejects"] = (headers, azure) => {
    const bearer = /^Bearer (.+)$/i.exec(headers["authorization"] ?? "")?.[1]
    const key = azure ? (headers["api-key"] ?? bearer) : bearer
    if (key === undefined || key === "") return missingKey
    return apiKey === undefined || apiKey === key ? undefined : invalidKey
  }
  const isCached = (inputKey: string): boolean => {
    if (options.cache !== true) return false
    const known = seenInputs.has(inputKey)
    if (seenInputs.size < maxCachedInputs) seenInputs.add(inputKey)
    return known
  }
  const images = async (request: ImagesRequest): Promise<Reply> => {
    const id = nextId()
    const headers = { "x-request-id": id }
    const denied = rejects(request.headers, request.azure)
    if (denied !== undefined) return plain(failureAnswer(denied, "", headers))
    const limit = countRequest()
    const all = { ...headers, ...limit.headers }
    if (limit.exceeded) return plain(limitAnswer(limit, all))
    const created = Math.floor(clock.now() / 1000)
    const store = (bytes: Uint8Array): string => {
      stored += 1
      files.add(`${stored}.jpg`, bytes)
      return `${request.origin}/files/${stored}.jpg`
    }
    const charge = (entry: BillEntry): void => {
      bill.push(entry)
      if (bill.length > maxBillEntries) bill.shift()
    }
    const services = { requestId: id, seed, created, headers: all, charge, isCached, store }
    return answerTo(request, { options, ruleFor, services })
  }
  return { images, rejects, nextId, files }
}

const plain = (answer: Answer): Reply => ({ answer, fault: undefined })

const limitAnswer = (
  { retryAfterSeconds }: RateLimit,
  headers: Readonly<Record<string, string>>,
): Answer =>
  failureAnswer(rateLimited, "", { ...headers, "retry-after": String(retryAfterSeconds) })

type AnswerContext = {
  readonly options: EmulatorOptions
  readonly ruleFor: (modelIds: readonly string[]) => Fault | undefined
  readonly services: Omit<RunContext, "operation" | "checked" | "fault">
}

const answerTo = async (
  request: ImagesRequest,
  { options, ruleFor, services }: AnswerContext,
): Promise<Reply> => {
  const { operation } = request
  const { headers } = services
  const body = await request.readBody()
  record(request, body, options)
  const { deployments = {}, access = [] } = options
  const checked = await readAndCheck(operation, body, {
    access,
    ...modelOf(request, body, deployments),
  })
  const { model } = checked
  const fault =
    requestedFaultRule(
      request.headers["x-emulator-fault"],
      textAt(checked.fields, "prompt") ?? "",
      faultKinds,
    ) ?? ruleFor([model])
  if (fault === "unknown") return plain(failureAnswer(unknownFault, model, headers))
  if (fault?.kind === "html-502" || fault?.kind === "reset-before")
    return { answer: htmlAnswer, fault }
  if (fault !== undefined && isFailureKind(fault.kind) && !isModeration(fault))
    return { answer: faultAnswer(fault.kind, fault, model, headers), fault }
  const [violation] = checked.violations
  if (violation !== undefined) {
    const failure =
      violation.code === "model_not_found" ? missingModel(model) : invalidRequest(violation)
    return { answer: failureAnswer(failure, model, headers), fault }
  }
  return { answer: await run({ ...services, operation, checked, fault }), fault }
}

const missingModel = (model: string): Failure =>
  retiredModels.includes(model) ? failures.retired : unknownModel(model)

const record = (
  { method, path, headers }: ImagesRequest,
  body: unknown,
  { requests = [], keepRequests = Number.POSITIVE_INFINITY }: EmulatorOptions,
): void => {
  requests.push({ method, path, headers, body })
  if (requests.length > keepRequests) requests.shift()
}

/** The model behind a deployment: of Azure's URL, or named as the body's model. */
const modelOf = (
  { azure, deployment }: ImagesRequest,
  body: unknown,
  deployments: Readonly<Record<string, string>>,
): { readonly model?: string } => {
  if (!azure) return {}
  const inBody = body instanceof FormData ? body.get("model") : textAt(body, "model")
  const named = deployment ?? (typeof inBody === "string" ? inBody : "")
  return { model: Object.hasOwn(deployments, named) ? (deployments[named] ?? named) : named }
}

const unknownFault: Failure = invalidRequest({
  param: null,
  code: "unknown_fault",
  message: `The emulator knows no such fault; its faults are ${faultKinds.join(", ")}.`,
})

/** A rate limit says when to come back, 1 second unless the rule says otherwise. */
const faultAnswer = (
  kind: keyof typeof failures,
  { retryAfterSeconds }: Fault,
  model: string,
  headers: Readonly<Record<string, string>>,
): Answer => {
  const seconds = retryAfterSeconds ?? (kind === "rate-limit" ? 1 : undefined)
  return failureAnswer(failures[kind], model, {
    ...headers,
    ...(kind === "rate-limit" ? limitHeaders(500, 0, seconds ?? 1) : {}),
    ...(seconds === undefined ? {} : { "retry-after": String(seconds) }),
  })
}
