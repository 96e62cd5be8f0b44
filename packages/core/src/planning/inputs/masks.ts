import type { Parameter } from "../../contract/card.ts"
import type { Size } from "../../contract/plan.ts"
import type { Margins } from "../../contract/request.ts"
import { sizeText } from "../../models/size.ts"
import {
  type ImageTools,
  type Input,
  limitProblems,
  makeInput,
  requireOps,
  runOp,
} from "./read-image.ts"
import { hasAlpha } from "./transparency.ts"

type MaskParameter = Extract<Parameter, { readonly kind: "mask" }>

/** Brings a mask whose white changes to the geometry, polarity and colours of the card. */
export const prepareMask = async (
  given: Input,
  image: Input | undefined,
  parameter: MaskParameter,
  tools: ImageTools,
): Promise<Input | undefined> => {
  const { ops } = tools
  const mask = image ? await fitMask(given, image, parameter, tools) : given
  if (!mask) return undefined
  if (parameter.change !== "white") return remake(mask, parameter.change, tools)
  return parameter.binary && ops
    ? makeInput("mask", tools, () => ops.thresholdMask(mask.bytes))
    : mask
}

/** A mask in the model's own polarity keeps its pixels; the geometry is the image's. */
export const prepareModelMask = async (
  mask: Input,
  image: Input | undefined,
  parameter: MaskParameter,
  tools: ImageTools,
): Promise<Input | undefined> => {
  if (!image) return mask
  if (image.fitted) return fitMask(mask, image, parameter, tools)
  return parameter.sameSize && sizeText(mask.image) !== sizeText(image.image)
    ? rejectSize(mask, image, tools)
    : mask
}

/** Rejects a mask that marks no pixel: it would be charged and change nothing. */
export const checkMarks = async (
  mask: Input,
  change: MaskParameter["change"],
  tools: ImageTools,
): Promise<void> => {
  const { ops, diagnostics } = tools
  if (!ops) return
  const isAlpha = change === "transparent"
  const tones = await runOp("mask", tools, async () =>
    ops.maskTones(isAlpha ? await ops.alphaToMask(mask.bytes) : mask.bytes),
  )
  if (tones && !tones[isAlpha ? "white" : change])
    diagnostics.invalid("mask", `mask marks no pixel: it has no ${change} area, which changes.`, {
      allowed: `at least one ${change} pixel`,
    })
}

/** The image on a larger canvas, and a mask whose white is the new area. */
export const padImage = async (
  image: Input,
  margins: Margins,
  tools: ImageTools,
): Promise<{ readonly image: Input; readonly mask: Input } | undefined> => {
  const { diagnostics } = tools
  const ops = requireOps("margins", "the image padded, since it takes no margins", tools)
  const padded = ops && (await runOp("margins", tools, () => ops.pad(image.bytes, margins)))
  if (!padded) return undefined
  const larger = await makeInput("image", tools, async () => padded.image)
  const mask = await makeInput("margins", tools, async () => padded.mask)
  if (!larger || !mask) return undefined
  const why = "the image is padded, and the mask marks the new area"
  diagnostics.map("margins", margins, sizeText(larger.image), why)
  return { image: larger, mask }
}

/** The transparent pixels of an image as a mask; undefined where there are none. */
export const maskOfAlpha = async (image: Input, tools: ImageTools): Promise<Input | undefined> => {
  const { ops, diagnostics } = tools
  if (!ops || !hasAlpha(image)) return undefined
  if (!(await runOp("image", tools, () => ops.hasHole(image.bytes)))) return undefined
  const why = "no mask is given, and the image has transparent pixels"
  diagnostics.map("mask", undefined, "transparent pixels change", why)
  const mask = await makeInput("mask", tools, () => ops.alphaToMask(image.bytes))
  return mask && { ...mask, isStored: true }
}

const rejectSize = (
  mask: Input,
  image: Input,
  { diagnostics }: ImageTools,
  remedy?: string,
): undefined => {
  const [given, allowed] = [sizeText(mask.image), sizeText(image.fitted?.from ?? image.image)]
  diagnostics.invalid(
    "mask",
    `mask is ${given} pixels; it must have the image's size, ${allowed}.`,
    { allowed, given, ...(remedy !== undefined && { remedy }) },
  )
}

/** One geometry: what turned and scaled the image does the same to its mask. */
const fitMask = async (
  mask: Input,
  image: Input,
  { sameSize, limits }: MaskParameter,
  tools: ImageTools,
): Promise<Input | undefined> => {
  const { ops, diagnostics } = tools
  const [from, to] = [sizeText(mask.image), sizeText(image.image)]
  const view = viewOf(mask, image)
  if (view === undefined) return rejectSize(mask, image, tools)
  if (from === to && view === "seen") return mask
  const isWithin = limitProblems(mask.image, limits).length === 0
  if (!sameSize && !image.fitted && isWithin) return mask
  const remedy = "createPictor({ imageOps: sharpImages() }) of @pictor/images resizes it."
  if (!ops) return sameSize ? rejectSize(mask, image, tools, remedy) : mask
  const why =
    view === "stored"
      ? "the mask is turned and scaled as the image is"
      : "the mask must have the image's size"
  diagnostics.snap("mask", from, to, why)
  const { width, height } = image.image
  const transform = image.fitted?.transform
  return makeInput("mask", tools, () =>
    view === "stored" && transform
      ? ops.applyTransform(mask.bytes, transform)
      : ops.resizeMask(mask.bytes, width, height),
  )
}

/** Whether the mask fits the displayed or the stored orientation of the picture. */
const viewOf = (mask: Input, image: Input): "seen" | "stored" | undefined => {
  const stored: Size = image.fitted?.from ?? image.image
  const { orientation } = image.fitted?.transform ?? { orientation: 1 }
  if (mask.isStored) return orientation === 1 ? "seen" : "stored"
  const isSwapped = orientation >= 5
  const seen = isSwapped ? { width: stored.height, height: stored.width } : stored
  for (const isSame of [
    (size: Size) => sizeText(size) === sizeText(mask.image),
    (size: Size) => isOneRatio(size, mask.image),
  ]) {
    if (isSame(seen)) return "seen"
    if (isSame(stored)) return "stored"
  }
  return undefined
}

/** Within 1 %, or within the rounding of a small side. */
const isOneRatio = (one: Size, other: Size): boolean => {
  const [left, right] = [one.width * other.height, other.width * one.height]
  const rounding = 1 / Math.min(one.width, one.height, other.width, other.height)
  return Math.abs(Math.log(left / right)) <= Math.max(0.01, rounding / 2)
}

/** A mask of which another area changes than the white one. */
const remake = async (
  mask: Input,
  change: "black" | "transparent",
  tools: ImageTools,
): Promise<Input | undefined> => {
  const ops = requireOps("mask", `a mask whose ${change} area changes`, tools)
  if (!ops) return undefined
  tools.diagnostics.map(
    "mask",
    "white changes",
    `${change} changes`,
    `the model changes what is ${change}`,
  )
  return makeInput("mask", tools, () =>
    change === "black" ? ops.invertMask(mask.bytes) : ops.maskToAlpha(mask.bytes),
  )
}
