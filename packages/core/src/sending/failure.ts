import { type ImageError, imageError } from "../contract/errors.ts"
import type { Plan } from "../contract/plan.ts"
import type { Slot } from "../contract/result.ts"
import type { Cost } from "../planning/price.ts"
import { defined } from "../tools/defined.ts"
import type { Stopping } from "./stopping.ts"

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
