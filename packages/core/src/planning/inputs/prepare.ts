import type { FieldName, Parameter, TaskCard } from "../../contract/card.ts"
import type { Issue } from "../../contract/errors.ts"
import type { InputImage, PlannedCall } from "../../contract/plan.ts"
import { type Margins, otherInputNames } from "../../contract/request.ts"
import type { Transport } from "../../contract/transport.ts"
import { firstGiven, isRecord, place, type UnknownRecord, valueAt } from "../../lib/object.ts"
import { ruleOf } from "../../models/parameter.ts"
import { formatNumber } from "../../models/suggest.ts"
import { leavesOf } from "../card-fields.ts"
import type { Diagnostics } from "../diagnostics.ts"
import { checkGroups, type NeutralRequest } from "../normalize.ts"
import { imagesIn, withoutHead } from "../plan-json.ts"
import type { PlainReference } from "../references.ts"
import { matchValue } from "../settings.ts"
import type { InputImages, PlanningRules } from "../types.ts"
import { fitPicture } from "./fit-picture.ts"
import { checkMarks, maskOfAlpha, padImage, prepareMask, prepareModelMask } from "./masks.ts"
import { checkLimits, type ImageTools, type Input, readBounded } from "./read-image.ts"
import { checkOpaque, hasAlpha } from "./transparency.ts"

export interface PreparedInputs {
  /** As they are sent. */
  readonly fields: UnknownRecord
  /** The images as the caller gave them. */
  readonly images: InputImages
}

/** Reads every input of a task once and brings it to what the card requires. */
export const prepareInputs = async (
  { fields, taskCard, hasModelMask }: NeutralRequest,
  { imageOps: ops, maxInputPixels }: Pick<PlanningRules, "imageOps" | "maxInputPixels">,
  diagnostics: Diagnostics,
): Promise<PreparedInputs> => {
  const tools: ImageTools = { ops, diagnostics, maxInputPixels }
  const others = fitInputs(fields, taskCard, diagnostics)
  const margins = isPadded(taskCard) ? others["margins"] : undefined
  const singles = await readSingleImages(fields, taskCard, tools)
  const read = await readImages(fields, taskCard, tools)
  const canvas = await prepareCanvas(read, fields, taskCard, margins as Margins, tools)
  const hasImageMask = canvas.mask && margins === undefined
  const present = read.length > 0 ? { ...fields, images: read } : fields
  checkGroups(hasImageMask ? { ...present, mask: canvas.mask } : present, taskCard, diagnostics)
  const images = await fitImages(canvas.images, taskCard, tools)
  const { given, mask } = await prepareGivenMask(
    { fields, taskCard, hasModelMask, image: images[0], drawn: canvas.mask },
    tools,
  )
  if (!mask)
    warnOfNoMask(
      read.map(({ input }) => input),
      taskCard,
      diagnostics,
    )
  const sent = images.map(({ image }) => image)
  const asGiven = read.map(({ input }) => input.image)
  return {
    fields: {
      ...others,
      ...singles.sent,
      ...byField(taskCard, sent),
      ...(mask ? { mask: mask.image } : {}),
    },
    images: {
      ...singles.given,
      ...byField(taskCard, asGiven),
      ...(given ? { mask: given.image } : {}),
    },
  }
}

/** Rejects a request whose images make a body larger than the transport takes. */
export const checkBodySize = (
  calls: readonly PlannedCall[],
  fields: unknown,
  { name, maxBodyBytes = Infinity }: Pick<Transport, "name" | "maxBodyBytes">,
  diagnostics: Diagnostics,
): void => {
  const images = new Map(imagesIn(fields).map((image) => [image.base64, image]))
  if (images.size === 0) return
  const largest = Math.max(
    ...calls.map(({ body, encoding }) => bodyBytes(body, images, encoding === "form")),
  )
  if (largest <= maxBodyBytes) return
  const [given, allowed] = [largest, maxBodyBytes].map(formatNumber)
  diagnostics.invalid(
    "image",
    `the request has ${given} bytes with its images; ${name} takes at most ${allowed}.`,
    {
      allowed: `at most ${allowed} bytes`,
      given: largest,
      remedy: "fitImage of @pictor/images makes them smaller.",
    },
  )
}

/** The inputs that are no images as the model takes them, defaults included. */
const fitInputs = (
  fields: UnknownRecord,
  { fields: parameters }: TaskCard,
  diagnostics: Diagnostics,
): UnknownRecord => {
  const fitted: Record<string, unknown> = {}
  for (const name of otherInputNames) {
    const parameter = parameters[name]
    const given = fields[name]
    const value =
      parameter?.kind === "object" && given !== undefined
        ? fitParts(name, parameter.fields, given, diagnostics)
        : parameter && fitValue(name, parameter, given, "unsupported", diagnostics)
    if (value !== undefined) fitted[name] = value
  }
  return fitted
}

const fitParts = (
  field: FieldName,
  parameters: Readonly<Record<string, Parameter>>,
  given: unknown,
  diagnostics: Diagnostics,
): UnknownRecord | undefined => {
  const allowed = Object.keys(parameters)
  if (!isRecord(given) || !leavesOf(given, allowed).every(([path]) => allowed.includes(path))) {
    const names = allowed.join(", ")
    return diagnostics.invalid(field, `${field} must be an object of ${names}.`, { allowed: names })
  }
  const fitted: Record<string, unknown> = {}
  for (const [part, parameter] of Object.entries(parameters)) {
    const path = `${field}.${part}`
    const value = fitValue(path, parameter, valueAt(given, part), "invalid_request", diagnostics)
    if (value !== undefined) place(fitted, part, value)
  }
  const isEmpty = Object.values(given).every((pixels) => pixels === undefined || pixels === 0)
  if (field === "margins" && isEmpty)
    diagnostics.invalid(field, "margins are all 0; give at least one above 0.", {
      allowed: "at least one above 0",
    })
  return fitted
}

/** A value that is no image. Words are matched; other values are unchanged or rejected. */
const fitValue = (
  path: string,
  parameter: Parameter,
  given: unknown,
  code: Issue["code"],
  diagnostics: Diagnostics,
): unknown => {
  const rule = ruleOf(parameter)
  if (given === undefined) {
    if (parameter.required) diagnostics.missing(path, rule.words())
    return parameter.default
  }
  const isWord = parameter.kind === "enum" && typeof given === "string"
  const value = (isWord ? matchValue(parameter, given) : undefined) ?? given
  return diagnostics.check(path, rule, value, isWord ? code : undefined) ? value : undefined
}

/** Whether the image is padded before it is sent, because the model has no margins. */
const isPadded = ({ fields: { margins } }: TaskCard): boolean =>
  margins?.kind === "object" &&
  Object.values(margins.fields).every(
    ({ path, pathBeside }) => path === undefined && pathBeside === undefined,
  )

/** The single pictures as they are sent and as they were given. */
interface SingleImages {
  readonly sent: InputImages
  readonly given: InputImages
}

const readSingleImages = async (
  fields: UnknownRecord,
  { fields: parameters }: TaskCard,
  tools: ImageTools,
): Promise<SingleImages> => {
  const sent: Record<string, Input["image"]> = {}
  const given: Record<string, Input["image"]> = {}
  for (const field of ["styleImage", "referenceImage"] as const) {
    const parameter = parameters[field]
    if (parameter?.kind !== "image") continue
    if (fields[field] === undefined) {
      if (parameter.required) tools.diagnostics.missing(field, ruleOf(parameter).words())
      continue
    }
    const input = await readBounded(field, fields[field], tools)
    const fitted = input && (await fitPicture(field, input, parameter.limits, tools))
    if (!input || !fitted) continue
    sent[field] = fitted.image
    given[field] = input.image
  }
  return { sent, given }
}

/** A picture and the path that names it. */
interface Named {
  readonly path: string
  readonly input: Input
}

/** Reads `image`, then `images` or `references`. A card may take them as one list. */
const readImages = async (
  fields: UnknownRecord,
  { fields: parameters }: TaskCard,
  tools: ImageTools,
): Promise<readonly Named[]> => {
  const { image, images } = parameters
  const isRequired = (image ?? images)?.required === true
  const sources = sourcesOf(fields)
  if (
    (!image && !images) ||
    (sources.length === 0 && !isRequired && fields["images"] === undefined)
  )
    return []
  const max = (image ? 1 : 0) + (images?.kind === "images" ? images.max : 0)
  if (sources.length === 0 || sources.length > max) {
    const names = ["images", "references"].filter((name) => fields[name] !== undefined)
    const path = names[0] ?? "image"
    const allowed = max === 1 ? "1 image" : `1 to ${max} images`
    tools.diagnostics.invalid(
      path,
      `${path}: the model takes ${allowed} for this task, not ${sources.length}.`,
      { allowed, given: sources.length },
    )
    return []
  }
  const inputs = sources.map(async ({ path, source }): Promise<Named | undefined> => {
    const input = await readBounded(path, source, tools)
    return input && { path, input }
  })
  return (await Promise.all(inputs)).filter((each) => each !== undefined)
}

interface Source {
  readonly path: string
  readonly source: unknown
}

const sourcesOf = ({ image, images, references }: UnknownRecord): readonly Source[] => [
  ...(image === undefined ? [] : [{ path: "image", source: image }]),
  ...(Array.isArray(images) ? images : []).map((source: unknown, index) => ({
    path: `images.${index}`,
    source,
  })),
  ...((references ?? []) as readonly PlainReference[]).map(({ index, image: source }) => ({
    path: `references.${index}.image`,
    source,
  })),
]

const fitImages = async (
  pictures: readonly Named[],
  { fields: { image, images } }: TaskCard,
  tools: ImageTools,
): Promise<readonly Input[]> => {
  const fitted = pictures.map(async ({ path, input }, index) => {
    const parameter = index === 0 ? (image ?? images) : images
    return parameter && "limits" in parameter
      ? fitPicture(path, input, parameter.limits, tools)
      : input
  })
  return (await Promise.all(fitted)).filter((each) => each !== undefined)
}

/** Pictures by field: of a card with both, the first is `image` and the others are `images`. */
const byField = (
  { fields: { image, images } }: TaskCard,
  [first, ...rest]: readonly InputImage[],
): InputImages => {
  if (!first) return {}
  if (!images) return { image: first }
  if (!image) return { images: [first, ...rest] }
  return { image: first, ...(rest.length > 0 && { images: rest }) }
}

interface Canvas {
  readonly images: readonly Named[]
  /** Its white changes. */
  readonly mask: Input | undefined
}

/** The images, and the mask of the margins or of the transparent pixels of a single one. */
const prepareCanvas = async (
  images: readonly Named[],
  fields: UnknownRecord,
  { oneOf }: TaskCard,
  margins: Margins | undefined,
  tools: ImageTools,
): Promise<Canvas> => {
  const [image, ...others] = images
  if (!image) return { images, mask: undefined }
  if (margins !== undefined) {
    const padded = await padImage(image.input, margins, tools)
    return padded
      ? { images: [{ path: image.path, input: padded.image }, ...others], mask: padded.mask }
      : { images, mask: undefined }
  }
  const needsMask = oneOf?.some(
    (group) => group.includes("mask") && firstGiven(fields, group) === undefined,
  )
  return { images, mask: needsMask ? await maskOfAlpha(image.input, tools) : undefined }
}

interface MaskSources {
  readonly fields: UnknownRecord
  readonly taskCard: TaskCard
  readonly hasModelMask: boolean
  readonly image: Input | undefined
  /** Of margins or of transparent pixels. */
  readonly drawn: Input | undefined
}

/** The mask as it was given, and as it is sent. */
const prepareGivenMask = async (
  { fields, taskCard, hasModelMask, image, drawn }: MaskSources,
  tools: ImageTools,
): Promise<{ readonly given?: Input | undefined; readonly mask?: Input | undefined }> => {
  const parameter = taskCard.fields.mask
  if (parameter?.kind !== "mask") return {}
  const given =
    fields["mask"] === undefined ? undefined : await readBounded("mask", fields["mask"], tools)
  const source = drawn ?? given
  if (!source) return { given }
  // A mask in the other polarity may be told to the model in another option.
  if (!hasModelMask) await checkMarks(source, "white", tools)
  else if (!parameter.impliesInverted) await checkMarks(source, parameter.change, tools)
  const mask = hasModelMask
    ? await prepareModelMask(source, image, parameter, tools)
    : await prepareMask(source, image, parameter, tools)
  if (mask) checkLimits("mask", mask.image, parameter.limits, tools.diagnostics)
  if (mask && parameter.limits.opaque) await checkOpaque("mask", mask, tools)
  return { given, mask }
}

/** Some models use transparency as the mask: an opaque image changes nothing, at full price. */
const warnOfNoMask = (
  [image]: readonly Input[],
  { fields, oneOf = [] }: TaskCard,
  { warnings }: Diagnostics,
): void => {
  if (fields.mask && image && !hasAlpha(image) && !oneOf.some((group) => group.includes("mask")))
    warnings.push(
      "There is no mask, and image has no transparent pixels: nothing marks the area to change.",
    )
}

/**
 * Bytes of a body. Images are ASCII and need not be serialized to be counted; in a form they are
 * raw bytes.
 */
const bodyBytes = (
  body: unknown,
  images: ReadonlyMap<string, InputImage>,
  isForm: boolean,
): number => {
  let counted = 0
  const rest = JSON.stringify(body, (_, value: unknown) => {
    if (typeof value !== "string") return value
    const image = images.get(withoutHead(value))
    if (!image) return value
    counted += isForm ? image.byteLength : value.length
    return ""
  })
  return counted + new TextEncoder().encode(rest).length
}
