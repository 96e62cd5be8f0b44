import type { ImageLimits, Parameter } from "../../contract/card.ts"
import type { Margins } from "../../contract/request.ts"
import {
  checkLimits,
  type ImageTools,
  type Input,
  makeInput,
  requireOps,
  runOp,
} from "./read-image.ts"

type MaskParameter = Extract<Parameter, { readonly kind: "mask" }>

/** Brings a mask whose white changes to the size, polarity and colours of the card. */
export const prepareMask = async (
  given: Input,
  image: Input | undefined,
  parameter: MaskParameter,
  tools: ImageTools,
): Promise<Input | undefined> => {
  const { ops } = tools
  const mask = parameter.sameSize && image ? await resize(given, image, tools) : given
  if (!mask) return undefined
  if (parameter.change === "black") return invert(mask, tools)
  return parameter.binary && ops
    ? makeInput("mask", tools, () => ops.thresholdMask(mask.bytes))
    : mask
}

/** A mask in the model's own polarity is sent unchanged; a wrong size is an issue. */
export const checkModelMask = (
  mask: Input,
  image: Input | undefined,
  { sameSize }: MaskParameter,
  tools: ImageTools,
): Input | undefined =>
  sameSize && image && sizeOf(mask) !== sizeOf(image) ? rejectSize(mask, image, tools) : mask

/** The image on a larger canvas, and a mask whose white is the new area. */
export const padImage = async (
  image: Input,
  margins: Margins,
  limits: ImageLimits,
  tools: ImageTools,
): Promise<{ readonly image: Input; readonly mask: Input } | undefined> => {
  const { diagnostics } = tools
  const ops = requireOps("margins", "the image padded, since it takes no margins", tools)
  const padded = ops && (await runOp("margins", tools, () => ops.pad(image.bytes, margins)))
  if (!padded) return undefined
  const larger = await makeInput("image", tools, async () => padded.image)
  const mask = await makeInput("margins", tools, async () => padded.mask)
  if (!larger || !mask) return undefined
  checkLimits("image", larger.image, limits, diagnostics)
  if (limits.opaque) await checkOpaque("image", larger, tools)
  diagnostics.change({
    field: "margins",
    action: "mapped",
    from: margins,
    to: sizeOf(larger),
    why: "the image is padded, and the mask marks the new area",
  })
  return { image: larger, mask }
}

/** The transparent pixels of an image as a mask; undefined where there are none. */
export const maskOfAlpha = async (image: Input, tools: ImageTools): Promise<Input | undefined> => {
  const { ops, diagnostics } = tools
  if (!ops || !(await isTransparent("image", image, tools))) return undefined
  diagnostics.change({
    field: "mask",
    action: "mapped",
    from: undefined,
    to: "transparent pixels change",
    why: "no mask is given, and the image has transparent pixels",
  })
  return makeInput("mask", tools, () => ops.alphaToMask(image.bytes))
}

/** Rejects transparent pixels, and warns where they cannot be ruled out. */
export const checkOpaque = async (path: string, input: Input, tools: ImageTools): Promise<void> => {
  const { diagnostics } = tools
  const transparent = await isTransparent(path, input, tools)
  if (transparent)
    diagnostics.invalid(path, `${path} has transparent pixels; the model takes opaque images.`, {
      allowed: "opaque pixels",
      remedy: "fitImage of @pictor/images flattens it.",
    })
  else if (transparent === undefined)
    diagnostics.warnings.push(
      `${path} has an alpha channel; the model rejects images with transparent pixels.`,
    )
}

/** Does the head of the file allow transparent pixels? */
export const hasAlpha = ({ bytes, image }: Input): boolean =>
  image.mediaType === "image/png"
    ? hasPngAlpha(bytes)
    : image.mediaType === "image/webp" && hasWebpAlpha(bytes)

const sizeOf = ({ image: { width, height } }: Input): string => `${width}x${height}`

const rejectSize = (
  mask: Input,
  image: Input,
  { diagnostics }: ImageTools,
  remedy?: string,
): undefined => {
  const [given, allowed] = [sizeOf(mask), sizeOf(image)]
  diagnostics.invalid(
    "mask",
    `mask is ${given} pixels; it must have the image's size, ${allowed}.`,
    { allowed, given, ...(remedy !== undefined && { remedy }) },
  )
}

const resize = async (mask: Input, image: Input, tools: ImageTools): Promise<Input | undefined> => {
  const { ops, diagnostics } = tools
  const [from, to] = [sizeOf(mask), sizeOf(image)]
  if (from === to) return mask
  const remedy = "createPictor({ imageOps: sharpImages() }) of @pictor/images resizes it."
  if (!ops) return rejectSize(mask, image, tools, remedy)
  const why = "the mask must have the image's size"
  diagnostics.change({ field: "mask", action: "snapped", from, to, why })
  const { width, height } = image.image
  return makeInput("mask", tools, () => ops.resizeMask(mask.bytes, width, height))
}

const invert = async (mask: Input, tools: ImageTools): Promise<Input | undefined> => {
  const ops = requireOps("mask", "the mask inverted, since it changes black areas", tools)
  if (!ops) return undefined
  tools.diagnostics.change({
    field: "mask",
    action: "mapped",
    from: "white changes",
    to: "black changes",
    why: "the model changes what is black",
  })
  return makeInput("mask", tools, () => ops.invertMask(mask.bytes))
}

/** Undefined where it is not known. */
const isTransparent = async (
  path: string,
  input: Input,
  tools: ImageTools,
): Promise<boolean | undefined> => {
  const { ops } = tools
  if (!hasAlpha(input)) return false
  return ops && (await runOp(path, tools, () => ops.inspect(input.bytes)))?.transparent
}

/** Colour types 4 and 6 (byte 25) have an alpha channel; a `tRNS` chunk has transparent colours. */
const hasPngAlpha = (bytes: Uint8Array): boolean => {
  if (bytes[25] === 4 || bytes[25] === 6) return true
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 8; at + 8 <= bytes.length; at += 12 + view.getUint32(at)) {
    const name = String.fromCharCode(...bytes.subarray(at + 4, at + 8))
    if (name === "tRNS" || name === "IDAT") return name === "tRNS"
  }
  return false
}

/** Bit 4 of byte 20 in the extended format, of byte 24 in the lossless one. */
const hasWebpAlpha = (bytes: Uint8Array): boolean => {
  const [format, flags = 0, lossless = 0] = [bytes[15], bytes[20], bytes[24]]
  return format === 0x58 ? (flags & 16) !== 0 : format === 0x4c && (lossless & 16) !== 0
}
