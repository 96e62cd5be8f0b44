import type { Cost, ImageError, ImageResult, Slot } from "@pictor/core"
import type { Answer } from "@pictor/openai-http"
import type { Visit } from "./visit.ts"

/** What became of a request's images, and what that cost. */
export interface Charge {
  readonly slots: readonly Slot[]
  readonly cost: Cost | undefined
}

const nothing: Charge = { slots: [], cost: undefined }

/** Requests that join one under way with their idempotency key get its result, of which the first to be answered is charged. */
const charged = new WeakMap<ImageResult | ImageError, Answer>()

/** What an answer is to be counted for: nothing where an earlier one, with the same idempotency key, has been. */
export const chargeOf = ({
  answer,
  isRepeatable,
}: Pick<Visit, "answer" | "isRepeatable">): Charge => {
  const end = answer?.result ?? answer?.error
  if (!answer || !end) return nothing
  if (isRepeatable && !charged.has(end)) charged.set(end, answer)
  const isRepeated =
    (isRepeatable && charged.get(end) !== answer) ||
    answer.result?.replayed === true ||
    answer.error?.code === "idempotency_replayed"
  return isRepeated ? nothing : { slots: end.slots ?? [], cost: end.cost }
}
