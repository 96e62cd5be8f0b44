import type { ModelCard } from "../contract/card.ts"
import { inputNames, type JsonObject, type Task } from "../contract/request.ts"
import { valueAt } from "../lib/object.ts"

const otherInputs = inputNames.filter((name) => name !== "image" && name !== "images")

interface EditInputs {
  readonly fields: JsonObject
  readonly options: JsonObject
  readonly card: ModelCard | undefined
  readonly hasHole: () => Promise<boolean>
}

const tasksOf = (card: ModelCard): readonly Task[] => Object.keys(card.tasks) as Task[]

/** The tasks that the model's own fields name, such as `taskType: "INPAINTING"`. */
export const namedTasks = (options: JsonObject, card: ModelCard): readonly Task[] =>
  tasksOf(card).filter((task) => {
    const constants = Object.entries(card.tasks[task]?.constants ?? {})
    return (
      constants.length > 0 && constants.every(([path, value]) => valueAt(options, path) === value)
    )
  })

const namesTask = (options: JsonObject, card: ModelCard): boolean =>
  tasksOf(card).some((task) =>
    Object.keys(card.tasks[task]?.constants ?? {}).some(
      (path) => valueAt(options, path) !== undefined,
    ),
  )

const takesInputs = (fields: JsonObject, task: Task, { tasks }: ModelCard): boolean => {
  const taken = tasks[task]?.fields
  return (
    (taken?.image ?? taken?.images) !== undefined &&
    otherInputs.every(
      (name) => fields[name] === undefined || name === "references" || taken?.[name] !== undefined,
    )
  )
}

const takesPicture = (task: Task, { tasks }: ModelCard): boolean => {
  const { image, images, styleImage, referenceImage } = tasks[task]?.fields ?? {}
  return (image ?? images ?? styleImage ?? referenceImage) !== undefined
}

const marksArea = (options: JsonObject, card: ModelCard): boolean => {
  const { mask, maskPrompt } = card.tasks.inpaint?.fields ?? {}
  return [mask?.path, maskPrompt?.path].some(
    (path) => typeof path === "string" && valueAt(options, path) !== undefined,
  )
}

/** The task of an edit that names none. Undefined if core reads it from the model's own fields. */
export const impliedTask = async ({
  fields,
  options,
  card,
  hasHole,
}: EditInputs): Promise<Task | undefined> => {
  const marked = fields["mask"] !== undefined || fields["maskPrompt"] !== undefined
  if (!card) return marked ? "inpaint" : "image-to-image"
  if (namesTask(options, card)) return undefined
  const [only, ...others] = tasksOf(card).filter((task) => takesPicture(task, card))
  if (only && others.length === 0) return only
  const usual = marked || marksArea(options, card) ? "inpaint" : "image-to-image"
  const able = tasksOf(card).filter((task) => takesInputs(fields, task, card))
  // Without a mask, the transparent pixels of the image are the mask.
  if (usual === "image-to-image" && able.includes("inpaint") && (await hasHole())) return "inpaint"
  if (able.includes(usual)) return usual
  return able.length === 1 ? able[0] : usual
}

const pictures = ["styleImage", "referenceImage"] as const

/** The field of the only picture that the task takes, if that is not `image`. */
export const onlyPictureOf = (
  task: unknown,
  card: ModelCard | undefined,
): (typeof pictures)[number] | undefined => {
  const taken = card?.tasks[task as Task]?.fields
  if (!taken || taken.image || taken.images) return undefined
  const found = pictures.filter((name) => taken[name] !== undefined)
  return found.length === 1 ? found[0] : undefined
}
