import { encodeBase64 } from "../bytes/base64.ts"
import { createImage, isImageData } from "../bytes/image.ts"
import type { ImageData } from "../contract/adapter.ts"
import type { Cost } from "../contract/cost.ts"
import { imageError, type Slot } from "../contract/errors.ts"
import type { Image, Recipe } from "../contract/image.ts"
import type { PlannedCall } from "../contract/plan.ts"
import { defined } from "../lib/object.ts"
import { costOf, maybeCostOf, noCost } from "../planning/price.ts"
import type { Planned } from "../planning/types.ts"
import type { CallOutcome } from "./types.ts"

type Attempted = Exclude<CallOutcome, { readonly status: "not-attempted" }>

/** The slot of an outcome. `index`: the slot's position in its call. */
export const toSlot = (
  given: CallOutcome,
  planned: Planned,
  call: PlannedCall,
  index: number,
  warnings: string[],
): Slot => {
  if (given.status === "not-attempted") return { status: "not-attempted", cost: noCost }
  const outcome = checked(given, call.modelId)
  const cost = costOfOutcome(outcome, planned.price)
  if (outcome.status === "failed") return { status: "failed", error: outcome.error, cost }
  const seed = (outcome.status === "delivered" ? outcome.seed : undefined) ?? call.seed
  const imageOf = (data: ImageData): Image =>
    createImage({
      data: typeof data === "object" && "bytes" in data ? encodeBase64(data.bytes) : data,
      recipe: recipeOf(planned, call, index, seed),
      seed,
    })
  if (outcome.status === "filtered") {
    const { stage, reason, preview, billed } = outcome
    if (billed === true)
      warnings.push(
        `A filtered image of ${call.modelId} counts at full price. That it is charged is inferred.`,
      )
    return {
      status: "filtered",
      stage,
      reason,
      cost,
      ...(isImageData(preview) && { preview: imageOf(preview) }),
    }
  }
  if (outcome.warning !== undefined) warnings.push(outcome.warning)
  const image = imageOf(outcome.data)
  if (image.mediaType === "application/octet-stream")
    warnings.push(`${call.modelId} sent an image in an unknown format.`)
  return { status: "delivered", image, cost }
}

/** A delivered outcome without image data is a failure that may have been charged. */
const checked = (outcome: Attempted, modelId: string): Attempted =>
  outcome.status !== "delivered" || isImageData(outcome.data)
    ? outcome
    : {
        status: "failed",
        error: imageError(
          "invalid_response",
          `${modelId} sent a value that is not an image. It may have been charged.`,
          { maybeBilled: true },
        ),
      }

const costOfOutcome = (outcome: Attempted, price: number | undefined): Cost => {
  const billed =
    outcome.status === "delivered" ||
    (outcome.status === "failed" ? outcome.error.maybeBilled && "maybe" : outcome.billed)
  return billed === true ? costOf(price, 1) : billed ? maybeCostOf(price, 1) : noCost
}

/** The slots of all calls in the order of the plan; surplus images come last. */
export const inPlanOrder = (
  byCall: readonly (readonly Slot[])[],
  { plan: { calls } }: Planned,
): readonly Slot[] => [
  ...byCall.flatMap((slots, call) => slots.slice(0, calls[call]?.slots.length)),
  ...byCall.flatMap((slots, call) => slots.slice(calls[call]?.slots.length)),
]

export const imagesOf = (slots: readonly Slot[]): readonly Image[] =>
  slots.flatMap((slot) => (slot.status === "delivered" ? [slot.image] : []))

/** The recipe of image `index` of a call. `reported`: the seed of the image. */
export const recipeOf = (
  planned: Planned,
  call: PlannedCall,
  index: number,
  reported: number | undefined,
): Recipe => {
  const { adapter } = planned.target
  const callSeed = seedOfCall(planned, call, reported)
  const reason =
    call.seed === undefined
      ? `${call.model} takes no seed`
      : `${call.model} drew the seed itself and did not report it`
  return {
    v: 1,
    request: planned.recipe,
    model: adapter.alias === undefined ? call.model : `${adapter.alias}/${call.model}`,
    modelId: call.modelId,
    ...defined({ region: call.region, callSeed }),
    callImages: call.slots.length,
    index,
    adapter: adapter.version === undefined ? adapter.name : `${adapter.name}@${adapter.version}`,
    ...(callSeed === undefined ? { replayable: false, reason } : { replayable: true }),
  }
}

/** If the model drew the seed, only a call of one image can report the seed of the call. */
const seedOfCall = (
  { target, plan }: Planned,
  call: PlannedCall,
  reported: number | undefined,
): number | undefined => {
  const parameter = target.card.tasks[plan.task]?.fields.seed
  const isDrawnByModel =
    call.seed === 0 && parameter?.kind === "seed" && parameter.zero === "random"
  if (!isDrawnByModel) return call.seed
  return call.slots.length === 1 && reported !== 0 ? reported : undefined
}
