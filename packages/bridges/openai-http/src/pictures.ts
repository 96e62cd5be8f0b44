import { type ImageSource, isImageError } from "@pictor/core"
import type { Fault } from "./fault.ts"
import type { Limits, OpenaiHttpOptions } from "./types.ts"
import { isFields } from "./values.ts"

/** What reading pictures takes. */
export interface Reading {
  readonly limits: Limits
  readonly images: OpenaiHttpOptions["images"] | undefined
  readonly fetchImage: OpenaiHttpOptions["fetchImage"] | undefined
  readonly signal: AbortSignal | undefined
}

/** A picture, or what is wrong with it. */
type Read = { readonly source: ImageSource } | { readonly fault: Fault }

const fault = (param: string, code: string, message: string): { readonly fault: Fault } => ({
  fault: { code, param, message },
})

const takes = "PNG, JPEG, WebP or GIF"
const mediaTypes: readonly string[] = [
  "image/png",
  "image/jpeg",
  "image/jpg",
  "image/webp",
  "image/gif",
]

const tooLarge = (param: string, limit: number) =>
  fault(
    param,
    "image_too_large",
    `${param} is larger than the ${limit} bytes that an image may have.`,
  )

const empty = (param: string) => fault(param, "empty_image_file", `${param} has no bytes.`)

const ofType = (param: string, type: string) =>
  type.startsWith("image/") && !mediaTypes.includes(type)
    ? fault(
        param,
        "invalid_image_format",
        `${param} is of a type that is not taken. Send ${takes}.`,
      )
    : undefined

const readFile = (param: string, file: Blob, { limits }: Reading): Read => {
  if (file.size === 0) return empty(param)
  if (file.size > limits.imageBytes) return tooLarge(param, limits.imageBytes)
  return ofType(param, file.type.toLowerCase()) ?? { source: file }
}

const readRemote = async (
  param: string,
  text: string,
  { fetchImage, limits, signal }: Reading,
): Promise<Read> => {
  const refuse = (code: string, why: string) =>
    fault(
      param,
      code,
      `${param} names an image by its URL, ${why}. Send the image itself, as a file or a data URL.`,
    )
  if (!fetchImage || !URL.canParse(text))
    return refuse("remote_image_refused", "which this server does not fetch")
  try {
    const bytes = await fetchImage(new URL(text), signal)
    return bytes.byteLength > limits.imageBytes
      ? tooLarge(param, limits.imageBytes)
      : { source: bytes }
  } catch (error) {
    if (isImageError(error, "invalid_request") || isImageError(error, "unsupported"))
      return fault(param, "remote_image_refused", error.message)
    return refuse("remote_image_failed", "which could not be fetched")
  }
}

const readText = async (param: string, text: string, reading: Reading): Promise<Read> => {
  if (text === "") return empty(param)
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return readRemote(param, text, reading)
  if (text.length * 0.75 > reading.limits.imageBytes + 1024)
    return tooLarge(param, reading.limits.imageBytes)
  const [, type = ""] = /^data:([^;,]{0,100})/i.exec(text) ?? []
  return ofType(param, type.toLowerCase()) ?? { source: text }
}

/** A picture out of a body: a file, base64, a data URL, or `{ image_url }` with one of them. */
export const readPicture = async (
  param: string,
  value: unknown,
  reading: Reading,
): Promise<Read> => {
  if (value instanceof Blob) return readFile(param, value, reading)
  if (typeof value === "string") return readText(param, value, reading)
  if (isFields(value) && value["file_id"] !== undefined)
    return fault(
      param,
      "unsupported_parameter",
      `${param} names an uploaded file, of which this server has none. Send the image itself.`,
    )
  if (isFields(value) && value["image_url"] !== undefined && !isFields(value["image_url"]))
    return readPicture(param, value["image_url"], reading)
  if (isFields(value) && isFields(value["image_url"]))
    return readPicture(param, value["image_url"]["url"], reading)
  return fault(
    param,
    "invalid_image",
    `${param} is no image. Send ${takes} as a file, base64, a data URL or { image_url }.`,
  )
}

const bytesOf = async (source: ImageSource): Promise<Uint8Array> => {
  if (source instanceof Blob) return new Uint8Array(await source.arrayBuffer())
  if (typeof source !== "string")
    return source instanceof Uint8Array ? source : new Uint8Array(source)
  const characters = atob(source.slice(source.startsWith("data:") ? source.indexOf(",") + 1 : 0))
  const bytes = new Uint8Array(characters.length)
  // Several times as fast as Uint8Array.from, which calls back for each byte.
  for (let at = 0; at < bytes.length; at++) bytes[at] = characters.charCodeAt(at)
  return bytes
}

const noMaskWork =
  "mask needs image work that this server does not have. Send a mask in black and white, white where the image is to change, as pictor.mask; or say the area in words as pictor.maskPrompt."

/** OpenAI's mask, transparent where the image is to change, as Pictor's, which is white there. */
export const readMask = async (value: unknown, reading: Reading): Promise<Read> => {
  const read = await readPicture("mask", value, reading)
  if ("fault" in read) return read
  if (!reading.images) return fault("mask", "unsupported_parameter", noMaskWork)
  try {
    const bytes = await bytesOf(read.source)
    const { transparent } = await reading.images.inspect(bytes)
    if (transparent) return { source: await reading.images.alphaToMask(bytes) }
  } catch {
    return fault(
      "mask",
      "invalid_image",
      "mask is no image that can be read. Send a PNG of the image's size.",
    )
  }
  return fault(
    "mask",
    "invalid_image",
    "mask has no transparent pixels, so that it marks nothing to change. Make the area to change fully transparent; a mask in black and white goes as pictor.mask, white changes.",
  )
}
