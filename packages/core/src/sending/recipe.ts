import type { InputImage, PlannedCall } from "../contract/plan.ts"
import type { Loose } from "../contract/request.ts"
import type { Recipe } from "../contract/result.ts"
import type { Planned } from "../planning/planner.ts"
import { sizeText } from "../planning/sizes.ts"
import { place } from "../planning/wire.ts"
import { withoutImages } from "../planning/without-images.ts"
import { defined } from "../tools/defined.ts"
import { memo } from "../tools/memo.ts"
import { mapValues } from "../tools/records.ts"

const described = ({ sha256, mediaType, width, height }: InputImage): Loose => ({ sha256, mediaType, width, height })

/** The planned request in neutral words, every value written out and input images by their hash: planned again, it changes nothing. */
const requestOf = memo(({ plan, given, ready, target }: Planned): Loose => {
  const { size } = plan.resolved
  const request: Record<string, unknown> = {
    task: plan.task,
    ...withoutImages(plan.resolved),
    ...(size && { size: sizeText(size) }),
    ...mapValues(given, (value) => ("sha256" in value ? described(value) : value.map(described))),
  }
  for (const [path, value] of Object.entries(plan.options)) place(request, `options.${path}`, value)
  for (const field of ready) {
    // In the model's own polarity it belongs to the model's own words.
    place(request, `options.${target.card.tasks[plan.task]?.fields[field]?.wire}`, request[field])
    delete request[field]
  }
  return request
})

const seedFor = ({ target, plan }: Planned, call: PlannedCall, reported: number | undefined): number | undefined => {
  const parameter = target.card.tasks[plan.task]?.fields.seed
  const drawnByModel = call.seed === 0 && parameter?.kind === "seed" && parameter.zero === "random"
  return drawnByModel ? (call.slots.length === 1 && reported !== 0 ? reported : undefined) : call.seed
}

/** How image `index` of a call is ordered again; `reported`: the seed of the image. */
export const recipeOf = (planned: Planned, call: PlannedCall, index: number, reported: number | undefined): Recipe => {
  const { adapter } = planned.target
  const callSeed = seedFor(planned, call, reported)
  const reason = call.seed === undefined ? `${call.model} takes no seed` : `${call.model} drew the seed itself and did not report it`
  return {
    v: 1,
    request: requestOf(planned),
    model: adapter.alias === undefined ? call.model : `${adapter.alias}/${call.model}`,
    modelId: call.modelId,
    ...defined({ region: call.region, callSeed }),
    callImages: call.slots.length,
    index,
    adapter: adapter.version === undefined ? adapter.name : `${adapter.name}@${adapter.version}`,
    ...(callSeed === undefined ? { replayable: false, reason } : { replayable: true }),
  }
}

/** Is it an image's recipe rather than a request? */
export const isRecipe = (value: object): value is Recipe => "v" in value && value.v === 1 && "callImages" in value
