import type { ImageLimits, Parameter, TaskCard } from "../../contract/card.ts"
import type { Margins } from "../../contract/request.ts"
import { checkLimits, type Input, made, needOps, type Workshop, worked } from "./read-image.ts"

type MaskParameter = Extract<Parameter, { readonly kind: "mask" }>

const sizeOf = ({ image: { width, height } }: Input): string => `${width}x${height}`

const refuseSize = (mask: Input, image: Input, { notes }: Workshop, remedy = ""): undefined => {
  const [from, to] = [sizeOf(mask), sizeOf(image)]
  notes.invalid(
    "mask",
    `mask is of ${from} pixels; it must have the image's size, ${to}.${remedy}`,
    to,
    from,
  )
}

const resized = async (
  mask: Input,
  image: Input,
  workshop: Workshop,
): Promise<Input | undefined> => {
  const { ops, notes } = workshop
  const [from, to] = [sizeOf(mask), sizeOf(image)]
  if (from === to) return mask
  if (!ops)
    return refuseSize(
      mask,
      image,
      workshop,
      " createPictor({ imageOps: sharpImages() }) of @pictor/images resizes it.",
    )
  notes.change({
    field: "mask",
    action: "snapped",
    from,
    to,
    why: "the mask must have the image's size",
  })
  return made("mask", workshop, () =>
    ops.resizeMask(mask.bytes, image.image.width, image.image.height),
  )
}

const inverted = async (mask: Input, workshop: Workshop): Promise<Input | undefined> => {
  const { notes } = workshop
  const ops = needOps("mask", "the mask inverted, since it changes what is black", workshop)
  if (!ops) return undefined
  notes.change({
    field: "mask",
    action: "mapped",
    from: "white changes",
    to: "black changes",
    why: "the model changes what is black",
  })
  return made("mask", workshop, () => ops.invertMask(mask.bytes))
}

/** A mask whose white is the area to change, brought to the size, the polarity and the two colours that the card asks for. */
export const prepareMask = async (
  given: Input,
  image: Input | undefined,
  parameter: MaskParameter,
  workshop: Workshop,
): Promise<Input | undefined> => {
  const { ops } = workshop
  const mask = parameter.sameSize && image ? await resized(given, image, workshop) : given
  if (!mask) return undefined
  if (parameter.change === "black") return inverted(mask, workshop)
  return parameter.binary && ops
    ? made("mask", workshop, () => ops.thresholdMask(mask.bytes))
    : mask
}

/** A mask in the model's own words is sent as it is, or refused. */
export const readyMask = (
  given: Input,
  image: Input | undefined,
  { sameSize }: MaskParameter,
  workshop: Workshop,
): Input | undefined =>
  sameSize && image && sizeOf(given) !== sizeOf(image) ? refuseSize(given, image, workshop) : given

/** Has the model no margins of its own, so that the image is made larger before it is sent? */
export const isPadding = ({ fields: { margins } }: TaskCard): boolean =>
  margins?.kind === "object" &&
  Object.values(margins.fields).every(
    ({ path: wire, pathBeside: wires }) => wire === undefined && wires === undefined,
  )

/** The image on a larger canvas, and the mask whose white is what is new. */
export const padded = async (
  image: Input,
  margins: Margins,
  limits: ImageLimits,
  workshop: Workshop,
): Promise<{ readonly image: Input; readonly mask: Input } | undefined> => {
  const { notes } = workshop
  const ops = needOps("margins", "the image padded, since it has no margins of its own", workshop)
  const work = ops && (await worked("margins", workshop, () => ops.pad(image.bytes, margins)))
  if (!work) return undefined
  const larger = await made("image", workshop, async () => work.image)
  const mask = await made("margins", workshop, async () => work.mask)
  if (!larger || !mask) return undefined
  checkLimits("image", larger.image, limits, notes)
  if (limits.opaque) await checkOpaque("image", larger, workshop)
  const { width, height } = larger.image
  notes.change({
    field: "margins",
    action: "mapped",
    from: margins,
    to: `${width}x${height}`,
    why: "the image is padded, and the mask names what is new",
  })
  return { image: larger, mask }
}

/** Byte 25 is the colour type, and 4 and 6 have an alpha channel; a `tRNS` chunk before the pixels says the same. */
const pngAlpha = (bytes: Uint8Array): boolean => {
  if (bytes[25] === 4 || bytes[25] === 6) return true
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 8; at + 8 <= bytes.length; at += 12 + view.getUint32(at)) {
    const name = String.fromCharCode(...bytes.subarray(at + 4, at + 8))
    if (name === "tRNS" || name === "IDAT") return name === "tRNS"
  }
  return false
}

/** Bit 4 of byte 20 of the extended form, and of byte 24 of the lossless one. */
const webpAlpha = (bytes: Uint8Array): boolean => {
  const [form, flags = 0, lossless = 0] = [bytes[15], bytes[20], bytes[24]]
  return form === 0x58 ? (flags & 16) !== 0 : form === 0x4c && (lossless & 16) !== 0
}

/** Does the head of the file say that pixels may be transparent? */
export const hasAlpha = ({ bytes, image }: Input): boolean =>
  image.mediaType === "image/png"
    ? pngAlpha(bytes)
    : image.mediaType === "image/webp" && webpAlpha(bytes)

/** Has it a transparent pixel? Undefined where nobody can tell. */
const isTransparent = async (
  path: string,
  input: Input,
  workshop: Workshop,
): Promise<boolean | undefined> => {
  const { ops } = workshop
  if (!hasAlpha(input)) return false
  return ops && (await worked(path, workshop, () => ops.inspect(input.bytes)))?.transparent
}

/** Refuses transparent pixels where they are known, and warns where they may be. */
export const checkOpaque = async (
  path: string,
  input: Input,
  workshop: Workshop,
): Promise<void> => {
  const { notes } = workshop
  const transparent = await isTransparent(path, input, workshop)
  if (transparent)
    notes.invalid(
      path,
      `${path} has transparent pixels, of which the model takes none. fitImage of @pictor/images flattens it.`,
      "opaque pixels",
    )
  else if (transparent === undefined)
    notes.warnings.push(
      `${path} has an alpha channel; the model refuses an image with transparent pixels.`,
    )
}

/** The mask that an image's own transparent pixels are; undefined where it has none. */
export const maskOfAlpha = async (image: Input, workshop: Workshop): Promise<Input | undefined> => {
  const { ops, notes } = workshop
  if (!ops || !(await isTransparent("image", image, workshop))) return undefined
  notes.change({
    field: "mask",
    action: "mapped",
    from: undefined,
    to: "what is transparent changes",
    why: "no mask is given, and the image has transparent pixels",
  })
  return made("mask", workshop, () => ops.alphaToMask(image.bytes))
}
