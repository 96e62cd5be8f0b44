import type { ModelCard, Task } from "@pictor/core"
import type { Kind } from "./parameters.ts"
import { type Fields, isFields } from "./values.ts"

const at = (fields: Fields, path: string): unknown =>
  path
    .split(".")
    .reduce<unknown>((value, key) => (isFields(value) ? value[key] : undefined), fields)

/** Do the fields of the model's own body say which task it is? Then that is what core reads. */
const sayTask = (options: Fields, card: ModelCard): boolean =>
  Object.values(card.tasks).some(({ constants: fixed = {} }) =>
    Object.keys(fixed).some((path) => at(options, path) !== undefined),
  )

/** The task of a request that does not name one; undefined where core is to find it. */
export const impliedTask = (
  kind: Kind,
  hasMask: boolean,
  options: Fields,
  cardOf: () => ModelCard | undefined,
): Task | undefined => {
  if (kind === "generations") return undefined
  const card = cardOf()
  if (card && sayTask(options, card)) return undefined
  const usual = hasMask ? "inpaint" : "image-to-image"
  if (!card || card.tasks[usual]) return usual
  const withImage = (Object.keys(card.tasks) as Task[]).filter(
    (task) => card.tasks[task]?.fields.image ?? card.tasks[task]?.fields.images,
  )
  return withImage.length === 1 ? withImage[0] : usual
}

/** Has the model a field of its own by this name, without a neutral twin? Then it is sent as that. */
export const isOwnField = (name: string, card: ModelCard | undefined): boolean =>
  Object.values(card?.tasks ?? {}).some(({ options = {} }) => Object.hasOwn(options, name))
