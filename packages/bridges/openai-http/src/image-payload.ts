import { type ImageSource, isImageError } from "@pictor/core"
import type { Issue } from "./errors.ts"
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

const mediaTypes = ["image/png", "image/jpeg", "image/jpg", "image/webp", "image/gif"]

const tooLarge = (param: string, { imageBytes }: Limits) =>
  rejected(
    param,
    "image_too_large",
    `is too large: an image may have at most ${imageBytes.toLocaleString("en")} bytes.`,
  )

const empty = (param: string) => rejected(param, "empty_image_file", "is empty: it has no bytes.")

const checkType = (param: string, mediaType: string) =>
  mediaType.startsWith("image/") && !mediaTypes.includes(mediaType)
    ? rejected(
        param,
        "invalid_image_format",
        "has an unsupported format. Send PNG, JPEG, WebP or GIF.",
      )
    : undefined

const readFile = (param: string, file: Blob, { limits }: ImageReading): ReadImage => {
  if (file.size === 0) return empty(param)
  if (file.size > limits.imageBytes) return tooLarge(param, limits)
  return checkType(param, file.type.toLowerCase()) ?? { source: file }
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
  const [, mediaType = ""] = /^data:([^;,]{0,100})/i.exec(text) ?? []
  return checkType(param, mediaType.toLowerCase()) ?? { source: text }
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
  return rejected(
    param,
    "invalid_image",
    "is not an image. Send PNG, JPEG, WebP or GIF as a file, base64, a data URL or { image_url }.",
  )
}

const bytesOf = async (source: ImageSource): Promise<Uint8Array> => {
  if (source instanceof Blob) return new Uint8Array(await source.arrayBuffer())
  if (typeof source !== "string")
    return source instanceof Uint8Array ? source : new Uint8Array(source)
  const characters = atob(source.slice(source.startsWith("data:") ? source.indexOf(",") + 1 : 0))
  const bytes = new Uint8Array(characters.length)
  // Several times faster than `Uint8Array.from`, which makes a call per byte.
  for (let index = 0; index < bytes.length; index++) bytes[index] = characters.charCodeAt(index)
  return bytes
}

/** Converts OpenAI's mask, transparent where the image is to change, to core's, white there. */
export const readMask = async (value: unknown, reading: ImageReading): Promise<ReadImage> => {
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
    const { transparent } = await imageOps.inspect(bytes)
    if (transparent) return { source: await imageOps.alphaToMask(bytes) }
  } catch {
    return rejected("mask", "invalid_image", "cannot be decoded. Send a PNG of the image's size.")
  }
  return rejected(
    "mask",
    "invalid_image",
    "has no transparent pixels, so it marks no area. Make the area to change fully transparent, or send a black and white mask, white where the image is to change, as pictor.mask.",
  )
}
