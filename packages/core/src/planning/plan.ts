import type { TaskCard } from "../contract/card.ts"
import { invalidRequest } from "../contract/errors.ts"
import type { Estimate, InputImage, Plan, PlannedCall, Resolved, Size } from "../contract/plan.ts"
import {
  type ImageName,
  type ImageRequest,
  imageNames,
  type JsonObject,
} from "../contract/request.ts"
import {
  dateOf,
  defined,
  isObject,
  mapValues,
  memo,
  pick,
  place,
  times,
  type UnknownRecord,
} from "../lib/object.ts"
import { lifecycleWarning, type Registry, type Target } from "../models/registry.ts"
import { sizeText } from "../models/size.ts"
import { createDiagnostics, type Diagnostics, throwIssues } from "./diagnostics.ts"
import { inferInpaint } from "./inputs/infer-task.ts"
import { checkBodySize, prepareInputs } from "./inputs/prepare.ts"
import { ownBytes } from "./inputs/read-image.ts"
import {
  checkImplied,
  checkSiblings,
  type NeutralRequest,
  normalize,
  takesInputs,
} from "./normalize.ts"
import { withJson } from "./plan-json.ts"
import {
  callPrice,
  estimateOf,
  findPrice,
  listPrices,
  priceByPixels,
  priceUnknown,
} from "./price.ts"
import { fitSettings, fitTexts, planSeeds, splitImages } from "./settings.ts"
import { fitSize, pixelsOf, shapeLikeInput } from "./size.ts"
import type { InputImages, Origin, Planned, Planning, PlanningRules } from "./types.ts"

export const createPlanning = (registry: Registry, rules: PlanningRules): Planning => {
  const plans = new WeakMap<object, Planned>()
  return {
    plan: async (request, origin = {}) => {
      const planned = await planRequest(request, registry, rules, origin)
      plans.set(deepFreeze(planned.plan), planned)
      return planned
    },
    recall: (plan) => plans.get(plan),
  }
}

/**
 * How a request becomes a plan. The steps add changes, warnings and issues to the diagnostics.
 * Steps 2 to 5 throw their issues together, and step 7 throws those of the body's size. Nothing is
 * sent.
 */
const planRequest = async (
  given: ImageRequest,
  registry: Registry,
  rules: PlanningRules,
  { changes: requestChanges = [], region, originalRequest }: Origin,
): Promise<Planned> => {
  const copy = snapshot(given)
  const today = dateOf(rules.runtime.now())

  // 1. Resolve the model string to an adapter and a card.
  const target = resolveTarget(copy, registry, region)
  const { card, adapter } = target
  const lifecycle = lifecycleWarning(card, today, rules.lifecycle)
  const diagnostics = createDiagnostics(
    copy.policy === "strict",
    [...requestChanges, ...target.changes],
    [...target.warnings, ...(lifecycle === undefined ? [] : [lifecycle])],
  )

  // 2. Choose the task, and move `options` that have a neutral field into that field. An image with
  // a transparent hole makes the task inpaint.
  const mayInfer = copy.task === undefined && "image" in copy
  const request = mayInfer ? await inferInpaint(copy, card, rules, diagnostics) : copy
  const neutral = normalize(request, card, rules.maxImages, registry.cards, diagnostics)
  const { task, taskCard, fields, count, hasModelMask } = neutral

  // 3. Fit settings and size to the card. The size avoids a dearer price row.
  const settings = fitSettings(taskCard, fields, diagnostics, neutral.options)
  const prices = await listPrices(target, task, settings, rules.prices, today)
  const sizePrices = priceByPixels(prices)
  const fittedShape = fitSize(taskCard, fields, sizePrices, diagnostics)

  // 4. Read the input images (`inputs.images`) and prepare them as the card requires
  // (`inputs.fields`).
  const inputs = takesInputs(taskCard)
    ? await prepareInputs(neutral, rules, diagnostics)
    : undefined
  const present = { ...settings, ...inputs?.fields, ...fields }
  checkImplied(present, neutral, diagnostics)
  checkSiblings(present, taskCard, diagnostics)

  // 5. Fit the texts, merge all fields, split the images into calls, choose the seeds.
  const texts = fitTexts(taskCard, fields, diagnostics)
  const likeInput =
    taskCard.output === "input"
      ? shapeLikeInput(taskCard, fields, inputs?.fields, sizePrices)
      : undefined
  const shape = likeInput ?? fittedShape
  const resolved: Resolved = { ...texts, ...shape, ...settings, ...inputs?.fields }
  const callCard = resolved.partialImages === undefined ? taskCard : oneImagePerCall(taskCard)
  const split = splitImages(count, callCard, diagnostics)
  const seeds = planSeeds(callCard, fields["seed"], split.length, rules.runtime.random, diagnostics)
  throwIssues(card, diagnostics)

  // 6. Price a call and estimate the total.
  const outputSize = outputSizeOf(taskCard, resolved)
  const pixels = pixelsOf(taskCard, resolved.size ?? outputSize)
  const row = findPrice(prices.rows, { ...prices.facts, pixels })
  const price = callPrice(row, pixels, resolved, neutral.options)
  const estimate = estimateOf(price, split)
  if (estimate.unpricedImages > 0) diagnostics.warnings.push(priceUnknown(target.modelId, row))

  // 7. Encode each call's body and check its size.
  const calls = encodeCalls(target, neutral, resolved, split, seeds)
  if (inputs) {
    checkBodySize(calls, inputs.fields, adapter.transport, diagnostics)
    throwIssues(card, diagnostics)
  }

  const plan = assemble(target, neutral, resolved, outputSize, calls, estimate, diagnostics)
  const requestWithoutImages = withoutImages(request)
  return {
    plan: inputs ? withJson(plan) : plan,
    target,
    price,
    inputImages: inputs?.images ?? {},
    hasModelMask,
    recipe: recipeRequest(neutral, withoutImages(resolved), inputs?.images ?? {}),
    request: requestWithoutImages,
    originalRequest: originalRequest ?? requestWithoutImages,
    requestChanges,
  }
}

/** Copies plain data and bytes, so that later changes by the caller have no effect. */
export const snapshot = <Value>(value: Value, depth = 0): Value => {
  if (!isObject(value)) return value
  if (value instanceof Uint8Array || value instanceof ArrayBuffer) return ownBytes(value)
  if (!isPlain(value)) return value
  if (depth > maxDepth)
    throw invalidRequest(
      `The request is nested more than ${maxDepth} levels deep, or contains itself.`,
    )
  if (Array.isArray(value)) return value.map((each: unknown) => snapshot(each, depth + 1)) as Value
  const copies = Object.entries<unknown>(value as UnknownRecord).map(
    ([name, each]) => [name, snapshot(each, depth + 1)] as const,
  )
  return Object.fromEntries(copies) as Value
}

/** The fields except the images. The plan holds the images as they are sent. */
export const withoutImages = <Fields>(fields: Fields): Fields =>
  isObject(fields) && imageNames.some((name) => name in fields)
    ? (pick(fields, (_, name) => !imageNames.includes(name as ImageName)) as Fields)
    : fields

const maxDepth = 40

const isPlain = (value: object): boolean =>
  Array.isArray(value) || Object.prototype.toString.call(value) === "[object Object]"

/** Resolves the request's model. A replay calls the region of its recipe. */
const resolveTarget = (
  request: ImageRequest,
  registry: Registry,
  region: string | undefined,
): Target => {
  if (!isObject(request))
    throw invalidRequest("The request must be an object with a model and a prompt.")
  const target = registry.resolve(request.model, request.modelId)
  return region === undefined ? target : { ...target, region }
}

/** In pixels; undefined for a tier, and where only the reply tells it. */
const outputSizeOf = (
  { output }: TaskCard,
  { size, image, images }: Resolved,
): Size | undefined => {
  if (size !== undefined) return typeof size === "object" ? size : undefined
  const input = output === "input" ? (image ?? images?.[0]) : undefined
  return input && { width: input.width, height: input.height }
}

/** With preliminary images the reply is streamed, and its last event has one image. */
const oneImagePerCall = memo((taskCard: TaskCard): TaskCard => ({ ...taskCard, imagesPerCall: 1 }))

const encodeCalls = (
  { adapter, card, modelId, region }: Target,
  { task, taskCard, options }: NeutralRequest,
  fields: Resolved,
  split: readonly number[],
  seeds: readonly number[],
): readonly PlannedCall[] => {
  let slot = 0
  const { endpoint, encoding } = taskCard
  return split.map((count, call) => {
    const seed = seeds[call]
    const draft = {
      card,
      task,
      modelId,
      fields,
      options,
      count,
      ...(seed !== undefined && { seed }),
    }
    return {
      model: card.id,
      modelId,
      ...(region !== undefined && { region }),
      body: adapter.encode(draft),
      ...defined({ endpoint, encoding }),
      ...(seed !== undefined && { seed }),
      slots: times(count, () => slot++),
    }
  })
}

const assemble = (
  { adapter, card }: Target,
  { task, count, options }: NeutralRequest,
  resolved: Resolved,
  outputSize: Size | undefined,
  calls: readonly PlannedCall[],
  estimate: Estimate,
  { changes, warnings }: Diagnostics,
): Plan => ({
  adapter: adapter.alias ?? adapter.name,
  model: card.id,
  task,
  n: count,
  resolved,
  options,
  ...(outputSize && { outputSize }),
  calls,
  slots: calls.flatMap(({ slots }, call) => slots.map((_, index) => ({ call, index }))),
  changes,
  warnings,
  estimate,
})

/**
 * The request of a recipe: every value explicit, so that planning it changes nothing, and the input
 * images as the caller gave them, by their hashes.
 */
const recipeRequest = (
  { task, taskCard, options, hasModelMask }: NeutralRequest,
  { size, ...resolved }: Resolved,
  images: InputImages,
): JsonObject => {
  const { mask, ...others } = mapValues(images, (image) =>
    "sha256" in image ? digestOf(image) : image.map(digestOf),
  )
  const request: Record<string, unknown> = {
    task,
    ...resolved,
    ...(size && { size: typeof size === "string" ? size : sizeText(size) }),
    ...others,
  }
  // A mask in the model's own polarity has to come back through `options`.
  if (mask) place(request, hasModelMask ? `options.${taskCard.fields.mask?.path}` : "mask", mask)
  for (const [path, value] of Object.entries(options)) place(request, `options.${path}`, value)
  return request
}

const digestOf = ({ sha256, mediaType, width, height }: InputImage): UnknownRecord => ({
  sha256,
  mediaType,
  width,
  height,
})

const deepFreeze = <Value>(value: Value): Value => {
  if (!isObject(value) || Object.isFrozen(value) || ArrayBuffer.isView(value)) return value
  Object.values(value).forEach(deepFreeze)
  return Object.freeze(value)
}
