import type { InputName, TaskCard } from "./card.ts"
import { givenAs } from "./nearest.ts"
import type { Notes } from "./notes.ts"
import type { Loose, Task } from "./request.ts"
import { firstGiven, isRecord, partsOf, valueAt } from "./wire.ts"

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

const fitted = [
  "prompt",
  "prompts",
  "negativePrompt",
  "size",
  "aspectRatio",
  "n",
  "seed",
  "quality",
  "guidance",
  "steps",
  "style",
  "outputFormat",
  "strength",
  "controlStrength",
]
const settings = ["task", "model", "modelId", "options", "policy", "tags", "account", "idempotencyKey"]
const known: readonly string[] = [...fitted, ...inputNames, ...settings]

const isTexts = (value: unknown): boolean => isRecord(value) && Object.values(value).every((each) => each === undefined || typeof each === "string")

/** Refuses settings that no task could take. */
export const checkSettings = (request: Loose, notes: Notes): void => {
  const { policy, tags, account, idempotencyKey, modelId } = request
  if (policy !== undefined && policy !== "adapt" && policy !== "strict")
    notes.invalid("policy", `policy must be "adapt" or "strict".`, `"adapt" or "strict"`, givenAs(policy))
  if (tags !== undefined && !isTexts(tags)) notes.invalid("tags", "tags must be an object of texts.", "{ name: text }")
  if (account !== undefined && !(isTexts(account) && Object.keys(account as Loose).every((key) => ["key", "user", "team"].includes(key))))
    notes.invalid("account", "account must be { key?, user?, team? }, each a text.", "{ key?, user?, team? }")
  for (const [path, value] of Object.entries({ idempotencyKey, modelId }))
    if (value !== undefined && (typeof value !== "string" || value === "")) notes.invalid(path, `${path} must be a text that is not empty.`)
  for (const [field, value] of Object.entries(request))
    if (value !== undefined && !known.includes(field)) notes.unknown(field, field, "there is", known)
}

/** Is `task` one that Pictor knows? */
export const isTask = (task: unknown): task is Task => tasks.includes(task as Task)

/** Refuses inputs that the model's task lacks. */
export const checkInputs = (request: Loose, task: Task, { fields }: TaskCard, model: string, notes: Notes): void => {
  const either = fields.image ?? fields.images
  for (const name of inputNames) {
    const takes = name === "image" || name === "images" ? either : fields[name]
    if (request[name] !== undefined && !takes) notes.unsupported(name, `${model} takes no ${name} in the task ${task}.`)
  }
}

/** Exactly one of each group, or an issue. */
export const checkGroups = (given: Loose, { oneOf = [] }: TaskCard, model: string, notes: Notes): void => {
  for (const group of oneOf) {
    const named = group.filter((name) => valueAt(given, name) !== undefined)
    const words = group.join(" or ")
    if (named.length === 0) notes.invalid(group[0] as string, `${words} is missing: ${model} needs one in this task.`, words)
    if (named.length > 1) notes.invalid(named[1] as string, `${named.join(" and ")} exclude each other; give one.`, words)
  }
}

/** Refuses a part that has no place beside what is given. */
export const checkPlaces = (given: Loose, task: TaskCard, model: string, notes: Notes): void => {
  for (const [name, { wires }] of partsOf(task)) {
    const beside = Object.keys(wires ?? {})
    if (wires && valueAt(given, name) !== undefined && firstGiven(given, beside) === undefined)
      notes.invalid(name, `${name} is taken beside ${beside.join(" or ")} alone: ${model} has no place for it otherwise.`, beside.join(" or "))
  }
}
