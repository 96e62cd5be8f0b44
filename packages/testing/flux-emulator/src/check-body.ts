import { isJsonObject, type JsonObject, numberAt, type Size } from "@pictor/emulator-kit"
import { Ajv, type ValidateFunction } from "ajv"
import { type Detail, ruleViolation, toDetails } from "./detail.ts"
import { type Endpoint, endpoints, type PictureLimits } from "./endpoints.ts"
import { outputSize, ratioAt } from "./output-size.ts"
import { base64Of, contentOf, type PictureField, pictureFields, sizeOf } from "./pictures.ts"
import { type EndpointName, schemas } from "./schemas.ts"

/**
 * What is wrong with a body: the violations of the schema, or if there are none, those of the
 * rules, or if there are none, the damaged pictures. Empty for an accepted body.
 */
export const checkBody = async (name: EndpointName, body: unknown): Promise<readonly Detail[]> => {
  const validate = validatorOf(name)
  if (!validate(body)) return toDetails(validate.errors ?? [])
  if (!isJsonObject(body)) return []
  const endpoint = endpoints[name]
  const pictures = pictureFields(body, endpoint)
  const unreadable = pictures.flatMap((picture) => checkPicture(picture, endpoint.limits))
  if (unreadable.length > 0) return unreadable
  const violations = [
    ...checkRatio(endpoint, body),
    ...checkMask(pictures),
    ...checkOffsets(body, pictures),
    ...checkOutput(endpoint, body, pictures),
  ]
  return violations.length > 0 ? violations : checkBytes(endpoint, pictures)
}

const ajv = new Ajv({ allErrors: true, verbose: true })

const validators = new Map<EndpointName, ValidateFunction>()

const validatorOf = (name: EndpointName): ValidateFunction => {
  const validate = validators.get(name) ?? ajv.compile(schemas[name])
  validators.set(name, validate)
  return validate
}

const checkPicture = (
  { field, text }: PictureField,
  { minSide = 1, maxPixels, maxBase64 = Number.POSITIVE_INFINITY }: PictureLimits,
): readonly Detail[] => {
  const size = sizeOf(text)
  if (size === undefined)
    return [ruleViolation(field, "not a base64-encoded png, jpeg or webp image, nor a URL")]
  const { width, height } = size
  const problems = [
    Math.min(width, height) < minSide && `the image is smaller than ${minSide}x${minSide}`,
    width * height > maxPixels && `the image has more than ${maxPixels} pixels`,
    base64Of(text).length > maxBase64 && `the image has more than ${maxBase64} base64 characters`,
  ]
  return problems.flatMap((problem) => (problem === false ? [] : [ruleViolation(field, problem)]))
}

/** Ratios from 21:9 to 9:21, in decimals that a client may have rounded. */
const widestRatio = 21 / 9

const checkRatio = ({ size }: Endpoint, body: JsonObject): readonly Detail[] => {
  const ratio = ratioAt(body)
  if (size.kind !== "ratio" || ratio === undefined) return []
  return ratio > widestRatio || ratio < 1 / widestRatio
    ? [ruleViolation("aspect_ratio", "aspect ratio must be between 21:9 and 9:21")]
    : []
}

/** A mask must have the size of the picture it belongs to. */
const checkMask = (pictures: readonly PictureField[]): readonly Detail[] => {
  const [image, mask] = ["image", "mask"].map((name) => sizeAt(pictures, name))
  if (image === undefined || mask === undefined) return []
  return image.width === mask.width && image.height === mask.height
    ? []
    : [ruleViolation("mask", "mask and image must have the same size")]
}

/** The picture has to lie on the canvas, at least in part. */
const checkOffsets = (body: JsonObject, pictures: readonly PictureField[]): readonly Detail[] => {
  const image = sizeAt(pictures, "input_image")
  if (image === undefined) return []
  const sides = [
    ["reference_offset_x", "width"],
    ["reference_offset_y", "height"],
  ] as const
  return sides.flatMap(([field, side]) => {
    const offset = numberAt(body, field) ?? 0
    const isOutside = offset >= (numberAt(body, side) ?? Infinity) || offset <= -image[side]
    return isOutside ? [ruleViolation(field, "the image lies outside the canvas")] : []
  })
}

const checkOutput = (
  endpoint: Endpoint,
  body: JsonObject,
  pictures: readonly PictureField[],
): readonly Detail[] => {
  const { maxPixels = Number.POSITIVE_INFINITY } = endpoint
  const { width, height } = outputSize(endpoint, body, sizesOf(pictures))
  const field = endpoint.size.kind === "margins" ? "image" : "width"
  return width * height > maxPixels
    ? [ruleViolation(field, `the result may have at most ${maxPixels} pixels`)]
    : []
}

/** Decodes the pictures, because a damaged one may have a sound header. */
const checkBytes = async (
  endpoint: Endpoint,
  pictures: readonly PictureField[],
): Promise<readonly Detail[]> => {
  const damaged: Detail[] = []
  for (const { field, text } of pictures) {
    const content = await contentOf(text)
    if (content === "damaged") damaged.push(ruleViolation(field, "the image cannot be decoded"))
    const lacksMask = endpoint.task === "fill" && pictures.length === 1
    if (lacksMask && content === "opaque")
      damaged.push(ruleViolation("mask", "a mask or an image with transparency is required"))
  }
  return damaged
}

const sizeAt = (pictures: readonly PictureField[], name: string): Size | undefined =>
  sizeOf(pictures.find(({ field }) => field === name)?.text ?? "")

export const sizesOf = (pictures: readonly PictureField[]): readonly Size[] =>
  pictures.flatMap(({ text }) => sizeOf(text) ?? [])
