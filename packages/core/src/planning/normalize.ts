import type { ModelCard, Parameter, TaskCard } from "../contract/card.ts"
import {
  type ImageRequest,
  type InputName,
  inputNames,
  type JsonObject,
  type Task,
} from "../contract/request.ts"
import {
  defined,
  firstGiven,
  isRecord,
  mapValues,
  memo,
  pick,
  type UnknownRecord,
  valueAt,
} from "../lib/object.ts"
import { anyText, numberFrom, objectOf, oneOf, type Rule } from "../models/parameter.ts"
import { quote } from "../models/suggest.ts"
import { type NamedParameter, optionsOf, partsOf } from "./card-fields.ts"
import { type Diagnostics, issuesError } from "./diagnostics.ts"
import { type AbsorbedOptions, absorbOptions, defaultTask } from "./model-options.ts"
import { placeReferences } from "./references.ts"
import { matchValue, settingNames } from "./settings.ts"

/** A request whose task is known and whose `options` have no neutral twin. */
export interface NeutralRequest extends AbsorbedOptions {
  readonly taskCard: TaskCard
  readonly count: number
}

/** Absorbs `options`, and checks the task, the names of the fields and what concerns no model. */
export const normalize = (
  request: ImageRequest,
  card: ModelCard,
  maxImages: number,
  cards: readonly ModelCard[],
  diagnostics: Diagnostics,
): NeutralRequest => {
  const { task: requested, options: given, ...known } = request as ImageRequest & UnknownRecord
  const tasks = oneOf(Object.keys(card.tasks))
  const isKnown = requested === undefined || isTask(requested)
  if (!isKnown) diagnostics.check("task", tasks, requested)
  const wanted = isKnown ? requested : undefined
  const { task, fields, options, hasModelMask } =
    given === undefined
      ? { task: wanted ?? defaultTask, fields: known, options: {}, hasModelMask: false }
      : absorbOptions(given, wanted, known, card, diagnostics)
  const taskCard = pricedTasks(card)[task]
  if (isKnown && !taskCard) rejectTask(task, card, cards, diagnostics)
  checkSettings(fields, diagnostics)
  const placed =
    taskCard && fields["references"] !== undefined
      ? placeReferences(fields, task, taskCard, diagnostics)
      : fields
  if (taskCard) checkInputs(placed, task, taskCard, diagnostics)
  const count = readCount(fields["n"], maxImages, diagnostics)
  if (!isKnown || !taskCard) throw issuesError(card, diagnostics)
  const checked = checkBackground(placed, task, taskCard, cards, diagnostics)
  return {
    ...dropOverridden(taskCard, checked, options, diagnostics),
    task,
    options,
    count,
    hasModelMask,
  }
}

/** Rejects a task that the model lacks, and names the client's models that have it. */
const rejectTask = (
  task: Task,
  { tasks }: ModelCard,
  cards: readonly ModelCard[],
  diagnostics: Diagnostics,
): void => {
  const own = oneOf(Object.keys(tasks)).words()
  const elsewhere = modelsThat((other) => other.tasks[task] !== undefined, cards)
  diagnostics.unsupported("task", `task must be ${own}, not ${task}.${elsewhere}`, {
    allowed: own,
    given: task,
  })
}

/** A sentence that names the client's models of which something is true. */
const modelsThat = (
  isTrue: (card: ModelCard) => boolean | undefined,
  cards: readonly ModelCard[],
): string => {
  const ids = cards.filter(isTrue).map(({ id }) => id)
  if (ids.length === 0) return ""
  return ` ${ids.length === 1 ? "This model has" : "These models have"} it: ${ids.slice(0, 9).join(", ")}.`
}

/** An opaque image in place of a transparent one is useless, and is paid for all the same. */
const checkBackground = (
  given: UnknownRecord,
  task: Task,
  { fields }: TaskCard,
  cards: readonly ModelCard[],
  diagnostics: Diagnostics,
): UnknownRecord => {
  const { background, ...others } = given
  if (background !== "transparent" || makesTransparent(fields.background)) return given
  const elsewhere = modelsThat(
    (card) => makesTransparent(card.tasks[task]?.fields.background),
    cards,
  )
  diagnostics.unsupported(
    "background",
    `background cannot be transparent: the model makes opaque images in the task ${task}.${elsewhere}`,
    { allowed: "opaque, auto", given: background },
  )
  return others
}

const makesTransparent = (parameter: Parameter | undefined): boolean =>
  parameter?.kind === "enum" && matchValue(parameter, "transparent") !== undefined

/**
 * The tasks without the quality "auto" where it has no price of its own: the model's choice would
 * leave the price open.
 */
const pricedTasks = memo(({ tasks, prices }: ModelCard): ModelCard["tasks"] => {
  const priced = new Set(prices.map(({ quality }) => quality).filter((each) => each !== undefined))
  if (priced.size === 0 || priced.has("auto")) return tasks
  return mapValues(tasks, (task) => {
    const { quality } = task.fields
    if (quality?.kind !== "enum" || !quality.values.includes("auto")) return task
    const named = { ...quality, values: quality.values.filter((value) => value !== "auto") }
    const usual = { ...named, ...defined({ default: matchValue(named, quality.default, true) }) }
    return { ...task, fields: { ...task.fields, quality: usual } }
  })
})

/** Does the task take anything but texts and settings? */
export const takesInputs = ({ fields, oneOf: groups }: TaskCard): boolean =>
  groups !== undefined ||
  inputNames.some((name) => name !== "references" && fields[name] !== undefined)

export const checkGroups = (
  given: UnknownRecord,
  { oneOf: groups = [] }: TaskCard,
  diagnostics: Diagnostics,
): void => {
  for (const group of groups) {
    const names = group.join(" or ")
    const [first, ...more] = group.filter((name) => valueAt(given, name) !== undefined)
    if (!first) diagnostics.missing(group[0] as string, names, names)
    if (more[0]) diagnostics.conflict(more[0], [first, ...more].join(" and "), names)
  }
}

/** Rejects a field that the body can only hold beside another one that is absent. */
export const checkSiblings = (
  given: UnknownRecord,
  task: TaskCard,
  diagnostics: Diagnostics,
): void => {
  for (const [name, { pathBeside }] of partsOf(task)) {
    if (!pathBeside || valueAt(given, name) === undefined) continue
    const siblings = Object.keys(pathBeside)
    const allowed = siblings.join(" or ")
    if (firstGiven(given, siblings) === undefined)
      diagnostics.invalid(name, `${name} is only taken together with ${allowed}.`, { allowed })
  }
}

export const checkImplied = (
  given: UnknownRecord,
  { options, hasModelMask, taskCard }: NeutralRequest,
  diagnostics: Diagnostics,
): void => {
  const values = Object.entries(options)
  if (values.length === 0) return
  const [parts, own] = [partsOf(taskCard), optionsOf(taskCard)]
  const present = [
    ...parts.filter(([name]) => valueAt(given, name) !== undefined),
    ...own.filter(([path]) => options[path] !== undefined),
  ]
  for (const [path, value] of values) {
    const impliesPath = ([, { implies }]: NamedParameter): boolean => implies?.[path] !== undefined
    const all = [...parts, ...own].filter(impliesPath)
    if (all.length === 0) continue
    const last = present.findLast(impliesPath)
    const [name, parameter] = last ?? []
    const isInverted =
      parameter?.kind === "mask" &&
      hasModelMask &&
      name === "mask" &&
      parameter.impliesInverted?.[path] === value
    if (isInverted || (last ? [last] : all).some(([, each]) => each.implies?.[path] === value))
      continue
    const allowed = all
      .map(([each, { implies: implied }]) => `${quote(implied?.[path])} with ${each}`)
      .join(", ")
    diagnostics.invalid(
      `options.${path}`,
      `options.${path} contradicts the request; the model takes ${allowed}.`,
      { allowed },
    )
  }
}

export const isTask = (task: unknown): task is Task => tasks.includes(task as Task)

/** Rejects unknown fields and wrong values of the settings that concern no model. */
export const checkSettings = (request: UnknownRecord, diagnostics: Diagnostics): void => {
  for (const field of Object.keys(request)) {
    const value = request[field]
    if (value === undefined) continue
    const rule = Object.hasOwn(generalSettings, field) ? generalSettings[field] : undefined
    if (rule) diagnostics.check(field, rule, value)
    else if (!knownFields.includes(field))
      diagnostics.unknownField(field, field, "there is", knownFields)
  }
}

export const checkInputs = (
  request: UnknownRecord,
  task: Task,
  { fields }: TaskCard,
  diagnostics: Diagnostics,
): void => {
  const { image = fields.images, images = image } = fields
  const taken = { ...fields, image, images, references: images }
  for (const name of inputNames)
    if (request[name] !== undefined && !taken[name])
      diagnostics.unsupported(name, `the model takes no ${name} in the task ${task}.`)
}

const readCount = (given: unknown, maxImages: number, diagnostics: Diagnostics): number => {
  if (given === undefined) return 1
  return diagnostics.check("n", numberFrom(1, maxImages, true), given) ? (given as number) : 1
}

/** Removes the settings that `options` override: they are dropped and have no default. */
const dropOverridden = (
  taskCard: TaskCard,
  fields: UnknownRecord,
  options: JsonObject,
  diagnostics: Diagnostics,
): { readonly taskCard: TaskCard; readonly fields: UnknownRecord } => {
  if (Object.keys(options).length === 0) return { taskCard, fields }
  const overridden: string[] = []
  for (const [name, parameter] of Object.entries(taskCard.fields)) {
    if (inputNames.includes(name as InputName)) continue
    const option = overridingOption(parameter, taskCard, options)
    if (option === undefined) continue
    overridden.push(name)
    if (fields[name] !== undefined)
      diagnostics.drop(name, fields[name], `options.${option} overrides it`)
  }
  const isLeft = (_: unknown, name: string): boolean => !overridden.includes(name)
  return {
    taskCard: { ...taskCard, fields: pick(taskCard.fields, isLeft) },
    fields: pick(fields, isLeft),
  }
}

const overridingOption = (
  { implies = {} }: Parameter,
  task: TaskCard,
  options: JsonObject,
): string | undefined =>
  Object.keys(options).find((option) =>
    Object.entries({ ...task.options?.[option]?.implies, [option]: options[option] }).some(
      ([path, value]) => implies[path] !== undefined && implies[path] !== value,
    ),
  )

const tasks = [
  "text-to-image",
  "image-to-image",
  "inpaint",
  "outpaint",
  "erase",
  "replace",
  "recolor",
  "color-guided",
  "control",
  "style-guide",
  "style-transfer",
  "remove-background",
  "virtual-try-on",
  "upscale",
] as const satisfies readonly Task[]

const nonEmptyText: Rule = {
  words: () => "a text that is not empty",
  takes: (value) => typeof value === "string" && value !== "",
}

const textsByName: Rule = {
  words: () => "an object of texts",
  takes: (value) =>
    isRecord(value) &&
    Object.values(value).every((each) => each === undefined || anyText.takes(each)),
}

const listOfTexts: Rule = {
  words: () => "a list of texts",
  takes: (value) => Array.isArray(value) && value.every((each) => anyText.takes(each)),
}

/** The settings that concern no model. */
const generalSettings: Readonly<Record<string, Rule>> = {
  policy: oneOf(["adapt", "strict"]),
  tags: textsByName,
  clientTags: listOfTexts,
  account: objectOf("{ key?, user?, team?, endUser? }, each a text", {
    key: anyText,
    user: anyText,
    team: anyText,
    endUser: anyText,
  }),
  idempotencyKey: nonEmptyText,
  modelId: nonEmptyText,
}

const knownFields: readonly string[] = [
  "prompt",
  "prompts",
  "negativePrompt",
  "size",
  "aspectRatio",
  "n",
  "seed",
  ...settingNames,
  ...inputNames,
  "task",
  "model",
  "options",
  ...Object.keys(generalSettings),
]
