import type { ImageLimits, TaskCard } from "../contract/card.ts"
import type { InputImage } from "../contract/plan.ts"
import type { JsonObject, Margins } from "../contract/request.ts"
import { ruleOf } from "../models/kinds.ts"
import { checkGroups } from "../planning/task-fields.ts"
import { firstGiven } from "../planning/wire.ts"
import { checkOpaque, hasAlpha, maskOfAlpha } from "./alpha.ts"
import { fitInputs } from "./fit-input.ts"
import { checkLimits, type Input, readInput } from "./inputs.ts"
import { prepareMask, readyMask } from "./masks.ts"
import { isPadding, padded } from "./padding.ts"
import type { Workshop } from "./workshop.ts"

/** Inputs read, checked, and brought to what the card needs. */
export interface Prepared {
  readonly fields: JsonObject
  /** The images as they were given: what a recipe keeps of them. */
  readonly given: Readonly<Record<string, InputImage | readonly InputImage[]>>
}

const read = async (
  path: string,
  source: unknown,
  limits: ImageLimits,
  workshop: Workshop,
): Promise<Input | undefined> => {
  const input = await readInput(path, source, workshop.notes)
  if (!input) return undefined
  checkLimits(path, input.image, limits, workshop.notes)
  if (limits.opaque) await checkOpaque(path, input, workshop)
  return input
}

const singles = ["styleImage", "referenceImage"] as const

const readSingles = async (
  fields: JsonObject,
  { fields: parameters }: TaskCard,
  workshop: Workshop,
): Promise<Readonly<Record<string, InputImage>>> => {
  const found: Record<string, InputImage> = {}
  for (const field of singles) {
    const parameter = parameters[field]
    if (parameter?.kind !== "image") continue
    if (fields[field] === undefined) {
      if (parameter.required) workshop.notes.missing(field, ruleOf(parameter).words)
      continue
    }
    const input = await read(field, fields[field], parameter.limits, workshop)
    if (input) found[field] = input.image
  }
  return found
}

/** `image` and `images` say the same: one picture, or several. */
const readImages = async (
  fields: JsonObject,
  { fields: parameters }: TaskCard,
  limited: boolean,
  workshop: Workshop,
): Promise<readonly Input[]> => {
  const { notes } = workshop
  const parameter = parameters.image ?? parameters.images
  if (parameter?.kind !== "image" && parameter?.kind !== "images") return []
  const { image, images } = fields
  const path = images === undefined ? "image" : "images"
  if (image !== undefined && images !== undefined) {
    notes.choose("images", "image and images")
    return []
  }
  if (image === undefined && images === undefined && !parameter.required) return []
  const sources: readonly unknown[] = Array.isArray(images)
    ? images
    : image === undefined
      ? []
      : [image]
  const most = parameter.kind === "images" ? parameter.max : 1
  if (sources.length === 0 || sources.length > most) {
    const allowed = most === 1 ? "1 image" : `1 to ${most} images`
    notes.invalid(
      path,
      `${path}: ${sources.length} given; the model takes ${allowed} in this task.`,
      allowed,
      sources.length,
    )
    return []
  }
  const one = (source: unknown, index: number): Promise<Input | undefined> => {
    const name = images === undefined ? "image" : `images.${index}`
    return limited ? read(name, source, parameter.limits, workshop) : readInput(name, source, notes)
  }
  return (await Promise.all(sources.map(one))).filter((each) => each !== undefined)
}

interface Canvas {
  readonly image: Input | undefined
  /** White is what changes. */
  readonly mask: Input | undefined
}

/** The image and the neutral mask that it brings with it: of its margins, or of its transparent pixels where nothing else is given. */
const canvasOf = async (
  image: Input | undefined,
  fields: JsonObject,
  task: TaskCard,
  margins: unknown,
  workshop: Workshop,
): Promise<Canvas> => {
  const { image: parameter } = task.fields
  if (!image || parameter?.kind !== "image") return { image, mask: undefined }
  if (margins !== undefined)
    return (
      (await padded(image, margins as Margins, parameter.limits, workshop)) ?? {
        image,
        mask: undefined,
      }
    )
  const isWanted = task.oneOf?.some(
    (group) => group.includes("mask") && firstGiven(fields, group) === undefined,
  )
  return { image, mask: isWanted ? await maskOfAlpha(image, workshop) : undefined }
}

/** Some models take the image's own transparency for a mask: an opaque one tells them to change nothing, at full price. */
const warnOfNothing = (
  [image]: readonly Input[],
  { fields, oneOf = [] }: TaskCard,
  { notes }: Workshop,
): void => {
  if (fields.mask && image && !hasAlpha(image) && !oneOf.some((group) => group.includes("mask")))
    notes.warnings.push(
      "No mask is given, and image has no transparent pixels: nothing says what to change.",
    )
}

/** Reads every input of a task once and brings it to what the card needs; `ready` names masks that are in the model's polarity already. */
export const prepare = async (
  fields: JsonObject,
  task: TaskCard,
  ready: readonly string[],
  workshop: Workshop,
): Promise<Prepared> => {
  const { notes } = workshop
  const { images: list, mask: parameter } = task.fields
  const fitted = fitInputs(fields, task, notes)
  const margins = isPadding(task) ? fitted["margins"] : undefined
  const singleImages = await readSingles(fields, task, workshop)
  // What is made larger is checked when it has its size.
  const images = await readImages(fields, task, margins === undefined, workshop)
  const canvas = await canvasOf(images[0], fields, task, margins, workshop)
  checkGroups(
    canvas.mask && margins === undefined ? { ...fields, mask: canvas.mask } : fields,
    task,
    notes,
  )
  const given =
    parameter?.kind === "mask" && fields["mask"] !== undefined
      ? await readInput("mask", fields["mask"], notes)
      : undefined
  let mask = canvas.mask ?? given
  if (mask && parameter?.kind === "mask") {
    mask = ready.includes("mask")
      ? readyMask(mask, canvas.image, parameter, workshop)
      : await prepareMask(mask, canvas.image, parameter, workshop)
    if (mask) checkLimits("mask", mask.image, parameter.limits, notes)
    if (mask && parameter.limits.opaque) await checkOpaque("mask", mask, workshop)
  }
  if (!mask) warnOfNothing(images, task, workshop)
  const own = images.map((each) => each.image)
  return {
    fields: {
      ...fitted,
      ...singleImages,
      ...(own.length > 0 && list ? { images: own } : {}),
      ...(canvas.image && !list ? { image: canvas.image.image } : {}),
      ...(mask ? { mask: mask.image } : {}),
    },
    given: {
      ...singleImages,
      ...(own[0] ? (list ? { images: own } : { image: own[0] }) : {}),
      ...(given ? { mask: given.image } : {}),
    },
  }
}
