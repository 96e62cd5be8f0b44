import type { PlannedCall, Resolved } from "../contract/plan.ts"
import type { JsonObject, Task } from "../contract/request.ts"
import type { Recipe } from "../contract/result.ts"
import type { Planned } from "../planning/planner.ts"
import { sizeText } from "../planning/sizes.ts"
import { defined } from "../tools/defined.ts"

/** The words and settings of a plan as a request, every value written out: planned again, it changes nothing. */
export const writtenOut = (task: Task, { size, ...resolved }: Resolved): JsonObject => ({
  task,
  ...resolved,
  ...(size && { size: sizeText(size) }),
})

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
