import type { FieldName, ImageLimits, Parameter, TaskCard } from "../../contract/card.ts"
import type { Issue } from "../../contract/errors.ts"
import type { InputImage, PlannedCall } from "../../contract/plan.ts"
import type { JsonObject, Margins } from "../../contract/request.ts"
import type { Transport } from "../../contract/transport.ts"
import { firstGiven, isRecord, place, valueAt } from "../../lib/object.ts"
import { ruleOf } from "../../models/parameter.ts"
import type { Notes } from "../diagnostics.ts"
import { checkGroups } from "../normalize.ts"
import { imagesIn } from "../plan-json.ts"
import { matchWord } from "../settings.ts"
import {
  checkOpaque,
  hasAlpha,
  isPadding,
  maskOfAlpha,
  padded,
  prepareMask,
  readyMask,
} from "./masks.ts"
import { checkLimits, type Input, readInput, type Workshop } from "./read-image.ts"

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

const isKnown = (names: readonly string[], record: unknown, prefix = ""): boolean =>
  isRecord(record) &&
  Object.entries(record).every(
    ([key, value]) =>
      value === undefined ||
      // A key with a dot is no way to say a path: nothing would read it.
      (!key.includes(".") && names.includes(prefix + key)) ||
      (names.some((name) => name.startsWith(`${prefix + key}.`)) &&
        isKnown(names, value, `${prefix + key}.`)),
  )

/** One value that is no image; a word is matched, all else is taken as it is or not at all. */
const fitValue = (
  path: string,
  parameter: Parameter,
  given: unknown,
  code: Issue["code"],
  notes: Notes,
): unknown => {
  const rule = ruleOf(parameter)
  if (given === undefined) {
    if (parameter.required) notes.missing(path, rule.words)
    return parameter.default
  }
  const value = (parameter.kind === "enum" ? matchWord(parameter, given) : undefined) ?? given
  return notes.check(
    path,
    rule,
    value,
    typeof given === "string" && parameter.kind === "enum" ? code : undefined,
  )
    ? value
    : undefined
}

const fitParts = (
  field: FieldName,
  parameters: Readonly<Record<string, Parameter>>,
  given: JsonObject,
  notes: Notes,
): JsonObject | undefined => {
  const names = Object.keys(parameters)
  const fitted: Record<string, unknown> = {}
  if (!isKnown(names, given))
    return notes.invalid(
      field,
      `${field} must be an object of ${names.join(", ")}.`,
      names.join(", "),
    )
  for (const [part, parameter] of Object.entries(parameters)) {
    const value = fitValue(
      `${field}.${part}`,
      parameter,
      valueAt(given, part),
      "invalid_request",
      notes,
    )
    if (value !== undefined) place(fitted, part, value)
  }
  const isNothing =
    field === "margins" &&
    Object.values(given).every((pixels) => pixels === undefined || pixels === 0)
  if (isNothing)
    notes.invalid(field, "margins are all 0; give at least one above 0.", "at least one above 0")
  return fitted
}

const names = [
  "maskPrompt",
  "keepPrompt",
  "margins",
  "colors",
  "control",
  "garment",
  "upscale",
] as const

/** The inputs that are no images, as the model takes them, defaults in. */
export const fitInputs = (
  fields: JsonObject,
  { fields: parameters }: TaskCard,
  notes: Notes,
): JsonObject => {
  const fitted: Record<string, unknown> = {}
  for (const name of names) {
    const parameter = parameters[name]
    const given = fields[name]
    const value =
      parameter?.kind === "object" && given !== undefined
        ? fitParts(name, parameter.fields, given as JsonObject, notes)
        : parameter && fitValue(name, parameter, given, "unsupported", notes)
    if (value !== undefined) fitted[name] = value
  }
  return fitted
}

/** Bytes of a body as JSON; the images in it are ASCII, which need not be written out to be counted. */
const bytesOf = (body: unknown, images: ReadonlySet<unknown>): number => {
  let counted = 0
  const rest = JSON.stringify(body, (_, value: unknown) => {
    if (typeof value !== "string" || !images.has(value)) return value
    counted += value.length
    return ""
  })
  return counted + new TextEncoder().encode(rest).length
}

/** Refuses a request whose images make a call's body larger than the transport takes. */
export const checkBodySize = (
  calls: readonly PlannedCall[],
  fields: unknown,
  { name, maxBodyBytes = Number.POSITIVE_INFINITY }: Pick<Transport, "name" | "maxBodyBytes">,
  notes: Notes,
): void => {
  const images = new Set(imagesIn(fields).map(({ base64 }) => base64))
  if (images.size === 0) return
  const largest = calls.reduce((most, { body }) => Math.max(most, bytesOf(body, images)), 0)
  if (largest <= maxBodyBytes) return
  const message = `the request has ${largest} bytes with its images in base64; ${name} takes at most ${maxBodyBytes}. fitImage of @pictor/images makes them smaller.`
  notes.invalid("image", message, `at most ${maxBodyBytes} bytes`, largest)
}
