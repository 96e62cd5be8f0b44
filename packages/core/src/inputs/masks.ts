import type { Parameter } from "../contract/card.ts"
import type { Input } from "./inputs.ts"
import { made, needOps, type Workshop } from "./workshop.ts"

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
