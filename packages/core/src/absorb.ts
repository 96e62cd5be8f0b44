import type { Draft } from "./adapter.ts"
import { turned, weightedTexts } from "./body.ts"
import type { FieldName, ModelCard, Parameter, TaskCard } from "./card.ts"
import { allowedBy, isAllowed, isPromptList } from "./check.ts"
import { defined } from "./defined.ts"
import { matchWord } from "./fit.ts"
import { givenAs, quote } from "./nearest.ts"
import type { Notes } from "./notes.ts"
import type { ImageRequest, Loose, Task, WeightedPrompt } from "./request.ts"
import { saidPlaces } from "./says.ts"
import { isRecord, leavesOf, place, type Spot, spotsOf, valueAt } from "./wire.ts"

/** A request whose `options` hold only what has no neutral name. */
export interface Absorbed {
  readonly task: Task
  readonly fields: Loose
  /** By their place in the body. */
  readonly options: Loose
  /** Fields that are as the model wants them, since they came in its own words. */
  readonly ready: readonly FieldName[]
}

type Leaf = readonly [path: string, value: unknown]

const fixedAt = ({ fixed }: TaskCard, path: string): string | undefined => (fixed && Object.hasOwn(fixed, path) ? fixed[path] : undefined)

const placesOf = (task: TaskCard): readonly string[] => [...spotsOf(task).keys(), ...Object.keys(task.fixed ?? {}), ...saidPlaces(task)]

const unknownOf = (task: TaskCard, leaves: readonly Leaf[]): number => leaves.filter(([path]) => !placesOf(task).includes(path)).length

const contradictionOf = (task: TaskCard, leaves: readonly Leaf[]): Leaf | undefined =>
  leaves.find(([path, value]) => fixedAt(task, path) !== undefined && fixedAt(task, path) !== value)

const chooseTask = (request: ImageRequest, card: ModelCard, leaves: readonly Leaf[], notes: Notes): Task => {
  const tasks = Object.entries(card.tasks) as [Task, TaskCard][]
  const named = request.task ?? "text-to-image"
  const chosen = card.tasks[named]
  const contradiction = chosen && contradictionOf(chosen, leaves)
  const [meant] = tasks
    .filter(([, task]) => !contradictionOf(task, leaves))
    .toSorted(([left, one], [right, other]) => unknownOf(one, leaves) - unknownOf(other, leaves) || Number(right === named) - Number(left === named))
    .map(([task]) => task)
  const isSaid = leaves.some(([path]) => tasks.some(([, task]) => fixedAt(task, path) !== undefined))
  if (!request.task && meant && (chosen || isSaid)) return meant
  if (!contradiction) return named
  const [path, value] = contradiction
  const allowed = tasks.flatMap(([, task]) => fixedAt(task, path) ?? []).join(", ")
  if (meant)
    notes.invalid(
      `options.${path}`,
      `options.${path} and task say different things: ${quote(value)} means task "${meant}", and task is "${named}". Give one of them.`,
      allowed,
    )
  else notes.unsupported(`options.${path}`, `${card.id} has no ${path} ${quote(value)}.`, allowed)
  return named
}

const same = (parameter: Parameter, neutral: unknown, value: unknown): boolean => {
  const { kind } = parameter
  if (kind === "enum") return matchWord(parameter, neutral, true) === value
  if (kind === "range") return neutral === turned(parameter, value as number)
  // Bytes are never written out to be compared, and the same picture in the other polarity is another mask.
  if (kind === "image" || kind === "mask") return neutral === value && !(kind === "mask" && parameter.change === "black")
  if (kind === "images" && !(Array.isArray(neutral) && neutral.every((each) => typeof each === "string"))) return false
  return JSON.stringify(neutral) === JSON.stringify(value)
}

const conflictOf = (request: Loose, field: FieldName): string | undefined => {
  const rivals: Partial<Record<FieldName, readonly string[]>> = {
    prompts: ["prompts", "prompt", "negativePrompt"],
    size: ["size", "aspectRatio"],
    aspectRatio: ["aspectRatio", "size"],
    prompt: ["prompt", "prompts"],
    image: ["image", "images"],
    images: ["images", "image"],
  }
  return (rivals[field] ?? [field]).find((each) => request[each] !== undefined)
}

/** The request's texts are those of the list, however they were given. */
const sameTexts = (request: Loose, listed: unknown): boolean => {
  const { prompt, prompts = [], negativePrompt } = request as Draft["fields"]
  if (!isPromptList(prompts, Number.POSITIVE_INFINITY) && prompts.length !== 0) return false
  const plain = (list: readonly WeightedPrompt[]) => JSON.stringify(list.map(({ text, weight = 1 }) => [text, weight]))
  return plain(weightedTexts({ ...defined({ prompt, negativePrompt }), prompts })) === plain(listed as readonly WeightedPrompt[])
}

const absorbField = (request: Loose, field: FieldName, parameter: Parameter, path: string, value: unknown, notes: Notes): Loose => {
  const rival = conflictOf(request, field)
  if (rival === undefined) return { [field]: parameter.kind === "range" ? turned(parameter, value as number) : value }
  if (parameter.kind === "prompts" ? sameTexts(request, value) : rival === field && same(parameter, request[field], value)) return {}
  notes.invalid(`options.${path}`, `${rival} and options.${path} say different things. Give one of them.`)
  return {}
}

/** One part of an object, `"preserve.pose"` of a garment; the request's own object is not altered. */
const absorbPart = (fields: Loose, { field, part, parameter }: Required<Spot>, path: string, value: unknown, notes: Notes): Loose => {
  const mine = valueAt(fields, `${field}.${part}`)
  if (mine !== undefined && !same(parameter, mine, value))
    notes.invalid(`options.${path}`, `${field}.${part} and options.${path} say different things. Give one of them.`)
  if (mine !== undefined || (fields[field] !== undefined && !isRecord(fields[field]))) return {}
  const whole = structuredClone(fields[field] ?? {}) as Record<string, unknown>
  place(whole, part, value)
  return { [field]: whole }
}

const absorbPairs = (task: TaskCard, leaves: readonly Leaf[], request: Loose, notes: Notes): Loose => {
  let fields: Loose = {}
  for (const [name, parameter] of Object.entries(task.fields)) {
    if (typeof parameter.wire !== "object") continue
    const [width, height] = parameter.wire.map((path) => leaves.find(([each]) => each === path)?.[1])
    if (width === undefined && height === undefined) continue
    const path = parameter.wire[height === undefined ? 1 : 0]
    if (width === undefined || height === undefined) notes.invalid(`options.${path}`, `options.${path} is missing: width and height go together.`)
    else if (typeof width !== "number" || typeof height !== "number" || !isAllowed(parameter, `${width}x${height}`))
      notes.invalid(`options.${path}`, `the model takes no image of ${quote(width)} by ${quote(height)} pixels.`, allowedBy(parameter))
    else fields = { ...fields, ...absorbField(request, name as FieldName, parameter, path, `${width}x${height}`, notes) }
  }
  return fields
}

/** Reads `options` into the neutral request: every wire field with a neutral twin becomes it, the rest is checked against the card. */
export const absorb = (request: ImageRequest, card: ModelCard, notes: Notes): Absorbed => {
  const { options, ...given } = request as ImageRequest & Loose
  if (options === undefined) return { task: request.task ?? "text-to-image", fields: given, options: {}, ready: [] }
  if (!isRecord(options)) {
    notes.invalid("options", "options must be an object of the model's own fields.")
    return { task: request.task ?? "text-to-image", fields: given, options: {}, ready: [] }
  }
  const everywhere = Object.values(card.tasks).flatMap(placesOf)
  const leaves = leavesOf(options, everywhere)
  const task = chooseTask(request, card, leaves, notes)
  const taskCard = card.tasks[task]
  if (!taskCard) return { task, fields: given, options: {}, ready: [] }
  let fields: Loose = { ...given, ...absorbPairs(taskCard, leaves, given, notes) }
  const rest: Record<string, unknown> = {}
  for (const [path, value] of leaves) {
    const spot = spotsOf(taskCard).get(path)
    if (!spot) {
      if (fixedAt(taskCard, path) !== undefined) continue
      if (saidPlaces(taskCard).includes(path)) rest[path] = value
      else if (!everywhere.includes(path)) notes.unknown(`options.${path}`, path, `${card.id} has`, placesOf(taskCard))
      else notes.unsupported(`options.${path}`, `${card.id} takes no ${path} in the task ${task}.`)
    } else if (spot.half !== undefined) continue
    else if (!isAllowed(spot.parameter, value))
      notes.invalid(
        `options.${path}`,
        `options.${path} must be ${allowedBy(spot.parameter)}.`,
        allowedBy(spot.parameter),
        givenOf(spot.parameter, value),
      )
    else if (spot.part !== undefined) fields = { ...fields, ...absorbPart(fields, spot as Required<Spot>, path, value, notes) }
    else if (spot.field) fields = { ...fields, ...absorbField(given, spot.field, spot.parameter, path, value, notes) }
    else rest[path] = value
  }
  return { task, fields, options: rest, ready: given["mask"] === undefined && fields["mask"] !== undefined ? ["mask"] : [] }
}

/** Kinds whose values are words of the card's own. */
const worded: ReadonlySet<string> = new Set(["enum", "sizes", "grid", "ratios"])

const hidden: ReadonlySet<string> = new Set(["prompts", "image", "images", "mask"])

/** What may be repeated of a value: never a text of the caller's. */
const givenOf = ({ kind }: Parameter, value: unknown): unknown => {
  if (hidden.has(kind)) return undefined
  return typeof value === "string" && !worded.has(kind) ? `${[...value].length} characters` : givenAs(value)
}
