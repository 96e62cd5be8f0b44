import { type CallEnd, type Calling, makeCall, notAttempted, type RetryOptions } from "./attempts.ts"
import { type Booking, book } from "./booking.ts"
import { ImageError, isImageError } from "./errors.ts"
import { failureOf } from "./failure.ts"
import type { Idempotency } from "./idempotency.ts"
import { invoke } from "./invoke.ts"
import { inOrder, toSlot } from "./outcome.ts"
import type { Plan } from "./plan.ts"
import type { Ordered } from "./planning.ts"
import type { CallAnswer, CallAttempt, ImageStore, Middleware } from "./ports.ts"
import { addCosts } from "./price.ts"
import { type Keeping, keepImages, replayed } from "./replayed.ts"
import type { ImageResult, Slot } from "./result.ts"
import { compose, guarded } from "./rings.ts"
import type { Runtime } from "./runtime.ts"
import type { Stopping } from "./stopping.ts"

export interface Running {
  readonly signal?: AbortSignal
  /** For the whole request; the transport has a limit of its own per attempt. */
  readonly timeoutMs?: number
}

export interface RunRules extends Keeping {
  readonly middleware: readonly Middleware[]
  readonly parallelCalls: number
  readonly retry: Required<RetryOptions>
  readonly runtime: Runtime
}

interface Finishing {
  readonly store: ImageStore | undefined
  readonly warnings: string[]
}

interface CallRun {
  readonly slots: readonly Slot[]
  readonly end: CallEnd
}

/** Images are kept before their row settles: one that has settled has its images. */
const finish = async (booking: Booking, { slots, end }: CallRun, { store, warnings }: Finishing): Promise<void> => {
  const id = booking.id()
  if (store && id !== undefined) await keepImages(store, id, slots, warnings)
  const cost = addCosts(slots.map((slot) => slot.cost))
  const delivered = slots.filter(({ status }) => status === "delivered").length
  const free = delivered === 0 && cost.microUsd === 0 && cost.maybeMicroUsd === 0 && cost.unknownImages === 0
  const requestId = end.requestIds.at(-1)
  await (free ? booking.release() : booking.settle({ cost, delivered, ...(requestId === undefined ? {} : { requestId }) }))
}

/** Makes the calls, a few at a time; one that would fail for every other stops those not yet begun. */
const makeCalls = async (
  calling: Calling,
  bookings: readonly Booking[],
  parallelCalls: number,
  finishing: Finishing,
): Promise<readonly CallRun[]> => {
  const { warnings } = finishing
  const { plan } = calling.planned
  const runs: CallRun[] = []
  let next = 0
  let fatal = false
  const work = async (): Promise<void> => {
    while (next < plan.calls.length) {
      const index = next++
      const call = plan.calls[index]
      const booking = bookings[index]
      if (!call || !booking) return
      const end = fatal ? notAttempted(call) : await makeCall(calling, call, booking)
      fatal ||= end.fatal
      const slots = end.outcomes.map((outcome, image) => toSlot(outcome, calling.planned, call, image, warnings))
      if (slots.length > call.slots.length)
        warnings.push(`${call.modelId} sent ${slots.length} images where ${call.slots.length} were ordered; all are charged.`)
      const run = { slots, end }
      runs[index] = run
      await finish(booking, run, finishing)
    }
  }
  await Promise.all(Array.from({ length: Math.min(parallelCalls, plan.calls.length) }, work))
  return runs
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0)

const reserveAndCall = async (planned: Ordered, stopping: Stopping, rules: RunRules, idempotency: Idempotency | undefined): Promise<ImageResult> => {
  const { plan, target } = planned
  const { runtime, retry, ledger, middleware, parallelCalls } = rules
  const store = idempotency && rules.store
  const startedMs = runtime.now()
  const warnings = [...plan.warnings]
  const rings = middleware.flatMap(({ call }) => call ?? [])
  const send = (attempt: CallAttempt): Promise<CallAnswer> =>
    compose(
      rings,
      guarded("call", invoke(target, stopping), ({ call }: CallAttempt) => call === attempt.call),
    )(attempt)
  const bookings = await book(ledger, planned, idempotency, (warning) => warnings.push(warning))
  const runs = await makeCalls({ planned, stopping, runtime, retry, send }, bookings, parallelCalls, { store, warnings })
  const slots = inOrder(
    runs.map((run) => run.slots),
    planned,
  )
  const held = runs.flatMap(({ end }) => end.heldCosts)
  const cost = addCosts([...slots.map((slot) => slot.cost), ...held])
  const images = slots.flatMap((slot) => (slot.status === "delivered" ? [slot.image] : []))
  if (images.length === 0 || (stopping.signal.aborted && images.length < plan.n))
    throw failureOf(plan, slots, { cost, held: held.length > 0 }, stopping)
  return {
    images,
    slots,
    cost,
    model: plan.model,
    changes: plan.changes,
    warnings,
    requestIds: runs.flatMap(({ end }) => end.requestIds),
    attempts: sum(runs.map(({ end }) => end.attempts)),
    timing: { totalMs: runtime.now() - startedMs, providerMs: sum(runs.map(({ end }) => end.providerMs)) },
  }
}

/**
 * Sends a plan: reserve, invoke, lift, decode, settle. Throws where nothing was delivered, and where the caller's time was up. What was done before
 * under its idempotency key is given again.
 */
export const runPlan = async (planned: Ordered, stopping: Stopping, rules: RunRules, idempotency?: Idempotency): Promise<ImageResult> => {
  if (stopping.signal.aborted)
    throw new ImageError({ code: "aborted", message: "The request was aborted before it began.", cause: stopping.signal.reason })
  const rings = rules.middleware.flatMap(({ plan }) => plan ?? [])
  const core = async (): Promise<ImageResult> => {
    try {
      return await reserveAndCall(planned, stopping, rules, idempotency)
    } catch (error) {
      if (!idempotency || !isImageError(error, "idempotency_replayed")) throw error
      return replayed(error, rules, planned, idempotency)
    }
  }
  return compose(
    rings,
    guarded("plan", core, (plan: Plan) => plan === planned.plan),
  )(planned.plan)
}
