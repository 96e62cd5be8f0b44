import type { ImageAdapter } from "./adapter.ts"
import type { PictorOptions } from "./client-types.ts"
import { ImageError } from "./errors.ts"
import type { Change, InputImage } from "./plan.ts"
import { type Planned, planRequest } from "./planner.ts"
import { retarget } from "./ports.ts"
import { isRecipe } from "./recipe.ts"
import type { Registry } from "./registry.ts"
import { withInputs } from "./replay-inputs.ts"
import type { ImageRequest, ImageSource, Loose } from "./request.ts"
import type { Recipe } from "./result.ts"
import type { Runtime } from "./runtime.ts"
import { snapshot } from "./snapshot.ts"

const freeze = <Value>(value: Value): Value => {
  if (typeof value !== "object" || value === null || Object.isFrozen(value) || ArrayBuffer.isView(value)) return value
  for (const each of Object.values(value)) freeze(each)
  return Object.freeze(value)
}

const requestOf = ({ request, model, modelId, callSeed, callImages, replayable, reason }: Recipe): ImageRequest => {
  if (!replayable) throw new ImageError({ code: "unsupported", message: `This image cannot be ordered again: ${reason ?? "no seed is known"}.` })
  return { ...request, model, modelId, n: callImages, ...(callSeed === undefined ? {} : { seed: callSeed }) }
}

/** A plan with the order that it fills: as the caller gave it, images by their hashes. */
export interface Ordered extends Planned {
  readonly order: () => Loose
  /** The same for another model. */
  readonly planFor: (model: string) => Promise<Ordered>
}

const imageFields: readonly string[] = ["image", "images", "mask", "styleImage", "referenceImage"]

/** Without images: a plan has them as they are sent, and their bytes are needed no more. */
const wordsOf = (request: object): Loose =>
  imageFields.some((field) => field in request)
    ? Object.fromEntries(Object.entries(request).filter(([field]) => !imageFields.includes(field)))
    : (request as Loose)

const hashOf = (value: InputImage | readonly InputImage[]): unknown => ("sha256" in value ? value.sha256 : value.map(({ sha256 }) => sha256))

const hashesOf = ({ given }: Planned): Loose => Object.fromEntries(Object.entries(given).map(([field, value]) => [field, hashOf(value)]))

/** The images as they were given, but for what belongs to the model's own words. */
const sourcesOf = ({ given, ready }: Planned): Loose =>
  Object.fromEntries(
    Object.entries(given)
      .filter(([field]) => !ready.some((each) => each === field))
      .map(([field, value]) => [field, "base64" in value ? value.base64 : value.map(({ base64 }) => base64)]),
  )

/** How a request came about that is not as the caller gave it. */
interface Altered {
  readonly changes?: readonly Change[]
  readonly region?: string | undefined
  /** As the caller gave it; a copy that nobody changes. */
  readonly asked?: ImageRequest
}

/** Makes plans, and knows those that it made. */
export interface Planning {
  plan(request: ImageRequest, altered?: Altered): Promise<Ordered>
  /** The one call of a recipe. */
  planAgain(recipe: Recipe, inputs?: Readonly<Record<string, ImageSource>>): Promise<Ordered>
  recall(plan: object): Ordered | undefined
}

export const createPlanning = (registry: Registry, options: PictorOptions<readonly ImageAdapter[]>, runtime: Runtime): Planning => {
  const { prices = [], maxImages = 100, lifecycle = "warn" } = options
  const rules = { prices, maxImages, lifecycle, now: runtime.now, random: runtime.random, images: options.images }
  const known = new WeakMap<object, Ordered>()
  /** Whatever name the model has; one that nobody has keeps its name. */
  const modelOf = ({ model, modelId }: Loose): Loose => {
    try {
      const target = registry.resolve(model, modelId)
      return { model: target.card.id, modelId: target.modelId }
    } catch {
      return { model, modelId }
    }
  }
  const plan: Planning["plan"] = async (given, { changes = [], region, asked = given } = {}) => {
    if (typeof given !== "object" || given === null)
      throw new ImageError({ code: "invalid_request", message: "The request must be an object with a model and a prompt." })
    const request = snapshot(given)
    const target = registry.resolve(request.model, request.modelId)
    const words = wordsOf(request)
    const askedWords = asked === given ? words : wordsOf(asked)
    const planned = await planRequest(request, region === undefined ? target : { ...target, region }, rules, changes)
    const order = (): Loose => ({ ...askedWords, ...modelOf(askedWords), ...hashesOf(planned) })
    const planFor = (model: string): Promise<Ordered> => {
      const change = {
        field: "model",
        action: "mapped",
        from: request.model,
        to: model,
        why: "it has made the images of this idempotency key",
      } as const
      return plan({ ...retarget(words as unknown as ImageRequest, model), ...sourcesOf(planned) }, { changes: [...changes, change], asked })
    }
    const ordered = { ...planned, request: words as unknown as ImageRequest, order, planFor }
    known.set(freeze(planned.plan), ordered)
    return ordered
  }
  const planAgain: Planning["planAgain"] = async (recipe, inputs) => {
    if (typeof recipe !== "object" || recipe === null || !isRecipe(recipe))
      throw new ImageError({ code: "invalid_request", message: "This is no recipe: give the one of an image, as it was." })
    const planned = await plan(await withInputs(requestOf(recipe), inputs), { region: recipe.region })
    const { calls } = planned.plan
    if (calls.length === 1 && recipe.index < recipe.callImages) return planned
    throw new ImageError({
      code: "invalid_request",
      message: `The recipe does not fit ${recipe.model}: its call of ${recipe.callImages} images is not one call.`,
    })
  }
  return { plan, planAgain, recall: (made) => known.get(made) }
}
