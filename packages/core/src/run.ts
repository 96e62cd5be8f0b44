import { type CallEnd, type Calling, makeCall, notAttempted, type RetryOptions } from "./attempts.ts"
import { type Booking, book } from "./booking.ts"
import { ImageError } from "./errors.ts"
import { failureOf } from "./failure.ts"
import type { Idempotency } from "./idempotency.ts"
import { invoke } from "./invoke.ts"
import type { Ledger } from "./ledger.ts"
import { toSlot } from "./outcome.ts"
import type { Plan } from "./plan.ts"
import type { Planned } from "./planner.ts"
import type { CallAnswer, CallAttempt, Middleware } from "./ports.ts"
import { addCosts } from "./price.ts"
import type { ImageResult, Slot } from "./result.ts"
import { compose, guarded } from "./rings.ts"
import type { Runtime } from "./runtime.ts"
import { createStopping, type Stopping } from "./stopping.ts"

export interface Running {
  readonly signal?: AbortSignal
  /** For the whole request; the transport has a limit of its own per attempt. */
  readonly timeoutMs?: number
}

export interface RunRules {
  readonly ledger: Ledger | undefined
  readonly middleware: readonly Middleware[]
  readonly parallelCalls: number
  readonly retry: Required<RetryOptions>
  readonly runtime: Runtime
}

interface CallRun {
  readonly slots: readonly Slot[]
  readonly end: CallEnd
}

const finish = async (booking: Booking, { slots, end }: CallRun): Promise<void> => {
  const cost = addCosts(slots.map((slot) => slot.cost))
  const delivered = slots.filter(({ status }) => status === "delivered").length
  const free = delivered === 0 && cost.microUsd === 0 && cost.maybeMicroUsd === 0 && cost.unknownImages === 0
  const requestId = end.requestIds.at(-1)
  await (free ? booking.release() : booking.settle({ cost, delivered, ...(requestId === undefined ? {} : { requestId }) }))
}

/** Makes the calls, a few at a time; one that would fail for every other stops those not yet begun. */
const makeCalls = async (calling: Calling, bookings: readonly Booking[], parallelCalls: number, warnings: string[]): Promise<readonly CallRun[]> => {
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
      await finish(booking, run)
    }
  }
  await Promise.all(Array.from({ length: Math.min(parallelCalls, plan.calls.length) }, work))
  return runs
}

/** In the order of the plan's slots; what was sent beyond them comes last. */
const inOrder = (runs: readonly CallRun[], planned: Planned): readonly Slot[] => {
  const { calls } = planned.plan
  const ordered = runs.flatMap(({ slots }, call) => slots.slice(0, calls[call]?.slots.length))
  return [...ordered, ...runs.flatMap(({ slots }, call) => slots.slice(calls[call]?.slots.length))]
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0)

const reserveAndCall = async (planned: Planned, stopping: Stopping, rules: RunRules, idempotency: Idempotency | undefined): Promise<ImageResult> => {
  const { plan, target } = planned
  const { runtime, retry, ledger, middleware, parallelCalls } = rules
  const startedMs = runtime.now()
  const warnings = [...plan.warnings]
  const rings = middleware.flatMap(({ call }) => call ?? [])
  const send = (attempt: CallAttempt): Promise<CallAnswer> =>
    compose(
      rings,
      guarded("call", invoke(target, stopping), ({ call }: CallAttempt) => call === attempt.call),
    )(attempt)
  const bookings = await book(ledger, planned, idempotency, (warning) => warnings.push(warning))
  const runs = await makeCalls({ planned, stopping, runtime, retry, send }, bookings, parallelCalls, warnings)
  const slots = inOrder(runs, planned)
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

/** Sends a plan: reserve, invoke, lift, decode, settle. Throws where nothing was delivered, and where the caller's time was up. */
export const runPlan = async (planned: Planned, running: Running, rules: RunRules, idempotency?: Idempotency): Promise<ImageResult> => {
  const stopping = createStopping(running.signal, running.timeoutMs)
  try {
    if (stopping.signal.aborted)
      throw new ImageError({ code: "aborted", message: "The request was aborted before it began.", cause: running.signal?.reason })
    const rings = rules.middleware.flatMap(({ plan }) => plan ?? [])
    const core = (): Promise<ImageResult> => reserveAndCall(planned, stopping, rules, idempotency)
    return await compose(
      rings,
      guarded("plan", core, (plan: Plan) => plan === planned.plan),
    )(planned.plan)
  } finally {
    stopping.done()
  }
}
