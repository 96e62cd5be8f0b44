import type { CallDraft } from "../contract/adapter.ts"
import type { ModelCard, Parameter, TaskCard } from "../contract/card.ts"
import type { JsonObject, Task, WeightedPrompt } from "../contract/request.ts"
import { defined, firstGiven, isRecord, memo, type UnknownRecord, valueAt } from "../lib/object.ts"
import { promptsOf, ruleOf, toModelScale } from "../models/parameter.ts"
import { findTier, parseSize } from "../models/size.ts"
import { quote } from "../models/suggest.ts"
import { weightedTexts } from "./body.ts"
import { bodyFieldsOf, impliedPaths, leavesOf, placesOf } from "./card-fields.ts"
import type { Diagnostics } from "./diagnostics.ts"
import { matchValue } from "./settings.ts"

/** A request whose `options` are only those without a neutral twin. */
export interface AbsorbedOptions {
  readonly task: Task
  readonly fields: UnknownRecord
  /** By body path. */
  readonly options: JsonObject
  /** The mask came in `options`, in the model's own polarity. */
  readonly hasModelMask: boolean
}

export const defaultTask = "text-to-image"

/**
 * Moves every option with a neutral twin into the neutral fields, and checks the rest by the card.
 * The options also say which task is meant where the request does not.
 */
export const absorbOptions = (
  options: unknown,
  requestedTask: Task | undefined,
  given: UnknownRecord,
  card: ModelCard,
  diagnostics: Diagnostics,
): AbsorbedOptions => {
  if (!isRecord(options))
    diagnostics.invalid("options", "options must be an object of the model's own fields.")
  const leaves = isRecord(options) ? leavesOf(options, pathsOfCard(card)) : []
  const task = chooseTask(requestedTask, card, leaves, diagnostics)
  const taskCard = card.tasks[task]
  let fields = given
  const rest: Record<string, unknown> = {}
  if (!taskCard) return { task, fields, options: rest, hasModelMask: false }
  const found = joinPlaces(taskCard, pairSizes(taskCard, leaves, diagnostics))
  for (const [path, value] of found) {
    const { name, parameter } = bodyFieldsOf(taskCard).get(path) ?? {}
    if (parameter === undefined) {
      if (constantAt(taskCard, path) !== undefined) continue
      if (impliedPaths(taskCard).includes(path)) rest[path] = value
      else rejectPath(path, task, card, diagnostics)
    } else if (!diagnostics.check(`options.${path}`, ruleOf(parameter), value))
      diagnostics.rejected.push(name)
    else if (name === undefined) rest[path] = value
    else fields = absorbField(fields, name, taskCard, [path, value], diagnostics)
  }
  const hasModelMask = given["mask"] === undefined && fields["mask"] !== undefined
  return { task, fields, options: rest, hasModelMask }
}

type Leaf = readonly [path: string, value: unknown]

const constantAt = (
  { constants }: TaskCard,
  path: string,
): string | number | boolean | undefined =>
  constants && Object.hasOwn(constants, path) ? constants[path] : undefined

const pathsOf = memo((task: TaskCard): readonly string[] => [
  ...bodyFieldsOf(task).keys(),
  ...Object.keys(task.constants ?? {}),
  ...impliedPaths(task),
])

const pathsOfCard = memo((card: ModelCard): readonly string[] =>
  Object.values(card.tasks).flatMap(pathsOf),
)

/** The requested task, else the task whose body has most of these paths. */
const chooseTask = (
  requested: Task | undefined,
  card: ModelCard,
  leaves: readonly Leaf[],
  diagnostics: Diagnostics,
): Task => {
  const tasks = Object.entries(card.tasks) as [Task, TaskCard][]
  const named = requested ?? defaultTask
  const contradictionOf = (task: TaskCard): Leaf | undefined =>
    leaves.find(([path, value]) => ![undefined, value].includes(constantAt(task, path)))
  const unknownIn = (task: TaskCard): number =>
    leaves.filter(([path]) => !pathsOf(task).includes(path)).length
  const [implied] = tasks
    .filter(([, task]) => !contradictionOf(task))
    .toSorted(
      ([left, one], [right, other]) =>
        unknownIn(one) - unknownIn(other) || Number(right === named) - Number(left === named),
    )
    .map(([task]) => task)
  const hasConstant = leaves.some(([path]) =>
    tasks.some(([, task]) => constantAt(task, path) !== undefined),
  )
  const chosen = card.tasks[named]
  if (!requested && implied && (chosen || hasConstant)) return implied
  const [path, value] = (chosen && contradictionOf(chosen)) ?? []
  if (path === undefined) return named
  const allowed = [...new Set(tasks.flatMap(([, task]) => constantAt(task, path) ?? []))].join(", ")
  const names = `task "${named}" and options.${path} ${quote(value)} (task "${implied}")`
  if (implied) diagnostics.conflict(`options.${path}`, names, allowed, contradict)
  else
    diagnostics.unsupported(`options.${path}`, `the model has no ${path} ${quote(value)}.`, {
      allowed,
    })
  return named
}

const contradict = "contradict each other"

/** Replaces a width and a height by one size at the path of the width. */
const pairSizes = (
  task: TaskCard,
  leaves: readonly Leaf[],
  diagnostics: Diagnostics,
): readonly Leaf[] => {
  const found = new Map(leaves)
  for (const { path } of Object.values(task.fields)) {
    if (typeof path !== "object") continue
    const [width, height] = path
    const [missing, both] = path.filter((side) => !found.has(side))
    if (missing === undefined)
      found.set(width, `${quote(found.get(width))}x${quote(found.get(height))}`)
    else if (both === undefined) {
      diagnostics.missing(`options.${missing}`, "a width and a height")
      found.delete(width)
    }
    found.delete(height)
  }
  return [...found]
}

/** Replaces the pictures at the places of a list by one list at the first place. */
const joinPlaces = (task: TaskCard, leaves: readonly Leaf[]): readonly Leaf[] => {
  const found = new Map(leaves)
  for (const parameter of Object.values(task.fields)) {
    const [first, ...others] = placesOf(parameter)
    const given = [first, ...others].flatMap((path = "") => found.get(path) ?? [])
    if (first === undefined || given.length === 0) continue
    for (const path of others) found.delete(path)
    found.set(first, given)
  }
  return [...found]
}

const rejectPath = (path: string, task: Task, card: ModelCard, diagnostics: Diagnostics): void => {
  const places = card.tasks[task]
  if (pathsOfCard(card).includes(path))
    diagnostics.unsupported(`options.${path}`, `the model takes no ${path} in the task ${task}.`)
  else if (places)
    diagnostics.unknownField(`options.${path}`, path, "the model has", pathsOf(places))
}

/** Adds a neutral field or part; the same one given twice must have the same value. */
const absorbField = (
  fields: UnknownRecord,
  name: string,
  task: TaskCard,
  [path, value]: Leaf,
  diagnostics: Diagnostics,
): UnknownRecord => {
  const parameter = bodyFieldsOf(task).get(path)?.parameter as Parameter
  const other = firstGiven(fields, exclusiveWith(name, task, fields))
  if (other === undefined) {
    const neutral = parameter.kind === "range" ? toModelScale(parameter, value as number) : value
    return withValue(fields, name.split("."), neutral)
  }
  const agrees =
    parameter.kind === "prompts"
      ? isSameTexts(fields, value)
      : other === name && isSame(name, parameter, valueAt(fields, name), value)
  if (!agrees)
    diagnostics.conflict(`options.${path}`, `${other} and options.${path}`, undefined, contradict)
  return fields
}

const exclusiveFields: Readonly<Record<string, readonly string[]>> = {
  prompts: ["prompts", "prompt", "negativePrompt"],
  size: ["size", "aspectRatio"],
  aspectRatio: ["aspectRatio", "size"],
  prompt: ["prompt", "prompts"],
  image: ["image", "images", "references"],
  images: ["images", "image", "references"],
}

/** The fields of which a request has only one. */
const exclusiveWith = (
  name: string,
  { fields: { size, image, images } }: TaskCard,
  given: UnknownRecord,
): readonly string[] => {
  // A tier and an aspect ratio stand beside each other.
  const isTier = size?.kind === "tiers" && (name === "size" || !parseSize(given["size"]))
  if ((name === "size" || name === "aspectRatio") && isTier) return [name]
  if ((name === "image" || name === "images") && image && images) return [name, "references"]
  return exclusiveFields[name] ?? [name]
}

const isSame = (name: string, parameter: Parameter, neutral: unknown, value: unknown): boolean => {
  if (parameter.kind === "enum") return matchValue(parameter, neutral, name === "quality") === value
  if (parameter.kind === "tiers") return findTier(parameter, neutral) === value
  if (parameter.kind === "range") return neutral === toModelScale(parameter, value as number)
  // The same bytes in the other polarity are another mask.
  if (parameter.kind === "mask" && parameter.change !== "white") return false
  return ruleOf(parameter).takes(neutral) && JSON.stringify(neutral) === JSON.stringify(value)
}

const isSameTexts = (fields: UnknownRecord, listed: unknown): boolean => {
  const { prompt, prompts = [], negativePrompt } = fields as CallDraft["fields"]
  if (!promptsOf().takes(prompts) && prompts.length !== 0) return false
  const canonical = (list: readonly WeightedPrompt[]) =>
    JSON.stringify(list.map(({ text, weight = 1 }) => [text, weight]))
  return (
    canonical(weightedTexts({ ...defined({ prompt, negativePrompt }), prompts })) ===
    canonical(listed as readonly WeightedPrompt[])
  )
}

/** A copy with the value at a path; a value in the way that is no object stays. */
const withValue = (
  record: UnknownRecord,
  [key = "", ...rest]: readonly string[],
  value: unknown,
): UnknownRecord => {
  if (rest.length === 0) return { ...record, [key]: value }
  const { [key]: inner = {} } = record
  return { ...record, [key]: isRecord(inner) ? withValue(inner, rest, value) : inner }
}
