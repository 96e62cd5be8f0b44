import type { Parameter } from "./card.ts"
import { type Input, toInput } from "./inputs.ts"
import type { Notes } from "./notes.ts"
import type { ImageOps } from "./ports.ts"

type MaskParameter = Extract<Parameter, { readonly kind: "mask" }>

/** What preparing needs to know beside the request. */
export interface Workshop {
  readonly model: string
  readonly ops: ImageOps | undefined
  readonly notes: Notes
}

/** The image work that a request needs, or an issue that says how to come by it. */
export const needOps = (path: string, what: string, { ops, notes, model }: Workshop): ImageOps | undefined => {
  if (!ops) notes.unsupported(path, `${model} needs ${what}: give createPictor({ images: sharpImages() }) of @pictor/images.`)
  return ops
}

/** The bytes that a library made, as an input. */
export const made = async (bytes: Uint8Array): Promise<Input | undefined> => toInput(new Uint8Array(bytes))

const resized = async (mask: Input, { image }: Input, { ops, notes }: Workshop): Promise<Input | undefined> => {
  const [from, to] = [mask, { image }].map((each) => `${each.image.width}x${each.image.height}`)
  if (from === to) return mask
  if (!ops) {
    notes.invalid("mask", `mask is of ${from} pixels; it must have the image's size, ${to}.`, to, from)
    return undefined
  }
  notes.change({ field: "mask", action: "snapped", from, to, why: "the mask must have the image's size" })
  return made(await ops.resizeMask(mask.bytes, image.width, image.height))
}

/** A mask whose white is the area to change, brought to the size, the polarity and the two colours that the card asks for. */
export const prepareMask = async (
  given: Input,
  image: Input | undefined,
  parameter: MaskParameter,
  workshop: Workshop,
): Promise<Input | undefined> => {
  const mask = parameter.sameSize && image ? await resized(given, image, workshop) : given
  if (!mask) return undefined
  if (parameter.change === "black") {
    const ops = needOps("mask", "the mask inverted, since it changes what is black", workshop)
    if (!ops) return undefined
    workshop.notes.change({
      field: "mask",
      action: "mapped",
      from: "white changes",
      to: "black changes",
      why: `${workshop.model} changes what is black`,
    })
    return made(await ops.invertMask(mask.bytes))
  }
  if (!parameter.binary || !workshop.ops) return mask
  return made(await workshop.ops.thresholdMask(mask.bytes))
}
