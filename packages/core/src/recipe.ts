import type { InputImage, PlannedCall } from "./plan.ts"
import type { Planned } from "./planner.ts"
import type { Loose } from "./request.ts"
import type { Recipe } from "./result.ts"
import { sizeText } from "./sizes.ts"
import { place } from "./wire.ts"

const canonical = new WeakMap<object, Loose>()

const described = ({ sha256, mediaType, width, height }: InputImage): Loose => ({ sha256, mediaType, width, height })

const isList = (value: InputImage | readonly InputImage[]): value is readonly InputImage[] => Array.isArray(value)

/** The planned request in neutral words, every value written out and input images by their hash: planned again, it changes nothing. */
const requestOf = ({ plan, given, ready, target }: Planned): Loose => {
  const known = canonical.get(plan)
  if (known) return known
  const { size, image: _image, images: _images, mask: _mask, styleImage: _style, referenceImage: _reference, ...fields } = plan.resolved
  const options: Record<string, unknown> = {}
  for (const [path, value] of Object.entries(plan.options)) place(options, path, value)
  const inputs = Object.fromEntries(Object.entries(given).map(([field, value]) => [field, isList(value) ? value.map(described) : described(value)]))
  for (const field of ready) {
    // In the model's own polarity it belongs to the model's own words.
    place(options, target.card.tasks[plan.task]?.fields[field]?.wire as string, inputs[field])
    delete inputs[field]
  }
  const request: Loose = {
    task: plan.task,
    ...fields,
    ...(size === undefined ? {} : { size: sizeText(size) }),
    ...inputs,
    ...(Object.keys(options).length > 0 ? { options } : {}),
  }
  canonical.set(plan, request)
  return request
}

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
    ...(call.region === undefined ? {} : { region: call.region }),
    ...(callSeed === undefined ? {} : { callSeed }),
    callImages: call.slots.length,
    index,
    adapter: adapter.version === undefined ? adapter.name : `${adapter.name}@${adapter.version}`,
    ...(callSeed === undefined ? { replayable: false, reason } : { replayable: true }),
  }
}

/** Is it an image's recipe rather than a request? */
export const isRecipe = (value: object): value is Recipe => "v" in value && value.v === 1 && "callImages" in value
