import type { ModelCard, Parameter, TaskCard } from "../contract/card.ts"
import { type Issue, imageError } from "../contract/errors.ts"
import type { Change, Plan, Resolved } from "../contract/plan.ts"
import type { ImageRequest, InputName, JsonObject, Task } from "../contract/request.ts"
import { writtenOut } from "../generate/outcome.ts"
import { firstGiven, isRecord, memo, pick, times, valueAt } from "../lib/object.ts"
import { anyText, numberFrom, objectOf, oneOf, type Rule } from "../models/parameter.ts"
import { lifecycleNote, lifecycleOn, type Target } from "../models/registry.ts"
import { quote } from "../models/suggest.ts"
import { optionsOf, partsOf } from "./card-fields.ts"
import { createNotes, type Notes } from "./diagnostics.ts"
import { checkBodySize, type Prepared, prepare } from "./inputs/prepare.ts"
import { absorb } from "./model-options.ts"
import { type Fitted, type PlanningRules, withoutImages } from "./plan.ts"
import { withJson } from "./plan-json.ts"
import { quoteFor, ratesByPixels } from "./price.ts"
import { withOwn } from "./recipe-request.ts"
import { fitSettings, fittedNames, fitWords, planSeeds } from "./settings.ts"
import { fitFrame } from "./size.ts"

const refuse = (card: string, issues: readonly Issue[]): never => {
  const [first, ...more] = issues
  const code = issues.every((issue) => issue.code === "unsupported")
    ? "unsupported"
    : "invalid_request"
  const others =
    more.length > 0 ? ` And ${more.length} more: ${more.map(({ path }) => path).join(", ")}.` : ""
  throw imageError(code, `${card}: ${first?.message}${others}`, { issues })
}

const countOf = (given: unknown, maxImages: number, notes: Notes): number => {
  return given !== undefined && notes.check("n", numberFrom(1, maxImages, true), given)
    ? (given as number)
    : 1
}

/** Images of each call, in order. */
const splitOf = (count: number, imagesPerCall: number, notes: Notes): readonly number[] => {
  const split = times(Math.ceil(count / imagesPerCall), (call) =>
    Math.min(imagesPerCall, count - call * imagesPerCall),
  )
  if (split.length > 1)
    notes.change({
      field: "n",
      action: "split",
      from: count,
      to: split,
      why: `images of a call, at most: ${imagesPerCall}`,
    })
  return split
}

const checkLifecycle = (
  card: ModelCard,
  date: string,
  rule: "warn" | "refuse",
  notes: Notes,
): void => {
  const status = lifecycleOn(card, date)
  const note = lifecycleNote(card, status)
  if (note === undefined) return
  if (status === "retired" && rule === "refuse") throw imageError("model_retired", note)
  notes.warnings.push(note)
}

const taskRule = memo(({ tasks }: ModelCard): Rule => oneOf(Object.keys(tasks)))

const readTask = (
  request: ImageRequest & JsonObject,
  card: ModelCard,
  maxImages: number,
  notes: Notes,
) => {
  const { task } = request
  const mine = taskRule(card)
  const isKnown = task === undefined || isTask(task)
  if (!isKnown) notes.check("task", mine, task)
  const absorbed = absorb(
    isKnown ? request : ({ ...request, task: undefined } as unknown as ImageRequest & JsonObject),
    card,
    notes,
  )
  const taskCard = card.tasks[absorbed.task]
  if (isKnown) notes.check("task", mine, absorbed.task, "unsupported")
  checkSettings(absorbed.fields, notes)
  if (taskCard) checkInputs(absorbed.fields, absorbed.task, taskCard, notes)
  const count = countOf(absorbed.fields["n"], maxImages, notes)
  return isKnown && taskCard ? { ...absorbed, taskCard, count } : refuse(card.id, notes.issues)
}

const noInputs: Prepared = { fields: {}, given: {} }

const refuseIssues = ({ issues }: Notes, model: string): void => {
  if (issues.length > 0) refuse(model, issues)
}

/** The request in the model's words and numbers, with everything that differs from what was asked. Refuses all that is wrong, at once. */
export const fit = async (
  request: ImageRequest,
  target: Target,
  date: string,
  rules: PlanningRules,
  before: { readonly changes: readonly Change[]; readonly warnings: readonly string[] },
): Promise<Fitted> => {
  const { card } = target
  const notes = createNotes(request.policy === "strict", [...before.changes], [...before.warnings])
  checkLifecycle(card, date, rules.lifecycle, notes)
  const asked = readTask(request as ImageRequest & JsonObject, card, rules.maxImages, notes)
  const { task, count, options, ready } = asked
  const { taskCard, fields } = overruled(asked.taskCard, asked.fields, options, notes)
  const settings = fitSettings(taskCard, fields, notes)
  const quote = await quoteFor(target, task, settings, rules.prices, date)
  const frame = fitFrame(taskCard, fields, ratesByPixels(quote), notes)
  const isWords = !takesInputs(taskCard)
  const prepared = isWords
    ? noInputs
    : await prepare(fields, taskCard, ready, { ops: rules.images, notes })
  const present = { ...settings, ...prepared.fields, ...fields }
  checkPlaces(present, taskCard, notes)
  checkSayings(present, options, ready, taskCard, notes)
  const resolved: Resolved = {
    ...fitWords(taskCard, fields, notes),
    ...frame,
    ...settings,
    ...prepared.fields,
  }
  const split = splitOf(count, taskCard.imagesPerCall ?? 1, notes)
  const seeds = planSeeds(taskCard, fields["seed"], split.length, rules.runtime.random, notes)
  refuseIssues(notes, card.id)
  const { image } = resolved
  const outputSize =
    frame.size ??
    (taskCard.output === "input" && image
      ? { width: image.width, height: image.height }
      : undefined)
  const finish = (plan: Plan): Plan => {
    checkBodySize(plan.calls, prepared.fields, target.adapter.transport, notes)
    refuseIssues(notes, card.id)
    return withJson(plan)
  }
  const { given } = prepared
  const drawn = {
    task,
    n: count,
    resolved,
    options,
    outputSize,
    split,
    seeds,
    changes: notes.changes,
    warnings: notes.warnings,
  }
  const recipe = withOwn(writtenOut(task, withoutImages(resolved)), options, given, ready, taskCard)
  const fitted = { ...drawn, quote, given, ready, recipe, request: withoutImages(request) }
  return isWords ? fitted : { ...fitted, finish }
}

/** Places that follow from what is given: what `options` say there is kept, and checked. */
export const saidPlaces = (task: TaskCard): readonly string[] =>
  [...partsOf(task), ...optionsOf(task)].flatMap(([, { implies: says = {} }]) => Object.keys(says))

/** The option that says otherwise than this parameter does. */
const rulerOf = (
  { implies: says = {} }: Parameter,
  task: TaskCard,
  options: JsonObject,
): string | undefined =>
  Object.entries(options).find(([path, value]) =>
    Object.entries({ ...task.options?.[path]?.implies, [path]: value }).some(
      ([at, word]) => says[at] !== undefined && says[at] !== word,
    ),
  )?.[0]

/** The task without settings that `options` overrule: they have no default then, and a given one is dropped. */
export const overruled = (
  taskCard: TaskCard,
  fields: JsonObject,
  options: JsonObject,
  notes: Notes,
): { readonly taskCard: TaskCard; readonly fields: JsonObject } => {
  if (Object.keys(options).length === 0) return { taskCard, fields }
  const inputs: readonly string[] = inputNames
  const rulers = Object.entries(taskCard.fields).flatMap(([name, parameter]) => {
    const ruler =
      parameter.implies && !inputs.includes(name)
        ? rulerOf(parameter, taskCard, options)
        : undefined
    return ruler === undefined ? [] : [[name, ruler] as const]
  })
  if (rulers.length === 0) return { taskCard, fields }
  for (const [field, ruler] of rulers)
    if (fields[field] !== undefined)
      notes.drop(field, fields[field], `options.${ruler} says what stands in its place`)
  const names = rulers.map(([name]) => name)
  const isLeft = (_: unknown, name: string): boolean => !names.includes(name)
  return {
    taskCard: { ...taskCard, fields: pick(taskCard.fields, isLeft) },
    fields: pick(fields, isLeft),
  }
}

/** Refuses options that say of what is given what it does not say itself; `ready` fields are as the model wants them. */
export const checkSayings = (
  given: JsonObject,
  options: JsonObject,
  ready: readonly string[],
  task: TaskCard,
  notes: Notes,
): void => {
  const said = Object.entries(options)
  if (said.length === 0) return
  const [parts, own] = [partsOf(task), optionsOf(task)]
  const sayers = [
    ...parts.filter(([name]) => valueAt(given, name) !== undefined),
    ...own.filter(([path]) => options[path] !== undefined),
  ]
  for (const [path, value] of said) {
    const known = [...parts, ...own].filter(([, { implies: says }]) => says?.[path] !== undefined)
    if (known.length === 0) continue
    const [name, parameter] =
      sayers.findLast(([, { implies: says }]) => says?.[path] !== undefined) ?? []
    const words = parameter
      ? [parameter.implies?.[path]]
      : known.map(([, { implies: says }]) => says?.[path])
    const isReversed =
      parameter?.kind === "mask" &&
      ready.includes(name as string) &&
      parameter.impliesInverted?.[path] === value
    if (isReversed || words.includes(value as string)) continue
    const allowed = known
      .map(([each, { implies: says }]) => `${quote(says?.[path])} with ${each}`)
      .join(", ")
    notes.invalid(
      `options.${path}`,
      `options.${path} does not say what is given. The model takes ${allowed}.`,
      allowed,
    )
  }
}

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

/** What a task is made of; a model whose task lacks one that is given refuses. */
export const inputNames = [
  "image",
  "images",
  "mask",
  "maskPrompt",
  "keepPrompt",
  "margins",
  "colors",
  "styleImage",
  "referenceImage",
  "control",
  "garment",
  "upscale",
] as const satisfies readonly InputName[]

const filled: Rule = {
  ...anyText,
  words: "a text that is not empty",
  takes: (value) => typeof value === "string" && value !== "",
}

const textsByName: Rule = {
  ...anyText,
  words: "an object of texts",
  takes: (value) =>
    isRecord(value) &&
    Object.values(value).every((each) => each === undefined || anyText.takes(each)),
}

/** What the settings are that concern no model. */
const settings: Readonly<Record<string, Rule>> = {
  policy: oneOf(["adapt", "strict"]),
  tags: textsByName,
  account: objectOf("{ key?, user?, team? }, each a text", {
    key: anyText,
    user: anyText,
    team: anyText,
  }),
  idempotencyKey: filled,
  modelId: filled,
}

const known: readonly string[] = [
  "prompt",
  "prompts",
  "negativePrompt",
  "size",
  "aspectRatio",
  "n",
  "seed",
  ...fittedNames,
  ...inputNames,
  "task",
  "model",
  "options",
  ...Object.keys(settings),
]

/** Refuses settings that no task could take. */
export const checkSettings = (request: JsonObject, notes: Notes): void => {
  for (const field of Object.keys(request)) {
    const value = request[field]
    if (value === undefined) continue
    const rule = Object.hasOwn(settings, field) ? settings[field] : undefined
    if (rule) notes.check(field, rule, value)
    else if (!known.includes(field)) notes.unknown(field, field, "there is", known)
  }
}

/** Is `task` one that Pictor knows? */
export const isTask = (task: unknown): task is Task => tasks.includes(task as Task)

/** Refuses inputs that the model's task lacks. */
export const checkInputs = (
  request: JsonObject,
  task: Task,
  { fields }: TaskCard,
  notes: Notes,
): void => {
  const { image = fields.images, images = image } = fields
  const taken = { ...fields, image, images }
  for (const name of inputNames)
    if (request[name] !== undefined && !taken[name])
      notes.unsupported(name, `the model takes no ${name} in the task ${task}.`)
}

/** Is there anything but words and settings that the task takes? */
export const takesInputs = ({ fields, oneOf: groups }: TaskCard): boolean =>
  groups !== undefined || inputNames.some((name) => fields[name])

/** Exactly one of each group, or an issue. */
export const checkGroups = (
  given: JsonObject,
  { oneOf: groups = [] }: TaskCard,
  notes: Notes,
): void => {
  for (const group of groups) {
    const words = group.join(" or ")
    const [first, ...more] = group.filter((name) => valueAt(given, name) !== undefined)
    if (!first) notes.missing(group[0] as string, words, words)
    if (more[0]) notes.choose(more[0], [first, ...more].join(" and "), words)
  }
}

/** Refuses a part that has no place beside what is given. */
export const checkPlaces = (given: JsonObject, task: TaskCard, notes: Notes): void => {
  for (const [name, { pathBeside: wires }] of partsOf(task)) {
    if (!wires || valueAt(given, name) === undefined) continue
    const beside = Object.keys(wires)
    const words = beside.join(" or ")
    if (firstGiven(given, beside) === undefined)
      notes.invalid(name, `${name} is taken beside ${words} alone.`, words)
  }
}
