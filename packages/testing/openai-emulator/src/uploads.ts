import { imageHeader } from "@pictor/emulator-kit"
import type { Violation } from "./errors.ts"

/** A picture of a request. */
export type Upload = {
  /** The field's name, such as `image`, `image[1]` or `mask`. */
  readonly param: string
  readonly bytes: Buffer
  readonly mediaType: string
}

export type Uploads = {
  readonly images: readonly Upload[]
  readonly mask?: Upload
  readonly markup?: Upload
}

const maxImageBytes = 50_000_000

const maxMaskBytes = 4_000_000

const maxImages = 16

const mediaTypes = ["image/png", "image/jpeg", "image/webp"]

/** Reads `data:image/png;base64,…`. A URL is a violation: the emulator downloads nothing. */
export const readDataUrl = (param: string, url: string): Upload | Violation => {
  const [head = "", base64] = url.split(",", 2)
  const mediaType = /^data:([^;,]+);base64$/.exec(head)?.[1]
  return mediaType === undefined || base64 === undefined
    ? {
        param,
        code: "invalid_image_url",
        message: `Invalid '${param}': expected a data URL with base64. The emulator downloads nothing.`,
      }
    : { param, bytes: Buffer.from(base64, "base64"), mediaType }
}

/** The violations of pictures, by their headers. */
export const uploadViolations = ({ images, mask, markup }: Uploads): readonly Violation[] => {
  const overlays = [mask, markup].filter((upload) => upload !== undefined)
  if (mask !== undefined && markup !== undefined)
    return [conflict(markup.param, "'markup' cannot be combined with 'mask'.")]
  if (images.length === 0)
    return [
      {
        param: "image",
        code: "missing_required_parameter",
        message: "Missing required parameter: 'image'.",
      },
    ]
  if (images.length > maxImages)
    return [
      {
        param: "image",
        code: "array_above_max_length",
        message: `Invalid 'image': array too long. Expected at most ${maxImages} images.`,
      },
    ]
  return [
    ...images.flatMap(imageViolations),
    ...overlays.flatMap((upload) => overlayViolations(upload, images[0])),
  ]
}

const conflict = (param: string, message: string): Violation => ({
  param,
  code: "invalid_value",
  message,
})

const headerOf = ({ bytes }: Upload) => imageHeader(bytes.toString("base64"))

const imageViolations = (upload: Upload): readonly Violation[] => {
  const { param, bytes, mediaType } = upload
  if (!mediaTypes.includes(mediaType))
    return [
      {
        param,
        code: "unsupported_file_mimetype",
        message: `Invalid file '${param}': unsupported mimetype ('${mediaType.slice(0, 60)}'). Supported file formats are 'image/jpeg', 'image/png', and 'image/webp'.`,
      },
    ]
  if (bytes.length >= maxImageBytes) return [tooLarge(param, "50 MB")]
  return headerOf(upload) === undefined
    ? [
        {
          param,
          code: "invalid_image_file",
          message: `Invalid image file or mode for '${param}'. Send a png, jpeg or webp.`,
        },
      ]
    : []
}

const tooLarge = (param: string, limit: string): Violation => ({
  param,
  code: "file_too_large",
  message: `Invalid file '${param}': expected less than ${limit}.`,
})

const overlayViolations = (upload: Upload, first: Upload | undefined): readonly Violation[] => {
  const { param, bytes } = upload
  const wrong = imageViolations(upload)
  if (wrong.length > 0) return wrong
  const header = headerOf(upload)
  const image = first === undefined ? undefined : headerOf(first)
  if (header?.format !== "png") return [conflict(param, `Invalid '${param}': expected a PNG.`)]
  if (!hasAlpha(bytes))
    return [conflict(param, `Invalid '${param}': the PNG has no alpha channel.`)]
  if (param === "mask" && bytes.length >= maxMaskBytes) return [tooLarge(param, "4 MB")]
  return image === undefined || (image.width === header.width && image.height === header.height)
    ? []
    : [
        conflict(
          param,
          `Invalid '${param}': it is ${header.width}x${header.height}, and the first image is ${image.width}x${image.height}. Both must have the same size.`,
        ),
      ]
}

/** Colour types 4 and 6, or a transparency chunk: https://www.w3.org/TR/png-3/#11IHDR */
const hasAlpha = (png: Buffer): boolean =>
  png[25] === 4 || png[25] === 6 || png.subarray(0, 65_536).includes("tRNS")
