import { createImage, isImageData } from "../bytes/image.ts"
import type { Cost } from "../contract/cost.ts"
import { imageError } from "../contract/errors.ts"
import type { PlannedCall } from "../contract/plan.ts"
import type { Image, Recipe, Slot } from "../contract/result.ts"
import { defined } from "../lib/object.ts"
import { costOf, maybeCostOf, noCost } from "../planning/price.ts"
import type { Planned } from "../planning/types.ts"
import type { CallOutcome } from "./call.ts"

type AttemptedOutcome = Exclude<CallOutcome, { readonly status: "not-attempted" }>

/** What one outcome costs: delivered is charged, a filtered one where the provider says so, a failed one perhaps. */
const costOfOutcome = (outcome: AttemptedOutcome, price: number | undefined): Cost => {
  const billed =
    outcome.status === "delivered" ||
    (outcome.status === "failed" ? outcome.error.maybeBilled && "maybe" : outcome.billed)
  return billed === true ? costOf(price, 1) : billed ? maybeCostOf(price, 1) : noCost
}

/** What is delivered without an image is a failure that may have been charged. */
const readable = (outcome: AttemptedOutcome, modelId: string): AttemptedOutcome => {
  if (outcome.status !== "delivered" || isImageData(outcome.data)) return outcome
  const message = `${modelId} sent something else where an image should be. It may have been charged.`
  return { status: "failed", error: imageError("invalid_response", message, { maybeBilled: true }) }
}

/** In the order of the plan's slots; what was sent beyond them comes last. */
export const inOrder = (
  runs: readonly (readonly Slot[])[],
  { plan: { calls } }: Planned,
): readonly Slot[] => {
  const ordered = runs.flatMap((slots, call) => slots.slice(0, calls[call]?.slots.length))
  return [...ordered, ...runs.flatMap((slots, call) => slots.slice(calls[call]?.slots.length))]
}

/** Of what was delivered. */
export const imagesOf = (slots: readonly Slot[]): readonly Image[] => {
  const images: Image[] = []
  for (const slot of slots) if (slot.status === "delivered") images.push(slot.image)
  return images
}

/** An outcome as the caller gets it. `index`: which image of its call it is. */
export const toSlot = (
  given: CallOutcome,
  planned: Planned,
  call: PlannedCall,
  index: number,
  warnings: string[],
): Slot => {
  if (given.status === "not-attempted") return { status: "not-attempted", cost: noCost }
  const outcome = readable(given, call.modelId)
  const cost = costOfOutcome(outcome, planned.price)
  if (outcome.status === "failed") return { status: "failed", error: outcome.error, cost }
  const seed = (outcome.status === "delivered" ? outcome.seed : undefined) ?? call.seed
  const picture = (data: Parameters<typeof createImage>[0]["data"]) =>
    createImage({ data, recipe: recipeOf(planned, call, index, seed), seed })
  if (outcome.status === "filtered") {
    const { stage, reason, preview, billed } = outcome
    if (billed === true)
      warnings.push(
        `A filtered image of ${call.modelId} is counted at full price: that it is charged is inferred.`,
      )
    return {
      status: "filtered",
      stage,
      reason,
      cost,
      ...(isImageData(preview) ? { preview: picture(preview) } : {}),
    }
  }
  if (outcome.warning !== undefined) warnings.push(outcome.warning)
  const image = picture(outcome.data)
  if (image.mediaType === "application/octet-stream")
    warnings.push(`${call.modelId} sent an image of no known format.`)
  return { status: "delivered", image, cost }
}

const seedFor = (
  { target, plan }: Planned,
  call: PlannedCall,
  reported: number | undefined,
): number | undefined => {
  const parameter = target.card.tasks[plan.task]?.fields.seed
  const drawnByModel = call.seed === 0 && parameter?.kind === "seed" && parameter.zero === "random"
  return drawnByModel
    ? call.slots.length === 1 && reported !== 0
      ? reported
      : undefined
    : call.seed
}

/** How image `index` of a call is ordered again; `reported`: the seed of the image. */
export const recipeOf = (
  planned: Planned,
  call: PlannedCall,
  index: number,
  reported: number | undefined,
): Recipe => {
  const { adapter } = planned.target
  const callSeed = seedFor(planned, call, reported)
  const reason =
    call.seed === undefined
      ? `${call.model} takes no seed`
      : `${call.model} drew the seed itself and did not report it`
  const head = {
    v: 1,
    request: planned.recipe,
    model: adapter.alias === undefined ? call.model : `${adapter.alias}/${call.model}`,
    modelId: call.modelId,
    ...defined({ region: call.region, callSeed }),
  } as const
  return {
    ...head,
    callImages: call.slots.length,
    index,
    adapter: adapter.version === undefined ? adapter.name : `${adapter.name}@${adapter.version}`,
    ...(callSeed === undefined ? { replayable: false, reason } : { replayable: true }),
  }
}

/** Is it an image's recipe rather than a request? */
export const isRecipe = (value: object): value is Recipe =>
  "v" in value && value.v === 1 && "callImages" in value
