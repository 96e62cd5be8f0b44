import type { CallDraft } from "../contract/adapter.ts"
import type { FieldName, ModelCard, Parameter, TaskCard } from "../contract/card.ts"
import type { ImageRequest, JsonObject, Task, WeightedPrompt } from "../contract/request.ts"
import { defined, firstGiven, isRecord, memo, valueAt } from "../lib/object.ts"
import { promptsOf, ruleOf, turned } from "../models/parameter.ts"
import { quote } from "../models/suggest.ts"
import { weightedTexts } from "./body.ts"
import { leavesOf, spotsOf } from "./card-fields.ts"
import type { Notes } from "./diagnostics.ts"
import { saidPlaces } from "./normalize.ts"
import { matchWord } from "./settings.ts"

/** A request whose `options` hold only what has no neutral name. */
export interface Absorbed {
  readonly task: Task
  readonly fields: JsonObject
  /** By their place in the body. */
  readonly options: JsonObject
  /** Fields that are as the model wants them, since they came in its own words. */
  readonly ready: readonly FieldName[]
}

type Leaf = readonly [path: string, value: unknown]

const fixedAt = ({ constants: fixed }: TaskCard, path: string): string | undefined =>
  fixed && Object.hasOwn(fixed, path) ? fixed[path] : undefined

const placesOf = memo((task: TaskCard): readonly string[] => [
  ...spotsOf(task).keys(),
  ...Object.keys(task.constants ?? {}),
  ...saidPlaces(task),
])

const everyPlaceOf = memo((card: ModelCard): readonly string[] =>
  Object.values(card.tasks).flatMap(placesOf),
)

const unknownOf = (task: TaskCard, leaves: readonly Leaf[]): number =>
  leaves.filter(([path]) => !placesOf(task).includes(path)).length

const contradictionOf = (task: TaskCard, leaves: readonly Leaf[]): Leaf | undefined =>
  leaves.find(([path, value]) => fixedAt(task, path) !== undefined && fixedAt(task, path) !== value)

const standardTask = "text-to-image"

const chooseTask = (
  asked: Task | undefined,
  card: ModelCard,
  leaves: readonly Leaf[],
  notes: Notes,
): Task => {
  const tasks = Object.entries(card.tasks) as [Task, TaskCard][]
  const named = asked ?? standardTask
  const chosen = card.tasks[named]
  const [meant] = tasks
    .filter(([, task]) => !contradictionOf(task, leaves))
    .toSorted(
      ([left, one], [right, other]) =>
        unknownOf(one, leaves) - unknownOf(other, leaves) ||
        Number(right === named) - Number(left === named),
    )
    .map(([task]) => task)
  const isSaid = leaves.some(([path]) =>
    tasks.some(([, task]) => fixedAt(task, path) !== undefined),
  )
  if (!asked && meant && (chosen || isSaid)) return meant
  const [path, value] = (chosen && contradictionOf(chosen, leaves)) ?? []
  if (path === undefined) return named
  const allowed = [...new Set(tasks.flatMap(([, task]) => fixedAt(task, path) ?? []))].join(", ")
  if (meant)
    notes.choose(
      `options.${path}`,
      `task "${named}" and options.${path} ${quote(value)} (task "${meant}")`,
      allowed,
      "say different things",
    )
  else notes.unsupported(`options.${path}`, `the model has no ${path} ${quote(value)}.`, allowed)
  return named
}

const same = (parameter: Parameter, neutral: unknown, value: unknown): boolean => {
  if (parameter.kind === "enum") return matchWord(parameter, neutral, true) === value
  if (parameter.kind === "range") return neutral === turned(parameter, value as number)
  // The same picture in the other polarity is another mask, and bytes are never written out to be compared.
  if (parameter.kind === "mask" && parameter.change === "black") return false
  return ruleOf(parameter).takes(neutral) && JSON.stringify(neutral) === JSON.stringify(value)
}

const rivals: Readonly<Record<string, readonly string[]>> = {
  prompts: ["prompts", "prompt", "negativePrompt"],
  size: ["size", "aspectRatio"],
  aspectRatio: ["aspectRatio", "size"],
  prompt: ["prompt", "prompts"],
  image: ["image", "images"],
  images: ["images", "image"],
}

/** The request's texts are those of the list, however they were given. */
const sameTexts = (request: JsonObject, listed: unknown): boolean => {
  const { prompt, prompts = [], negativePrompt } = request as CallDraft["fields"]
  if (!promptsOf().takes(prompts) && prompts.length !== 0) return false
  const plain = (list: readonly WeightedPrompt[]) =>
    JSON.stringify(list.map(({ text, weight = 1 }) => [text, weight]))
  return (
    plain(weightedTexts({ ...defined({ prompt, negativePrompt }), prompts })) ===
    plain(listed as readonly WeightedPrompt[])
  )
}

/** Puts a value at `"a.b"` of a copy; what stands in the way and is no object stays. */
const placed = (
  record: JsonObject,
  [key = "", ...rest]: readonly string[],
  value: unknown,
): JsonObject => {
  const { [key]: inner = {} } = record
  return {
    ...record,
    [key]: rest.length === 0 ? value : isRecord(inner) ? placed(inner, rest, value) : inner,
  }
}

/** Adds a field, or a part of one, that is not given yet. */
const absorbField = (
  fields: JsonObject,
  name: string,
  parameter: Parameter,
  [path, value]: Leaf,
  notes: Notes,
): JsonObject => {
  const rival = firstGiven(fields, rivals[name] ?? [name])
  if (rival === undefined)
    return placed(
      fields,
      name.split("."),
      parameter.kind === "range" ? turned(parameter, value as number) : value,
    )
  const agrees =
    parameter.kind === "prompts"
      ? sameTexts(fields, value)
      : rival === name && same(parameter, valueAt(fields, name), value)
  if (!agrees)
    notes.choose(
      `options.${path}`,
      `${rival} and options.${path}`,
      undefined,
      "say different things",
    )
  return fields
}

/** A width and a height as one value, at the place of the width. */
const paired = (task: TaskCard, leaves: readonly Leaf[], notes: Notes): readonly Leaf[] => {
  const found = new Map(leaves)
  for (const { path: wire } of Object.values(task.fields)) {
    if (typeof wire !== "object") continue
    const [width, height] = wire
    const [missing, both] = wire.filter((path) => !found.has(path))
    if (missing === undefined)
      found.set(width, `${quote(found.get(width))}x${quote(found.get(height))}`)
    else if (both === undefined) {
      notes.missing(`options.${missing}`, "a width and a height")
      found.delete(width)
    }
    found.delete(height)
  }
  return [...found]
}

const nowhere = (
  path: string,
  task: Task,
  places: readonly string[],
  everywhere: readonly string[],
  notes: Notes,
): void => {
  if (everywhere.includes(path))
    notes.unsupported(`options.${path}`, `the model takes no ${path} in the task ${task}.`)
  else notes.unknown(`options.${path}`, path, "the model has", places)
}

/** Reads `options` into the neutral request: every wire field with a neutral twin becomes it, the rest is checked against the card. */
export const absorb = (
  request: ImageRequest & JsonObject,
  card: ModelCard,
  notes: Notes,
): Absorbed => {
  if (request.options === undefined)
    return { task: request.task ?? standardTask, fields: request, options: {}, ready: [] }
  const { options, ...given } = request
  if (!isRecord(options))
    notes.invalid("options", "options must be an object of the model's own fields.")
  const everywhere = everyPlaceOf(card)
  const leaves = isRecord(options) ? leavesOf(options, everywhere) : []
  const task = chooseTask(given.task, card, leaves, notes)
  const taskCard = card.tasks[task]
  let fields: JsonObject = given
  const rest: Record<string, unknown> = {}
  if (!taskCard) return { task, fields, options: rest, ready: [] }
  for (const [path, value] of paired(taskCard, leaves, notes)) {
    const { name, parameter } = spotsOf(taskCard).get(path) ?? {}
    if (parameter === undefined) {
      if (fixedAt(taskCard, path) !== undefined) continue
      if (saidPlaces(taskCard).includes(path)) rest[path] = value
      else nowhere(path, task, placesOf(taskCard), everywhere, notes)
    } else if (!notes.check(`options.${path}`, ruleOf(parameter), value)) notes.refused.push(name)
    else if (name === undefined) rest[path] = value
    else fields = absorbField(fields, name, parameter, [path, value], notes)
  }
  return {
    task,
    fields,
    options: rest,
    ready: given["mask"] === undefined && fields["mask"] !== undefined ? ["mask"] : [],
  }
}
