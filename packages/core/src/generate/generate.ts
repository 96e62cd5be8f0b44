import type { Cost } from "../contract/cost.ts"
import { type ImageError, imageError } from "../contract/errors.ts"
import type { GenerateOptions, RetryOptions } from "../contract/generate.ts"
import type { Ledger } from "../contract/ledger.ts"
import type { CallAnswer, CallAttempt, Middleware } from "../contract/middleware.ts"
import type { Plan } from "../contract/plan.ts"
import type { ImageResult, Slot } from "../contract/result.ts"
import type { Runtime } from "../contract/runtime.ts"
import { defined, times } from "../lib/object.ts"
import { addCosts } from "../planning/price.ts"
import type { Planned } from "../planning/types.ts"
import { type CallEnd, type Calling, invoke, makeCall, notAttempted } from "./call.ts"
import type { Stopping } from "./cancellation.ts"
import type { Keyed } from "./idempotency.ts"
import { imagesOf, inOrder, toSlot } from "./outcome.ts"
import type { Booking } from "./reservation.ts"
import { book } from "./reservation.ts"
import { throughCallRing, throughPlanRing } from "./run-middleware.ts"

export interface RunRules {
  readonly ledger: Ledger | undefined
  readonly middleware: readonly Middleware[]
  readonly parallelCalls: number
  readonly retry: Required<RetryOptions>
  readonly runtime: Runtime
}

/** What a request with an idempotency key is run with. */
export interface Once {
  readonly idempotency: Keyed
  /** Keeps the images of a row. */
  readonly keep: (id: string, slots: readonly Slot[], warnings: string[]) => Promise<void>
  /** What was done before under the key, where the error says that something was. */
  readonly replayed: (error: unknown) => Promise<ImageResult>
}

interface CallRun {
  readonly slots: readonly Slot[]
  readonly end: CallEnd
}

/** Makes the calls, a few at a time; one that would fail for every other stops those not yet begun. */
const makeCalls = async (
  calling: Calling,
  bookings: readonly Booking[],
  parallelCalls: number,
  warnings: string[],
  tell: ((slots: readonly Slot[]) => void) | undefined,
): Promise<readonly CallRun[]> => {
  const { plan } = calling.planned
  const runs: CallRun[] = []
  const queue = plan.calls.entries()
  let fatal = false
  const work = async (): Promise<void> => {
    for (const [index, call] of queue) {
      const booking = bookings[index]
      const end = fatal ? notAttempted(call) : await makeCall(calling, call, booking)
      fatal ||= end.fatal
      const slots = end.outcomes.map((outcome, image) =>
        toSlot(outcome, calling.planned, call, image, warnings),
      )
      const ordered = call.slots.length
      if (slots.length > ordered)
        warnings.push(
          `${call.modelId} sent ${slots.length} images where ${ordered} were ordered; all are charged.`,
        )
      runs[index] = { slots, end }
      await booking?.end(slots, end.requestIds.at(-1))
      tell?.(slots)
    }
  }
  await Promise.all(times(Math.min(parallelCalls, plan.calls.length), work))
  return runs
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0)

const reserveAndCall = async (
  planned: Planned,
  stopping: Stopping,
  rules: RunRules,
  once: Once | undefined,
  onImages: GenerateOptions["onImages"],
): Promise<ImageResult> => {
  const { plan, target } = planned
  const { runtime, retry, ledger, middleware, parallelCalls } = rules
  const startedMs = runtime.now()
  const warnings = [...plan.warnings]
  const call = invoke(target, stopping)
  const send = (attempt: CallAttempt): Promise<CallAnswer> =>
    throughCallRing(middleware, attempt, call)
  const bookings = ledger ? await book(ledger, planned, once, warnings) : []
  const tell = onImages && teller(plan, onImages, warnings)
  const runs = await makeCalls(
    { planned, stopping, runtime, retry, send },
    bookings,
    parallelCalls,
    warnings,
    tell,
  )
  const ends = runs.map(({ end }) => end)
  const slots = inOrder(
    runs.map((run) => run.slots),
    planned,
  )
  const held = ends.flatMap(({ heldCosts }) => heldCosts)
  const cost = addCosts([...slots.map((slot) => slot.cost), ...held])
  const images = imagesOf(slots)
  const [image] = images
  if (!image || (stopping.signal.aborted && images.length < plan.n))
    throw failureOf(plan, slots, { cost, held: held.length > 0 }, stopping)
  return {
    image,
    images,
    slots,
    cost,
    model: plan.model,
    changes: plan.changes,
    warnings,
    requestIds: ends.flatMap(({ requestIds }) => requestIds),
    attempts: sum(ends.map(({ attempts }) => attempts)),
    timing: {
      totalMs: runtime.now() - startedMs,
      providerMs: sum(ends.map(({ providerMs }) => providerMs)),
    },
  }
}

/**
 * Sends a plan: reserve, invoke, lift, decode, settle. Throws where nothing was delivered, and where the caller's time was up. What was done before
 * under its idempotency key is given again.
 */
export const runPlan = async (
  planned: Planned,
  stopping: Stopping,
  rules: RunRules,
  once: Once | undefined,
  onImages: GenerateOptions["onImages"],
): Promise<ImageResult> => {
  const { signal } = stopping
  if (signal.aborted)
    throw imageError("aborted", "The request was aborted before it began.", {
      cause: signal.reason,
    })
  const { middleware } = rules
  const core = (): Promise<ImageResult> =>
    reserveAndCall(planned, stopping, rules, once, onImages).catch(once?.replayed)
  return throughPlanRing(middleware, planned.plan, core)
}

const isMaybeBilled = (slot: Slot): boolean =>
  slot.cost.maybeMicroUsd > 0 ||
  (slot.status === "failed"
    ? slot.error.maybeBilled
    : slot.status === "filtered" && slot.cost.unpricedImages > 0)

interface Spent {
  readonly cost: Cost
  /** An attempt was repeated that may have been charged. */
  readonly held: boolean
}

/** The error of a request that delivered nothing, or whose time was up; it carries what each slot came to. */
export const failureOf = (
  plan: Plan,
  slots: readonly Slot[],
  { cost, held }: Spent,
  stopping: Stopping,
): ImageError => {
  const maybeBilled = held || slots.some(isMaybeBilled)
  const common = { slots, cost, maybeBilled }
  const stopped = stopping.stopped()
  if (stopped)
    return imageError(stopped.code, stopped.summaryOf(plan, slots), {
      ...common,
      retryable: false,
      cause: stopping.signal.reason,
    })
  const attempted = slots.filter(({ status }) => status !== "not-attempted")
  const filtered = slots.find((slot) => slot.status === "filtered")
  if (filtered && attempted.every(({ status }) => status === "filtered")) {
    const message = `${plan.model} filtered every image (${filtered.stage}). Change the words or the input image.`
    return imageError("content_filtered", message, {
      ...common,
      stage: filtered.stage,
      retryable: false,
    })
  }
  const failed = slots.find((slot) => slot.status === "failed")
  const cause = failed?.error ?? imageError("provider_failed", `${plan.model} delivered nothing.`)
  const { code, message, retryAfterMs, requestId, status } = cause
  const retryable = cause.retryable && !maybeBilled
  return imageError(code, message, {
    ...common,
    retryable,
    cause,
    ...defined({ retryAfterMs, requestId, status }),
  })
}

/** Tells of each call's images as it ends. */
export const teller = (
  plan: Plan,
  onImages: NonNullable<GenerateOptions["onImages"]>,
  warnings: string[],
) => {
  let callsLeft = plan.calls.length
  return (slots: readonly Slot[]): void => {
    callsLeft -= 1
    const images = imagesOf(slots)
    if (images.length === 0) return
    try {
      onImages({ plan, images, callsLeft })
    } catch {
      warnings.push("onImages threw an error; the images are in the result.")
    }
  }
}
