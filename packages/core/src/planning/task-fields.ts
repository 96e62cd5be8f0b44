import type { InputName, TaskCard } from "../contract/card.ts"
import type { JsonObject, Task } from "../contract/request.ts"
import { anyText, objectOf, oneOf, type Rule } from "../models/rule.ts"
import { fittedNames } from "./as-it-is.ts"
import type { Notes } from "./notes.ts"
import { partsOf } from "./places.ts"
import { firstGiven, isRecord, valueAt } from "./wire.ts"

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
