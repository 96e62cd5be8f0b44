import type { Units } from "../contract/card.ts"
import type { Pictor } from "../contract/client.ts"
import type { Cost } from "../contract/cost.ts"
import {
  errorAfter,
  type ImageError,
  imageError,
  invalidRequest,
  type Slot,
} from "../contract/errors.ts"
import type { GenerateOptions, ImageResult } from "../contract/generate.ts"
import type { Plan, PlannedCall } from "../contract/plan.ts"
import { defined, isObject, times } from "../lib/object.ts"
import type { Registry } from "../models/registry.ts"
import { checkOptionNames } from "../models/suggest.ts"
import { addCosts, addUnits, asMaybe, costOfCall } from "../planning/price.ts"
import type { Planned, Planning } from "../planning/types.ts"
import { type AttemptEnd, attemptCall } from "./call.ts"
import {
  type CancelCode,
  type Cancellation,
  createCancellation,
  withTimeLeft,
} from "./cancellation.ts"
import { createIdempotency } from "./idempotency.ts"
import { type CallSlots, imagesOf, inPlanOrder, slotContext, toSlots } from "./outcome.ts"
import { imageAt, planReplay } from "./replay.ts"
import { type CallReservation, reserve } from "./reservation.ts"
import type { Resumer } from "./resume.ts"
import { throughPlanMiddleware, throughRequestMiddleware } from "./run-middleware.ts"
import type { CallOutcome, GenerateRules, IdempotentRun, PlanRun, RowGroup } from "./types.ts"

type Methods = Pick<
  Pictor,
  "plan" | "generate" | "run" | "replay" | "planReplay" | "unfinished" | "resume"
>

const generateOptions = { signal: true, timeoutMs: true, onImages: true, onPartial: true } as const
const replayOptions = { inputs: true, signal: true, timeoutMs: true } as const

/** The client's methods for planning and sending. */
export const createGenerate = (
  registry: Registry,
  planning: Planning,
  rules: GenerateRules,
  resumer: Resumer,
): Methods => {
  const { middleware, runtime } = rules
  const { unfinished, resume } = resumer
  const runIdempotent = createIdempotency(registry, planning, rules, resumer)

  const send = async (
    planned: Planned,
    options: GenerateOptions = {},
    rows: RowGroup = {},
  ): Promise<ImageResult> => {
    const run = (cancellation: Cancellation, idempotent?: IdempotentRun): Promise<ImageResult> =>
      runPlan({ planned, cancellation, rules, listeners: options }, idempotent)
    if (planned.request.idempotencyKey !== undefined)
      return runIdempotent(planned, options, rows, run)
    if (options.signal === undefined && options.timeoutMs === undefined) return run(uncancelled())
    const cancellation = createCancellation(options)
    return run(cancellation).finally(cancellation.done)
  }

  return {
    plan: (request) =>
      throughRequestMiddleware(
        middleware,
        request,
        async (altered, origin) => (await planning.plan(altered, origin)).plan,
      ),
    generate: async (request, options) => {
      if (options !== undefined) checkOptionNames("generate", options, generateOptions)
      const startedMs = runtime.now()
      return throughRequestMiddleware(middleware, request, async (altered, origin, rows) => {
        const planned = await planning.plan(altered, origin)
        const left = options && withTimeLeft(options, runtime.now() - startedMs)
        return send(planned, left, rows)
      })
    },
    run: async (plan, options = {}) => {
      checkOptionNames("run", options, generateOptions)
      const planned = isObject(plan) ? planning.recall(plan) : undefined
      if (!planned)
        throw invalidRequest("This client did not make this plan. Plan the request again.")
      return send(planned, options)
    },
    replay: async (recipe, options = {}) => {
      checkOptionNames("replay", options, replayOptions)
      const { inputs, ...limits } = options
      const planned = await planReplay(planning, recipe, inputs)
      return imageAt(await send(planned, limits), recipe.index)
    },
    planReplay: async (recipe, options = {}) => {
      checkOptionNames("planReplay", options, { inputs: true })
      return (await planReplay(planning, recipe, options.inputs)).plan
    },
    unfinished,
    resume,
  }
}

const uncancelled = (): Cancellation => ({
  signal: new AbortController().signal,
  code: () => undefined,
  raceAbort: (promise) => promise,
})

/**
 * Sends a plan: runs the plan middleware, reserves the cost, makes the calls, builds the result.
 * Throws if no image was delivered, or if the request was cancelled before all images were. With an
 * idempotency key, `recover` runs it: if the ledger rejects the reservation because an earlier run
 * used the key, the result is that run's.
 */
const runPlan = async (
  given: Omit<PlanRun, "warnings">,
  idempotent: IdempotentRun | undefined,
): Promise<ImageResult> => {
  const { planned, cancellation, rules } = given
  const code = cancellation.code()
  if (code) {
    throw imageError(code, `${stopped(code)}. Nothing was sent.`, {
      cause: cancellation.signal.reason,
    })
  }
  return throughPlanMiddleware(rules.middleware, planned.plan, () => {
    const start = (keyed?: IdempotentRun): Promise<ImageResult> =>
      reserveAndCall({ ...given, warnings: [...planned.plan.warnings] }, keyed)
    return idempotent ? idempotent.recover((lapsed) => start({ ...idempotent, lapsed })) : start()
  })
}

const reserveAndCall = async (
  run: PlanRun,
  idempotent: IdempotentRun | undefined,
): Promise<ImageResult> => {
  const { planned, rules, listeners } = run
  const startedMs = rules.runtime.now()
  const reservations = rules.ledger ? await reserve(rules.ledger, run, idempotent) : []
  const { onImages } = listeners
  const report = onImages && createReporter(planned.plan, onImages, run.warnings)
  const calls = await makeCalls(run, reservations, report)
  return resultOf(run, calls, rules.runtime.now() - startedMs)
}

/** How one planned call ended, over all its attempts. */
interface CallEnd {
  readonly outcomes: readonly CallOutcome[]
  /** Of the last attempt. */
  readonly answer: AttemptEnd["answer"]
  /** Of all attempts. */
  readonly usage?: Units | undefined
  readonly attempts: number
  readonly requestIds: readonly string[]
  readonly providerMs: number
  /** Costs of attempts that failed, may have been charged, and were retried. */
  readonly heldCosts: readonly Cost[]
  /** Whether every other call would fail in the same way. */
  readonly failsAll: boolean
}

type SettledCall = CallEnd & CallSlots

/**
 * Makes the calls, a few at a time. A failure that all calls share, such as a wrong key, skips
 * those not yet started.
 */
const makeCalls = async (
  run: PlanRun,
  reservations: readonly CallReservation[],
  report: ((call: number, slots: readonly Slot[]) => void) | undefined,
): Promise<readonly SettledCall[]> => {
  const { planned, rules, warnings } = run
  const { calls } = planned.plan
  const settled: SettledCall[] = []
  // The workers take their calls from one iterator.
  const queue = calls.entries()
  let isStopped = false
  const work = async (): Promise<void> => {
    for (const [index, call] of queue) {
      const reservation = reservations[index]
      const end = isStopped ? notAttempted(call) : await makeCall(run, call, reservation)
      isStopped ||= end.failsAll
      const ended = toSlots(end.outcomes, end.answer, slotContext(planned, call, warnings))
      const { slots, estimated } = ended
      if (slots.length > call.slots.length)
        warnings.push(
          `${call.modelId} sent ${slots.length} images instead of ${call.slots.length}. All are charged.`,
        )
      settled[index] = { ...end, ...ended }
      const { usage, requestIds } = end
      await reservation?.end(slots, defined({ requestId: requestIds.at(-1), usage, estimated }))
      report?.(index, slots)
    }
  }
  await Promise.all(times(Math.min(rules.parallelCalls, calls.length), work))
  return settled
}

const notAttempted = ({ slots }: PlannedCall): CallEnd => ({
  outcomes: slots.map(() => ({ status: "not-attempted" })),
  answer: {},
  attempts: 0,
  requestIds: [],
  providerMs: 0,
  heldCosts: [],
  failsAll: false,
})

/** Makes one call, with retries. Never throws: failures are in the outcomes. */
const makeCall = async (
  run: PlanRun,
  call: PlannedCall,
  reservation: CallReservation | undefined,
): Promise<CallEnd> => {
  let end = notAttempted(call)
  if (run.cancellation.signal.aborted) return end
  for (let attempt = 1; ; attempt++) {
    const attempted = await attemptCall(run, call, reservation, attempt)
    const { outcomes, answer, failure, isSubmitted, requestId, providerMs } = attempted
    end = {
      outcomes,
      answer,
      usage:
        end.usage && answer.usage
          ? addUnits([end.usage, answer.usage])
          : (answer.usage ?? end.usage),
      attempts: attempt,
      requestIds: requestId === undefined ? end.requestIds : [...end.requestIds, requestId],
      providerMs: end.providerMs + providerMs,
      heldCosts: end.heldCosts,
      failsAll: failure !== undefined && failsAll(failure),
    }
    const error = failure ?? retryableErrorOf(outcomes)
    if (!error || isSubmitted || !mayRetry(error, run, attempt)) return end
    try {
      await waitForRetry(error, run, attempt)
      if (error.maybeBilled) {
        const cost = asMaybe(costOfCall(run.planned.price, call.slots.length))
        await reservation?.again({ cost, delivered: 0 })
        end = { ...end, heldCosts: [...end.heldCosts, cost] }
      }
    } catch {
      // The wait was cancelled, or the ledger rejected another reservation: return the last
      // attempt.
      return end
    }
  }
}

const sharedFailures: readonly unknown[] = [
  "unauthenticated",
  "misconfigured",
  "forbidden",
  "model_not_found",
  "model_retired",
  401,
  403,
  404,
]

const failsAll = ({ code, status }: ImageError): boolean =>
  sharedFailures.includes(code) || sharedFailures.includes(status)

/**
 * The first retryable error of a reply whose images all failed and are free: the call may be
 * repeated.
 */
const retryableErrorOf = (outcomes: readonly CallOutcome[]): ImageError | undefined => {
  const errors = outcomes.flatMap((outcome) =>
    outcome.status === "failed" && !outcome.billed ? outcome.error : [],
  )
  return errors.length === outcomes.length ? errors.find(({ retryable }) => retryable) : undefined
}

const mayRetry = (
  error: ImageError,
  { rules: { retry }, cancellation }: PlanRun,
  attempt: number,
): boolean =>
  attempt < retry.attempts &&
  !cancellation.signal.aborted &&
  (error.maybeBilled
    ? retry.maybeBilled && error.code !== "aborted" && error.code !== "invalid_response"
    : error.retryable)

const baseWaitMs = 200
const maxWaitMs = 20_000

/** Exponential backoff with full jitter, but never less than the provider's `retry-after`. */
const waitForRetry = (
  { retryAfterMs = 0 }: ImageError,
  { rules: { runtime }, cancellation }: PlanRun,
  attempt: number,
): Promise<void> => {
  const backoffMs = runtime.random() * Math.min(maxWaitMs, baseWaitMs * 2 ** attempt)
  return runtime.sleep(Math.max(retryAfterMs, Math.round(backoffMs)), cancellation.signal)
}

/** Makes the function that reports each settled call to `onImages`. */
const createReporter = (
  plan: Plan,
  onImages: NonNullable<GenerateOptions["onImages"]>,
  warnings: string[],
) => {
  let callsLeft = plan.calls.length
  return (call: number, slots: readonly Slot[]): void => {
    callsLeft -= 1
    try {
      onImages({ plan, call, slots, images: imagesOf(slots), callsLeft })
    } catch {
      warnings.push("onImages threw an error. The images are in the result.")
    }
  }
}

const stopped = (code: CancelCode): string =>
  code === "timeout" ? "The request's deadline has passed" : "The request was aborted"

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0)

const resultOf = (
  { planned, cancellation, warnings }: PlanRun,
  calls: readonly SettledCall[],
  totalMs: number,
): ImageResult => {
  const { plan } = planned
  const slots = inPlanOrder(
    calls.map((call) => call.slots),
    planned,
  )
  const heldCosts = calls.flatMap((call) => call.heldCosts)
  const cost = addCosts([...slots.map((slot) => slot.cost), ...heldCosts])
  const images = imagesOf(slots)
  const [image] = images
  if (!image || (cancellation.signal.aborted && images.length < plan.n)) {
    const maybeBilled = heldCosts.length > 0 || slots.some(isMaybeBilled)
    throw failureOf(plan, { slots, cost, maybeBilled }, cancellation)
  }
  return {
    image,
    images,
    slots,
    cost,
    ...defined({ usage: addUnits(calls.map(({ usage }) => usage)) }),
    model: plan.model,
    changes: plan.changes,
    warnings,
    requestIds: calls.flatMap(({ requestIds }) => requestIds),
    attempts: sum(calls.map(({ attempts }) => attempts)),
    timing: { totalMs, providerMs: sum(calls.map(({ providerMs }) => providerMs)) },
  }
}

const isMaybeBilled = (slot: Slot): boolean =>
  slot.cost.maybeMicroUsd > 0 ||
  (slot.status === "failed"
    ? slot.error.maybeBilled
    : slot.status === "filtered" && slot.cost.unpricedImages > 0)

/** The error to throw when a request was cancelled, or delivered no image. */
const failureOf = (
  plan: Plan,
  ended: { readonly slots: readonly Slot[]; readonly cost: Cost; readonly maybeBilled: boolean },
  cancellation: Cancellation,
): ImageError => {
  const { slots, maybeBilled } = ended
  const code = cancellation.code()
  const attempted = slots.filter(({ status }) => status !== "not-attempted")
  if (code) {
    const delivered = imagesOf(slots).length
    return imageError(
      code,
      `${stopped(code)}: ${delivered} of ${plan.n} images of ${plan.model} were delivered, ${attempted.length - delivered} more were in progress.`,
      { ...ended, retryable: false, cause: cancellation.signal.reason },
    )
  }
  const filtered = slots.find((slot) => slot.status === "filtered")
  if (filtered && attempted.every(({ status }) => status === "filtered"))
    return imageError(
      "content_filtered",
      `${plan.model} filtered every image (${filtered.stage}). Change the prompt or the input image.`,
      { ...ended, stage: filtered.stage, retryable: false },
    )
  const failed = slots.find((slot) => slot.status === "failed")
  const cause = failed?.error ?? imageError("provider_failed", `${plan.model} delivered no image.`)
  return errorAfter(cause, { ...ended, retryable: cause.retryable && !maybeBilled })
}
