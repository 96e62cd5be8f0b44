import { givenAs, nearest, quote } from "./nearest.ts"
import type { Notes } from "./notes.ts"
import type { Loose, Task } from "./request.ts"
import { isRecord } from "./wire.ts"

const words = ["prompt", "prompts", "negativePrompt"] as const
const frame = ["size", "aspectRatio"] as const
const masked = ["image", "mask", "maskPrompt"] as const

/** What each task takes beyond the settings; the runtime twin of `TaskInputs`. */
export const taskFields: Readonly<Record<Task, readonly string[]>> = {
  "text-to-image": [...words, ...frame],
  "image-to-image": [...words, ...frame, "image", "images", "strength"],
  inpaint: [...words, ...masked],
  outpaint: [...words, "image", "mask", "keepPrompt", "margins"],
  erase: masked,
  replace: [...words, ...masked],
  recolor: [...words, ...masked],
  "color-guided": [...words, ...frame, "colors", "referenceImage"],
  control: [...words, ...frame, "image", "control", "controlStrength"],
  "style-guide": [...words, ...frame, "styleImage", "strength"],
  "style-transfer": [...words, "image", "styleImage", "strength"],
  "remove-background": ["image"],
  "virtual-try-on": ["image", "referenceImage", "garment", "mask", "maskPrompt"],
  upscale: [...words, "image", "upscale"],
}

const fitted = ["n", "seed", "quality", "guidance", "steps", "style", "outputFormat"] as const
const settings = [...fitted, "task", "model", "modelId", "options", "policy", "tags", "account", "idempotencyKey"] as const

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
}

/** Is `task` one that Pictor knows? */
export const isTask = (task: unknown): task is Task => typeof task === "string" && Object.hasOwn(taskFields, task)

/** Refuses what is no field at all, or none of this task's. */
export const checkFields = (request: Loose, task: Task, notes: Notes): void => {
  checkSettings(request, notes)
  const known: readonly string[] = [...settings, ...taskFields[task]]
  const elsewhere = (field: string): readonly string[] =>
    Object.entries(taskFields).flatMap(([name, fields]) => (fields.includes(field) ? [name] : []))
  for (const [field, value] of Object.entries(request)) {
    if (value === undefined || known.includes(field)) continue
    const tasks = elsewhere(field)
    if (tasks.length > 0) notes.unsupported(field, `the task ${task} takes no ${field}; ${tasks.join(", ")} do.`)
    else notes.invalid(field, `there is no field ${quote(field)}; the nearest are ${nearest(field, known).join(", ")}.`)
  }
}
