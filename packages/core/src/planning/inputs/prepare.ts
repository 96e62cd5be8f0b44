import type { FieldName, ImageLimits, Parameter, TaskCard } from "../../contract/card.ts"
import type { Issue } from "../../contract/errors.ts"
import type { ImageOps } from "../../contract/image-ops.ts"
import type { PlannedCall } from "../../contract/plan.ts"
import type { Margins } from "../../contract/request.ts"
import type { Transport } from "../../contract/transport.ts"
import { firstGiven, isRecord, place, type UnknownRecord, valueAt } from "../../lib/object.ts"
import { ruleOf } from "../../models/parameter.ts"
import { formatNumber } from "../../models/suggest.ts"
import type { Diagnostics } from "../diagnostics.ts"
import { checkGroups, type NeutralRequest } from "../normalize.ts"
import { imagesIn } from "../plan-json.ts"
import { matchValue } from "../settings.ts"
import type { InputImages } from "../types.ts"
import {
  checkModelMask,
  checkOpaque,
  hasAlpha,
  maskOfAlpha,
  padImage,
  prepareMask,
} from "./masks.ts"
import { checkLimits, type ImageTools, type Input, readInput } from "./read-image.ts"

export interface PreparedInputs {
  /** As they are sent. */
  readonly fields: UnknownRecord
  /** The images as the caller gave them. */
  readonly images: InputImages
}

/** Reads every input of a task once and brings it to what the card requires. */
export const prepareInputs = async (
  { fields, taskCard, hasModelMask }: NeutralRequest,
  ops: ImageOps | undefined,
  diagnostics: Diagnostics,
): Promise<PreparedInputs> => {
  const tools: ImageTools = { ops, diagnostics }
  const { images: list, mask: parameter } = taskCard.fields
  const fitted = fitInputs(fields, taskCard, diagnostics)
  const margins = isPadded(taskCard) ? fitted["margins"] : undefined
  const singleImages = await readSingleImages(fields, taskCard, tools)
  // An image that will be padded is checked at its final size.
  const images = await readImages(fields, taskCard, margins === undefined, tools)
  const canvas = await prepareCanvas(images[0], fields, taskCard, margins as Margins, tools)
  const hasImageMask = canvas.mask && margins === undefined
  checkGroups(hasImageMask ? { ...fields, mask: canvas.mask } : fields, taskCard, diagnostics)
  const givenMask =
    parameter?.kind === "mask" && fields["mask"] !== undefined
      ? await readInput("mask", fields["mask"], diagnostics)
      : undefined
  let mask = canvas.mask ?? givenMask
  if (mask && parameter?.kind === "mask") {
    mask = hasModelMask
      ? checkModelMask(mask, canvas.image, parameter, tools)
      : await prepareMask(mask, canvas.image, parameter, tools)
    if (mask) checkLimits("mask", mask.image, parameter.limits, diagnostics)
    if (mask && parameter.limits.opaque) await checkOpaque("mask", mask, tools)
  }
  if (!mask) warnOfNoMask(images, taskCard, diagnostics)
  const given = images.map(({ image }) => image)
  return {
    fields: {
      ...fitted,
      ...singleImages,
      ...(given.length > 0 && list ? { images: given } : {}),
      ...(canvas.image && !list ? { image: canvas.image.image } : {}),
      ...(mask ? { mask: mask.image } : {}),
    },
    images: {
      ...singleImages,
      ...(given[0] ? (list ? { images: given } : { image: given[0] }) : {}),
      ...(givenMask ? { mask: givenMask.image } : {}),
    },
  }
}

/** Rejects a request whose images make a body larger than the transport takes. */
export const checkBodySize = (
  calls: readonly PlannedCall[],
  fields: unknown,
  { name, maxBodyBytes = Number.POSITIVE_INFINITY }: Pick<Transport, "name" | "maxBodyBytes">,
  diagnostics: Diagnostics,
): void => {
  const images = new Set(imagesIn(fields).map(({ base64 }) => base64))
  if (images.size === 0) return
  const largest = Math.max(...calls.map(({ body }) => bodyBytes(body, images)))
  if (largest <= maxBodyBytes) return
  const [given, allowed] = [largest, maxBodyBytes].map(formatNumber)
  diagnostics.invalid(
    "image",
    `the request has ${given} bytes with its images in base64; ${name} takes at most ${allowed}.`,
    {
      allowed: `at most ${allowed} bytes`,
      given: largest,
      remedy: "fitImage of @pictor/images makes them smaller.",
    },
  )
}

const otherInputs = [
  "maskPrompt",
  "keepPrompt",
  "margins",
  "colors",
  "control",
  "garment",
  "upscale",
] as const

/** The inputs that are no images as the model takes them, defaults included. */
const fitInputs = (
  fields: UnknownRecord,
  { fields: parameters }: TaskCard,
  diagnostics: Diagnostics,
): UnknownRecord => {
  const fitted: Record<string, unknown> = {}
  for (const name of otherInputs) {
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
  if (!isRecord(given) || !hasOnly(allowed, given)) {
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

const hasOnly = (names: readonly string[], record: UnknownRecord, prefix = ""): boolean =>
  Object.entries(record).every(
    ([key, value]) =>
      value === undefined ||
      // A key with a dot must not pass for a path: nothing would read it.
      (!key.includes(".") && names.includes(prefix + key)) ||
      (names.some((name) => name.startsWith(`${prefix + key}.`)) &&
        isRecord(value) &&
        hasOnly(names, value, `${prefix + key}.`)),
  )

/** Does the model lack margins, so that the image is padded before it is sent? */
const isPadded = ({ fields: { margins } }: TaskCard): boolean =>
  margins?.kind === "object" &&
  Object.values(margins.fields).every(
    ({ path, pathBeside }) => path === undefined && pathBeside === undefined,
  )

const readSingleImages = async (
  fields: UnknownRecord,
  { fields: parameters }: TaskCard,
  tools: ImageTools,
): Promise<InputImages> => {
  const found: Record<string, Input["image"]> = {}
  for (const field of ["styleImage", "referenceImage"] as const) {
    const parameter = parameters[field]
    if (parameter?.kind !== "image") continue
    if (fields[field] === undefined) {
      if (parameter.required) tools.diagnostics.missing(field, ruleOf(parameter).words())
      continue
    }
    const input = await readLimited(field, fields[field], parameter.limits, tools)
    if (input) found[field] = input.image
  }
  return found
}

/** Reads `image` or `images`, which are the same to a card. */
const readImages = async (
  { image, images }: UnknownRecord,
  { fields: parameters }: TaskCard,
  isLimited: boolean,
  tools: ImageTools,
): Promise<readonly Input[]> => {
  const { diagnostics } = tools
  const parameter = parameters.image ?? parameters.images
  if (parameter?.kind !== "image" && parameter?.kind !== "images") return []
  if (image !== undefined && images !== undefined) {
    diagnostics.conflict("images", "image and images")
    return []
  }
  if (image === undefined && images === undefined && !parameter.required) return []
  const single = image === undefined ? [] : [image]
  const sources: readonly unknown[] = Array.isArray(images) ? images : single
  const max = parameter.kind === "images" ? parameter.max : 1
  if (sources.length === 0 || sources.length > max) {
    const path = images === undefined ? "image" : "images"
    const allowed = max === 1 ? "1 image" : `1 to ${max} images`
    diagnostics.invalid(
      path,
      `${path}: the model takes ${allowed} for this task, not ${sources.length}.`,
      { allowed, given: sources.length },
    )
    return []
  }
  const inputs = sources.map((source, index) => {
    const path = images === undefined ? "image" : `images.${index}`
    return isLimited
      ? readLimited(path, source, parameter.limits, tools)
      : readInput(path, source, diagnostics)
  })
  return (await Promise.all(inputs)).filter((each) => each !== undefined)
}

const readLimited = async (
  path: string,
  source: unknown,
  limits: ImageLimits,
  tools: ImageTools,
): Promise<Input | undefined> => {
  const input = await readInput(path, source, tools.diagnostics)
  if (!input) return undefined
  checkLimits(path, input.image, limits, tools.diagnostics)
  if (limits.opaque) await checkOpaque(path, input, tools)
  return input
}

interface Canvas {
  readonly image: Input | undefined
  /** Its white changes. */
  readonly mask: Input | undefined
}

/** The image, and the mask of its margins or of its transparent pixels. */
const prepareCanvas = async (
  image: Input | undefined,
  fields: UnknownRecord,
  { fields: { image: parameter }, oneOf }: TaskCard,
  margins: Margins | undefined,
  tools: ImageTools,
): Promise<Canvas> => {
  if (!image || parameter?.kind !== "image") return { image, mask: undefined }
  if (margins !== undefined)
    return (await padImage(image, margins, parameter.limits, tools)) ?? { image, mask: undefined }
  const needsMask = oneOf?.some(
    (group) => group.includes("mask") && firstGiven(fields, group) === undefined,
  )
  return { image, mask: needsMask ? await maskOfAlpha(image, tools) : undefined }
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

/** Bytes of a body as JSON. Images are ASCII and need not be serialized to be counted. */
const bodyBytes = (body: unknown, images: ReadonlySet<unknown>): number => {
  let counted = 0
  const rest = JSON.stringify(body, (_, value: unknown) => {
    if (typeof value !== "string" || !images.has(value)) return value
    counted += value.length
    return ""
  })
  return counted + new TextEncoder().encode(rest).length
}
