import { type Change, type ImageSource, isImageError } from "@pictor/core"
import { encodeBase64, fromDataUrlOrBase64, type Sniffed, sniff } from "@pictor/core/host"
import { ApiError, type Issue } from "./errors.ts"
import { isJsonObject } from "./json.ts"
import type { Limits, OpenaiHttpOptions } from "./types.ts"

/** What reading input images needs. */
export interface ImageReading {
  readonly options: Pick<OpenaiHttpOptions, "imageOps" | "fetchImage">
  readonly limits: Limits
  readonly signal: AbortSignal | undefined
}

type ReadImage = { readonly source: ImageSource } | { readonly issue: Issue }

const rejected = (param: string, code: string, message: string): { readonly issue: Issue } => ({
  issue: { code, param, message: `${param} ${message}` },
})

const formats = "Send a PNG, JPEG, WebP or GIF as a file, base64, a data URL or { image_url }."

const isFileName = /^[^\n]{1,250}\.[a-z]{3,4}$/i

const tooLarge = (param: string, { imageBytes }: Limits) =>
  rejected(
    param,
    "image_too_large",
    `is too large: an image may have at most ${imageBytes.toLocaleString("en")} bytes.`,
  )

const empty = (param: string) => rejected(param, "empty_image_file", "is empty: it has no bytes.")

const readFile = (param: string, file: Blob, { limits }: ImageReading): ReadImage => {
  if (file.size === 0) return empty(param)
  if (file.size > limits.imageBytes) return tooLarge(param, limits)
  return { source: file }
}

const readUrl = async (
  param: string,
  url: string,
  { options: { fetchImage }, limits, signal }: ImageReading,
): Promise<ReadImage> => {
  const advice = "Send the image itself, as a file or a data URL."
  if (!fetchImage || !URL.canParse(url))
    return rejected(
      param,
      "remote_image_refused",
      `is a URL, and this server does not download images. ${advice}`,
    )
  try {
    const bytes = await fetchImage(new URL(url), signal)
    return bytes.byteLength > limits.imageBytes ? tooLarge(param, limits) : { source: bytes }
  } catch (error) {
    if (isImageError(error, "invalid_request") || isImageError(error, "unsupported"))
      return { issue: { code: "remote_image_refused", param, message: error.message } }
    return rejected(
      param,
      "remote_image_failed",
      `is a URL from which this server could not download an image. ${advice}`,
    )
  }
}

const readText = async (param: string, text: string, reading: ImageReading): Promise<ReadImage> => {
  if (text === "") return empty(param)
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return readUrl(param, text, reading)
  if (text.length * 0.75 > reading.limits.imageBytes + 1024) return tooLarge(param, reading.limits)
  return isFileName.test(text.trim())
    ? rejected(param, "invalid_image", `is the name of a file, not its content. ${formats}`)
    : { source: text }
}

/** Reads a file, base64, a data URL, or `{ image_url }` with one of the last two. */
export const readImage = async (
  param: string,
  value: unknown,
  reading: ImageReading,
): Promise<ReadImage> => {
  if (value instanceof Blob) return readFile(param, value, reading)
  if (typeof value === "string") return readText(param, value, reading)
  const { image_url: url, file_id: fileId } = isJsonObject(value) ? value : {}
  if (fileId !== undefined)
    return rejected(
      param,
      "unsupported_parameter",
      "refers to an uploaded file, and this server stores no files. Send the image itself.",
    )
  const nested = isJsonObject(url) ? url["url"] : url
  if (nested !== undefined) return readImage(param, nested, reading)
  return rejected(param, "invalid_image", `is not an image. ${formats}`)
}

const bytesOf = async (source: ImageSource): Promise<Uint8Array> => {
  if (source instanceof Blob) return new Uint8Array(await source.arrayBuffer())
  if (typeof source === "string") return fromDataUrlOrBase64(source)
  return source instanceof Uint8Array ? source : new Uint8Array(source)
}

/** A file as base64, for a field of the model's own body. */
export const toBase64 = async (
  param: string,
  file: Blob,
  reading: ImageReading,
): Promise<{ readonly base64: string } | { readonly issue: Issue }> => {
  const read = readFile(param, file, reading)
  return "issue" in read ? read : { base64: encodeBase64(await bytesOf(file)) }
}

/** The host may have no memory for a picture now, which is no fault of the picture. */
const throwIfBusy = (error: unknown): void => {
  if (!isImageError(error, "rate_limited")) return
  throw new ApiError({
    status: 429,
    type: "rate_limit_error",
    code: "rate_limit_exceeded",
    message: error.message,
    headers: { "retry-after": String(Math.ceil((error.retryAfterMs ?? 1000) / 1000)) },
    cause: error,
  })
}

/** Whether an image has fully transparent pixels. False if that cannot be told. */
export const hasHole = async (
  source: unknown,
  { options: { imageOps } }: ImageReading,
): Promise<boolean> => {
  if (!imageOps) return false
  try {
    return await imageOps.hasHole(await bytesOf(source as ImageSource))
  } catch (error) {
    throwIfBusy(error)
    // Core reports an image that cannot be read.
    return false
  }
}

/** Of a file that is read in part; a frame's size is among a JPEG's first bytes. */
const headBytes = 65_536

/** The type and the size of an image, from its first bytes. */
const headOf = async (source: ImageSource): Promise<Sniffed | undefined> =>
  sniff(
    source instanceof Blob
      ? new Uint8Array(await source.slice(0, headBytes).arrayBuffer())
      : await bytesOf(source),
  )

/** Why a mask cannot belong to the image, known from their headers before either is decoded. */
const misfitOf = (mask: Sniffed | undefined, image: Sniffed | undefined, maxPixels: number) => {
  if (mask && mask.width * mask.height > maxPixels)
    return rejected(
      "mask",
      "invalid_image",
      `has ${mask.width}x${mask.height} pixels, more than ${maxPixels.toLocaleString("en")}. Send a mask of the image's size.`,
    )
  if (!mask || !image) return undefined
  const [ratio, wanted] = [mask.width / mask.height, image.width / image.height]
  // EXIF may turn the image.
  const fits = [wanted, 1 / wanted].some((each) => Math.abs(ratio / each - 1) <= 0.01)
  return fits
    ? undefined
    : rejected(
        "mask",
        "invalid_image",
        `has ${mask.width}x${mask.height} pixels and the image ${image.width}x${image.height}. Send a mask of the image's size.`,
      )
}

const readByBrightness: Change = {
  field: "mask",
  action: "mapped",
  from: "transparent pixels change",
  to: "white pixels change",
  why: "the mask is opaque, and black and white",
}

/**
 * Converts OpenAI's mask, transparent where the image is to change, to core's, white there. Clients
 * of LiteLLM and Stability send the latter.
 */
export const readMask = async (
  value: unknown,
  image: ImageSource | undefined,
  reading: ImageReading,
): Promise<ReadImage & { readonly change?: Change }> => {
  const read = await readImage("mask", value, reading)
  if ("issue" in read) return read
  const { imageOps } = reading.options
  if (!imageOps)
    return rejected(
      "mask",
      "unsupported_parameter",
      "is not supported by this server. Send a black and white mask, white where the image is to change, as pictor.mask, or describe the area in pictor.maskPrompt.",
    )
  try {
    const bytes = await bytesOf(read.source)
    const refused = image && misfitOf(sniff(bytes), await headOf(image), imageOps.maxInputPixels)
    if (refused) return refused
    const { transparent } = await imageOps.inspect(bytes)
    if (transparent) return { source: await imageOps.alphaToMask(bytes) }
    if (await imageOps.isBlackAndWhite(bytes))
      return { source: read.source, change: readByBrightness }
  } catch (error) {
    throwIfBusy(error)
    return rejected("mask", "invalid_image", "cannot be decoded. Send a PNG of the image's size.")
  }
  return rejected(
    "mask",
    "invalid_image",
    "has no transparent pixels, so it marks no area. Make the area to change fully transparent, or send a black and white mask, white where the image is to change, as pictor.mask.",
  )
}
