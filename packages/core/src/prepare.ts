import type { FieldName, ImageLimits, Parameter, TaskCard } from "./card.ts"
import { allowedBy, isAllowed } from "./check.ts"
import { matchWord } from "./fit.ts"
import { checkLimits, hasAlpha, type Input, readInput } from "./inputs.ts"
import { made, needOps, prepareMask, type Workshop } from "./masks.ts"
import { givenAs, quote } from "./nearest.ts"
import type { InputImage } from "./plan.ts"
import type { Loose, Margins } from "./request.ts"
import { checkGroups } from "./task-fields.ts"
import { isRecord, place, valueAt } from "./wire.ts"
import { checkText } from "./words.ts"

/** Inputs read, checked, and brought to what the card needs. */
export interface Prepared {
  readonly fields: Loose
  /** The images as they were given: what a recipe keeps of them. */
  readonly given: Readonly<Record<string, InputImage | readonly InputImage[]>>
}

const checkOpaque = async (path: string, input: Input, { ops, notes, model }: Workshop): Promise<void> => {
  if (!hasAlpha(input)) return
  const transparent = ops && ((await ops.inspect(input.bytes)).transparent ?? false)
  if (transparent)
    notes.invalid(path, `${path} has transparent pixels, of which ${model} takes none. fitImage of @pictor/images flattens it.`, "opaque pixels")
  else if (!ops) notes.warnings.push(`${path} has an alpha channel; ${model} refuses an image with transparent pixels.`)
}

const read = async (path: string, source: unknown, limits: ImageLimits, workshop: Workshop): Promise<Input | undefined> => {
  const input = await readInput(path, source, workshop.notes)
  if (!input) return undefined
  checkLimits(path, input.image, limits, workshop.notes)
  if (limits.opaque) await checkOpaque(path, input, workshop)
  return input
}

/** `image` and `images` say the same: one picture, or several. */
const sourcesOf = ({ image, images }: Loose): readonly unknown[] => [
  ...(image === undefined ? [] : [image]),
  ...(Array.isArray(images) ? images : []),
]

const readImages = async (fields: Loose, { fields: parameters }: TaskCard, workshop: Workshop): Promise<readonly (Input | undefined)[]> => {
  const parameter = parameters.image ?? parameters.images
  if (parameter?.kind !== "image" && parameter?.kind !== "images") return []
  const sources = sourcesOf(fields)
  const most = parameter.kind === "images" ? parameter.max : 1
  const isList = fields["images"] === undefined || Array.isArray(fields["images"])
  if (!isList || sources.length > most || (sources.length === 0 && parameter.required)) {
    const allowed = most === 1 ? "1 image" : `1 to ${most} images`
    workshop.notes.invalid("image", `image: ${sources.length} given; ${workshop.model} takes ${allowed} in this task.`, allowed, sources.length)
    return []
  }
  return Promise.all(sources.map((source, index) => read(sources.length === 1 ? "image" : `images.${index}`, source, parameter.limits, workshop)))
}

const fitParts = (field: FieldName, parameters: Readonly<Record<string, Parameter>>, given: unknown, { notes }: Workshop): Loose | undefined => {
  const fitted: Record<string, unknown> = {}
  const names = Object.keys(parameters)
  const isKnown = (record: unknown, prefix: string): boolean =>
    isRecord(record) &&
    Object.entries(record).every(
      ([key, value]) =>
        names.includes(prefix + key) ||
        value === undefined ||
        (names.some((name) => name.startsWith(`${prefix + key}.`)) && isKnown(value, `${prefix + key}.`)),
    )
  if (!isKnown(given, "")) {
    notes.invalid(field, `${field} must be an object of ${names.join(", ")}.`, names.join(", "))
    return undefined
  }
  for (const [part, parameter] of Object.entries(parameters)) {
    const value = valueAt(given as Loose, part)
    if (value === undefined) continue
    const fits = parameter.kind === "enum" ? matchWord(parameter, value) : isAllowed(parameter, value) ? value : undefined
    if (fits === undefined)
      notes.invalid(`${field}.${part}`, `${field}.${part} must be ${allowedBy(parameter)}.`, allowedBy(parameter), givenAs(value))
    else place(fitted, part, fits)
  }
  return fitted
}

/** Inputs that are no images. */
const fitInput = (field: FieldName, parameter: Parameter, given: unknown, workshop: Workshop): unknown => {
  const { notes, model } = workshop
  if (given === undefined) {
    if (parameter.required) notes.invalid(field, `${field} is missing: ${model} needs it in this task.`, allowedBy(parameter))
    return parameter.default
  }
  if (parameter.kind === "text") return checkText(field, given, parameter, notes) ? given : undefined
  if (parameter.kind === "object") return fitParts(field, parameter.fields, given, workshop)
  const value = parameter.kind === "enum" ? matchWord(parameter, given) : isAllowed(parameter, given) ? given : undefined
  if (value !== undefined) return value
  const say = parameter.kind === "enum" && typeof given === "string" ? notes.unsupported : notes.invalid
  say(
    field,
    `${model} takes ${allowedBy(parameter)} for ${field}${typeof given === "string" ? `, not ${quote(given)}` : ""}.`,
    allowedBy(parameter),
    givenAs(given),
  )
  return undefined
}

const padded = async (
  image: Input | undefined,
  margins: unknown,
  limits: ImageLimits,
  workshop: Workshop,
): Promise<{ readonly image?: Input; readonly mask?: Input }> => {
  const ops = needOps("margins", "the image padded, since it has no margins of its own", workshop)
  if (!image || !ops || !isRecord(margins)) return {}
  const work = await ops.pad(image.bytes, margins as Margins)
  const [larger, mask] = [await made(work.image), await made(work.mask)]
  if (!larger || !mask) return {}
  checkLimits("image", larger.image, limits, workshop.notes)
  workshop.notes.change({
    field: "margins",
    action: "mapped",
    from: margins,
    to: `${larger.image.width}x${larger.image.height}`,
    why: "the image is padded, and the mask names what is new",
  })
  return { image: larger, mask }
}

const defaultMask = async (image: Input | undefined, fields: Loose, { oneOf = [] }: TaskCard, { ops }: Workshop): Promise<Input | undefined> => {
  const isWanted = oneOf.some((group) => group.includes("mask") && group.every((name) => fields[name] === undefined))
  if (!image || !ops || !isWanted || !hasAlpha(image) || !(await ops.inspect(image.bytes)).transparent) return undefined
  return made(await ops.alphaToMask(image.bytes))
}

const imageFields = ["styleImage", "referenceImage"] as const
const otherFields = ["maskPrompt", "keepPrompt", "margins", "colors", "control", "garment", "upscale"] as const

/** Reads every input of a task once and brings it to what the card needs; `ready` names masks that are in the model's polarity already. */
export const prepare = async (fields: Loose, task: TaskCard, ready: readonly string[], workshop: Workshop): Promise<Prepared> => {
  const { fields: parameters } = task
  const { notes } = workshop
  const fitted: Record<string, unknown> = {}
  const given: Record<string, InputImage | readonly InputImage[]> = {}
  for (const field of otherFields) {
    const parameter = parameters[field]
    const value = parameter && fitInput(field, parameter, fields[field], workshop)
    if (value !== undefined) fitted[field] = value
  }
  for (const field of imageFields) {
    const parameter = parameters[field]
    if (parameter?.kind !== "image") continue
    if (fields[field] === undefined && parameter.required)
      notes.invalid(field, `${field} is missing: ${workshop.model} needs it in this task.`, allowedBy(parameter))
    const input = fields[field] === undefined ? undefined : await read(field, fields[field], parameter.limits, workshop)
    if (input) fitted[field] = given[field] = input.image
  }
  const images = (await readImages(fields, task, workshop)).filter((each) => each !== undefined)
  let [image] = images
  if (images.length > 1 || (image && parameters.images)) given["images"] = fitted["images"] = images.map((each) => each.image)
  else if (image) given["image"] = image.image
  let mask = fields["mask"] === undefined ? await defaultMask(image, fields, task, workshop) : undefined
  checkGroups(mask ? { ...fields, mask } : fields, task, workshop.model, notes)
  const { mask: parameter, margins, image: imageParameter } = parameters
  if (parameter?.kind === "mask" && fields["mask"] !== undefined) {
    const input = await read("mask", fields["mask"], parameter.limits, workshop)
    if (input) given["mask"] = input.image
    mask = input && (ready.includes("mask") ? input : await prepareMask(input, image, parameter, workshop))
  } else if (parameter?.kind === "mask" && mask) mask = await prepareMask(mask, image, parameter, workshop)
  const isPadded = margins?.kind === "object" && Object.values(margins.fields).every(({ wire }) => wire === undefined)
  if (isPadded && fitted["margins"] !== undefined && imageParameter?.kind === "image") {
    const work = await padded(image, fitted["margins"], imageParameter.limits, workshop)
    image = work.image ?? image
    mask = work.mask && parameter?.kind === "mask" ? await prepareMask(work.mask, work.image, parameter, workshop) : mask
  }
  if (image && parameters.image) fitted["image"] = image.image
  if (mask) fitted["mask"] = mask.image
  return { fields: fitted, given }
}
