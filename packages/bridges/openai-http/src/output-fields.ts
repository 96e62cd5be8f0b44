import type { JsonObject, ModelCard, Task } from "@pictor/core"
import { namedTasks } from "@pictor/core/host"
import { unsupportedValue } from "./errors.ts"
import type { Draft } from "./input-images.ts"

export interface Models {
  /** Finds the card of the request's model. Most requests do not need it. */
  readonly findCard: () => ModelCard | undefined
  readonly modelsWith: (isAble: (card: ModelCard) => boolean) => readonly string[]
}

/** Images without a background are transparent, and so are those of some models. */
export const checkTransparency = (
  options: JsonObject,
  { fields, issues }: Draft,
  { findCard, modelsWith }: Models,
): void => {
  const background = "transparent"
  const removal = "remove-background"
  const card = findCard()
  const task = fields["task"] ?? (card && namedTasks(options, card)[0]) ?? "text-to-image"
  if (card && hasValue(card, task as Task, "background", background)) return
  delete fields["background"]
  if (task === removal) return
  const able = modelsWith((each) => hasValue(each, task as Task, "background", background))
  const removing = modelsWith(({ tasks }) => tasks[removal] !== undefined)
  const makers = listed(able) && `Use a model that does: ${listed(able)}. Or generate`
  const advice = `${makers || "Generate"} an opaque image, then send it to POST /v1/images/edits with a model that has the task "${removal}"${listed(removing) && `: ${listed(removing)}`}.`
  issues.push(
    unsupportedValue(
      "background",
      background,
      `The model does not generate transparent images. ${advice}`,
    ),
  )
}

const listed = (names: readonly string[]): string => names.slice(0, 5).join(", ")

/** Is it one of the values that the model's card lists for a field of the task? */
const hasValue = ({ tasks }: ModelCard, task: Task, field: string, value: unknown): boolean => {
  const parameter = Object.entries(tasks[task]?.fields ?? {}).find(([name]) => name === field)?.[1]
  return parameter?.kind === "enum" && parameter.values.includes(value as string)
}

/** The same in any of the model's tasks. */
export const hasValueInTasks = (
  card: ModelCard | undefined,
  field: string,
  value: unknown,
): boolean =>
  card !== undefined &&
  (Object.keys(card.tasks) as Task[]).some((task) => hasValue(card, task, field, value))

/** Preliminary images are only sent in a stream. */
export const dropPartialImages = ({ fields, changes }: Draft): void => {
  const { partialImages: from } = fields
  const why = "preliminary images are sent with stream: true only"
  delete fields["partialImages"]
  changes.push({ field: "partial_images", action: "dropped", from, to: undefined, why })
}

/** Has a task of the model a field of this name? */
export const hasField = (card: ModelCard | undefined, name: string): boolean =>
  Object.values(card?.tasks ?? {}).some(({ fields }) => Object.hasOwn(fields, name))
