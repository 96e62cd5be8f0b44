import {
  type Area,
  areaOfWords,
  boxArea,
  type Drawing,
  decode,
  fill,
  finish,
  finishBlurred,
  imageHeader,
  maskArea,
  type Painted,
  type Pixels,
  paint,
  paste,
  resized,
} from "@pictor/emulator-kit"
import { type Dimensions, dimensionsOf, type Model, nearestRatio, type Tier } from "./models.ts"
import type { ImageRequest, InputPicture } from "./request.ts"

/** A request's pictures in pixels. */
export type Inputs = {
  readonly base: Pixels
  /** White marks what changes. */
  readonly mask?: Pixels
  readonly references: readonly Pixels[]
}

/**
 * Decodes the pictures to edit. The first is the base. A later one is a mask if the text right
 * before it has the word "mask", else a reference. Undefined if one is damaged.
 */
export const readInputs = async (
  edited: readonly InputPicture[],
): Promise<Inputs | "none" | undefined> => {
  if (edited.length === 0) return "none"
  const pixels: Pixels[] = []
  let mask: Pixels | undefined
  for (const [index, { base64, before }] of edited.entries()) {
    const decoded = await decode(base64)
    if (decoded === undefined) return undefined
    if (index > 0 && mask === undefined && /\bmask\b/i.test(before)) mask = decoded
    else pixels.push(decoded)
  }
  const [base, ...references] = pixels
  if (base === undefined) return undefined
  return { base, references, ...(mask === undefined ? {} : { mask }) }
}

/** The size of the reply's pictures. Without a ratio it follows the picture to edit. */
const sizeOf = (model: Model, request: ImageRequest): Dimensions => {
  const [first] = request.edited
  const header = first === undefined ? undefined : imageHeader(first.base64)
  const ratio =
    request.ratio ??
    (header === undefined ? "1:1" : nearestRatio(model, header.width, header.height))
  return dimensionsOf(model, ratio, tierOf(model, request))
}

export const tierOf = (model: Model, { tier }: ImageRequest): Tier =>
  (["512", "1K", "2K", "4K"] as const).find(
    (each) => each === tier && model.sizes?.[each] !== undefined,
  ) ?? "1K"

/** Larger pictures are drawn at this many pixels and enlarged. */
const drawnPixels = 1_500_000

const drawnSize = ([width, height]: Dimensions): Dimensions => {
  const scale = Math.min(1, Math.sqrt(drawnPixels / (width * height)))
  return [Math.round(width * scale), Math.round(height * scale)]
}

export type Picture = { readonly mimeType: string; readonly data: string }

type Job = {
  readonly model: Model
  readonly request: ImageRequest
  readonly inputs: Inputs | "none"
  readonly seed: number
}

/** Draws the picture with an index, and encodes it. */
export const drawPicture = async (job: Job, index: number): Promise<Picture> => {
  const size = sizeOf(job.model, job.request)
  const painted = await paintAt(job, index, drawnSize(size))
  const enlarged = {
    pixels: await resized(painted.pixels, size[0], size[1], { kernel: "linear" }),
  }
  const drawing = drawingOf(job, index, size)
  return pictureOf(await finish(enlarged, drawing), drawing.format)
}

/** A draft of the first picture: blurred, with sides of at most 512 pixels. */
export const drawThought = async (job: Job): Promise<Picture> => {
  const [width, height] = sizeOf(job.model, job.request)
  const scale = Math.min(1, 512 / Math.max(width, height))
  const size: Dimensions = [Math.round(width * scale), Math.round(height * scale)]
  const drawing = { ...drawingOf(job, 0, size), format: "jpeg" as const }
  return pictureOf(await finishBlurred(await paintAt(job, 0, size), drawing), "jpeg")
}

const pictureOf = (bytes: Buffer, format: "png" | "jpeg"): Picture => ({
  mimeType: `image/${format}`,
  data: bytes.toString("base64"),
})

const drawingOf = (
  { model, request, seed }: Job,
  index: number,
  [width, height]: Dimensions,
): Drawing & { readonly format: "png" | "jpeg" } => ({
  model: model.label,
  task: "",
  prompt: request.prompt,
  detail: request.context,
  colors: [],
  seed,
  index,
  width,
  height,
  format: request.format,
})

const paintAt = async (job: Job, index: number, size: Dimensions): Promise<Painted> => {
  const drawing = drawingOf(job, index, size)
  if (job.inputs === "none") return { pixels: paint(drawing) }
  const { base, mask, references } = job.inputs
  const under = await resized(base, size[0], size[1], { fit: "cover" })
  const area: Area =
    mask === undefined
      ? areaOfWords(under, job.request.prompt)
      : maskArea(await resized(mask, size[0], size[1], { fit: "cover" }), "white")
  let { pixels } = fill(under, area, drawing)
  for (const [place, reference] of references.entries())
    pixels = await withReference(pixels, reference, place)
  return { pixels }
}

const referencesInRow = 7

/** Shows a reference as a tile at the top, in the request's order. */
const withReference = async (under: Pixels, reference: Pixels, place: number): Promise<Pixels> => {
  const side = Math.floor(Math.min(under.width / referencesInRow, under.height / 4))
  const left = (place % referencesInRow) * side
  const top = Math.floor(place / referencesInRow) * side
  const tile = await resized(reference, side, side, { fit: "cover" })
  const area = boxArea(under, {
    left: left / under.width,
    top: top / under.height,
    width: side / under.width,
    height: side / under.height,
  })
  return paste(under, tile, area, { left, top })
}
