import { createImage, isImageData } from "../bytes/image.ts"
import type { Decoded, ImageAdapter, ImageData } from "../contract/adapter.ts"
import { type Cost, dollars } from "../contract/cost.ts"
import { imageError, type Slot } from "../contract/errors.ts"
import type { Image, Recipe } from "../contract/image.ts"
import type { PlannedCall } from "../contract/plan.ts"
import { defined } from "../lib/object.ts"
import {
  asMaybe,
  boundOf,
  type Charge,
  chargeOf,
  costOf,
  noCost,
  type Rate,
  sharesOf,
} from "../planning/price.ts"
import type { Planned } from "../planning/types.ts"
import type { CallOutcome } from "./types.ts"

type Attempted = Exclude<CallOutcome, { readonly status: "not-attempted" }>

/** The slots of an ended call. `estimated`: its upper bound is charged, as the count is unknown. */
export interface CallSlots {
  readonly slots: readonly Slot[]
  readonly estimated?: true
}

/** The data for the slots of a call, besides its reply. */
export interface SlotContext {
  readonly call: Pick<PlannedCall, "modelId" | "seed">
  /** Requested images. */
  readonly images: number
  readonly row: Rate | undefined
  /** The amount that was reserved for the call; undefined where unknown. */
  readonly reserved: number | undefined
  readonly recipe: (index: number, seed: number | undefined) => Recipe
  readonly warnings: string[]
}

export const slotContext = (
  planned: Planned,
  call: PlannedCall,
  warnings: string[],
): SlotContext => ({
  call,
  images: call.slots.length,
  row: planned.price.row,
  reserved: boundOf(planned.price, call.slots.length),
  recipe: (index, seed) => recipeOf(planned, call, index, seed),
  warnings,
})

/** The slots of a call's last attempt, with the charge that `answer` leads to. */
export const toSlots = (
  outcomes: readonly CallOutcome[],
  answer: Omit<Decoded, "outcomes">,
  context: SlotContext,
): CallSlots => {
  const { call, images, row, reserved, warnings } = context
  const attempted = outcomes.map((outcome) =>
    outcome.status === "not-attempted" ? undefined : checked(outcome, call.modelId),
  )
  const billing = attempted.map((outcome) => outcome && billingOf(outcome))
  const charged = billing.filter((each) => each === true).length
  const charge = chargeOf(row, reserved, answer, charged || images)
  const costs = costsOf(billing, charge)
  const isEstimated = charged > 0 && "call" in charge && charge.estimated !== undefined
  if (charged > 0 && "call" in charge) {
    if (charge.estimated !== undefined)
      warnings.push(
        `${call.modelId} ${charge.estimated}. The upper bound, ${dollars(charge.call)}, is charged.`,
      )
    if (reserved !== undefined && charge.call > reserved)
      warnings.push(
        `A call of ${call.modelId} costs ${dollars(charge.call)}, more than the ${dollars(reserved)} that were planned.`,
      )
  }
  return {
    slots: attempted.map((outcome, index) =>
      outcome
        ? toSlot(outcome, costs[index] ?? noCost, { ...context, index, charge })
        : { status: "not-attempted", cost: noCost },
    ),
    ...(isEstimated && { estimated: true as const }),
  }
}

interface SlotPlace extends SlotContext {
  /** The slot's position in its call. */
  readonly index: number
  readonly charge: Charge
}

const toSlot = (outcome: Attempted, cost: Cost, place: SlotPlace): Slot => {
  const { call, index, charge, recipe, warnings } = place
  if (outcome.status === "failed") return { status: "failed", error: outcome.error, cost }
  const seed = (outcome.status === "delivered" ? outcome.seed : undefined) ?? call.seed
  const imageOf = (data: ImageData): Image =>
    createImage({ data, recipe: recipe(index, seed), seed })
  if (outcome.status === "filtered") {
    const { stage, reason, preview, billed } = outcome
    if (billed === true)
      warnings.push(
        "call" in charge
          ? `A filtered image of ${call.modelId} is charged.`
          : `A filtered image of ${call.modelId} counts at full price. That it is charged is inferred.`,
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

type Billing = true | "maybe" | undefined

const billingOf = (outcome: Attempted): Billing => {
  if (outcome.status === "delivered") return true
  if (outcome.billed !== undefined) return outcome.billed
  return outcome.status === "failed" && outcome.error.maybeBilled ? "maybe" : undefined
}

/**
 * The cost of each slot. The charged slots share an amount for the whole call. Without a charged
 * slot, the amount is maybe charged, and the slots that may be charged share it.
 */
const costsOf = (billing: readonly Billing[], charge: Charge): readonly Cost[] => {
  if ("image" in charge) return billing.map((billed) => slotCost(billed, charge.image))
  const payer = billing.includes(true) ? true : "maybe"
  const shares = [...sharesOf(charge.call, billing.filter((billed) => billed === payer).length)]
  return billing.map((billed) => (billed === payer ? slotCost(billed, shares.shift()) : noCost))
}

const slotCost = (billed: Billing, microUsd: number | undefined): Cost => {
  const cost = billed ? costOf(microUsd, 1) : noCost
  return billed === "maybe" ? asMaybe(cost) : cost
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
  return toRecipe(adapter, {
    request: planned.recipe,
    ...call,
    callSeed,
    callImages: call.slots.length,
    index,
    reason: callSeed === undefined ? reason : undefined,
  })
}

interface RecipeFacts
  extends Pick<Recipe, "request" | "model" | "modelId" | "callImages" | "index"> {
  readonly region?: string | undefined
  readonly callSeed: number | undefined
  /** Why it is not replayable; undefined if it is. */
  readonly reason: string | undefined
}

export const toRecipe = (
  { alias, name, version }: ImageAdapter,
  { request, model, modelId, region, callSeed, callImages, index, reason }: RecipeFacts,
): Recipe => ({
  v: 1,
  request,
  model: alias === undefined ? model : `${alias}/${model}`,
  modelId,
  ...defined({ region, callSeed }),
  callImages,
  index,
  adapter: version === undefined ? name : `${name}@${version}`,
  replayable: reason === undefined,
  ...defined({ reason }),
})

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
