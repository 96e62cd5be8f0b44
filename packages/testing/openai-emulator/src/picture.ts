import {
  type Area,
  cutOut,
  type Drawing,
  decode,
  encode,
  encodeAnimation,
  fill,
  finish,
  hash,
  inverse,
  mixed,
  type Painted,
  type Pixels,
  paint,
  paintIsolated,
  resized,
  transparentArea,
  vary,
} from "@pictor/emulator-kit"
import type { Violation } from "./errors.ts"
import type { Job } from "./job.ts"
import type { Upload } from "./uploads.ts"

/** The decoded pictures of a job. */
export type Inputs = {
  readonly images: readonly Pixels[]
  readonly mask?: Pixels
  readonly markup?: Pixels
}

/** Decodes the pictures of a job, or names the one that is damaged or marks nothing. */
export const readInputs = async ({ uploads }: Job): Promise<Inputs | Violation> => {
  const images: Pixels[] = []
  for (const upload of uploads.images) {
    const pixels = await pixelsOf(upload)
    if (pixels === undefined) return damaged(upload)
    images.push(pixels)
  }
  const overlays: { mask?: Pixels; markup?: Pixels } = {}
  for (const name of ["mask", "markup"] as const) {
    const upload = uploads[name]
    if (upload === undefined) continue
    const pixels = await pixelsOf(upload)
    if (pixels === undefined) return damaged(upload)
    if (name === "markup" && pixels.alpha === undefined)
      return {
        param: "markup",
        code: "invalid_value",
        message: "Invalid 'markup': it has no transparent pixels.",
      }
    overlays[name] = pixels
  }
  return { images, ...overlays }
}

const pixelsOf = ({ bytes }: Upload): Promise<Pixels | undefined> =>
  decode(bytes.toString("base64"))

const damaged = ({ param }: Upload): Violation => ({
  param,
  code: "invalid_image_file",
  message: `Invalid image file or mode for '${param}'. The file is damaged.`,
})

/** A larger scene is drawn at this size and enlarged. */
const maxScenePixels = 2_097_152

/** Draws the picture of a job with this index. */
export const paintJob = async (job: Job, inputs: Inputs, index: number): Promise<Painted> => {
  const drawing = drawingOf(job, index)
  const [image, ...references] = inputs.images
  if (image !== undefined) {
    const detail = [drawing.detail, ...(await Promise.all(references.map(hashOf)))].join("|")
    return edit(job, inputs, { drawing: { ...drawing, detail }, image, second: references[0] })
  }
  const { width, height } = job.size
  const scale = Math.min(1, Math.sqrt(maxScenePixels / (width * height)))
  const small = {
    ...drawing,
    width: Math.ceil(width * scale),
    height: Math.ceil(height * scale),
  }
  if (job.background !== "transparent")
    return { pixels: await resized(paint(small), width, height) }
  const pixels = await resized(paintIsolated(small).pixels, width, height)
  return { pixels, changed: inverse(transparentArea(pixels)) }
}

/** Pictures that look alike have the same hash, in whatever format they came. */
const hashOf = async (pixels: Pixels): Promise<number> =>
  hash((await resized(pixels, 8, 8)).data.join())

const drawingOf = (job: Job, index: number): Drawing => ({
  model: job.model,
  task: job.operation,
  prompt: job.prompt,
  detail: job.detail,
  colors: [],
  seed: job.seed,
  index,
  ...job.size,
  format: job.format === "jpeg" || job.format === "webp" ? job.format : "png",
  ...(job.compression === undefined ? {} : { quality: Math.max(1, job.compression) }),
})

type EditInput = {
  readonly drawing: Drawing
  readonly image: Pixels
  readonly second: Pixels | undefined
}

/** With a mask or markup, only the marked area changes. Without, the whole picture does. */
const edit = async (
  job: Job,
  { mask, markup }: Inputs,
  { drawing, image, second }: EditInput,
): Promise<Painted> => {
  const { width, height } = job.size
  const source = await resized(image, width, height)
  const area = await markedArea(job, mask, markup)
  const painted =
    area === undefined ? await vary(source, second, drawing, 0.5) : fill(source, area, drawing)
  if (job.background === "transparent") return cutOut(painted.pixels)
  const opaque = { width, height, data: painted.pixels.data }
  return { ...painted, pixels: opaque }
}

/** Alpha 0 in a mask marks the area to change; so does what is drawn in a markup. */
const markedArea = async (
  { size: { width, height } }: Job,
  mask: Pixels | undefined,
  markup: Pixels | undefined,
): Promise<Area | undefined> => {
  if (mask !== undefined) return transparentArea(await resized(mask, width, height))
  if (markup !== undefined) return inverse(transparentArea(await resized(markup, width, height)))
  return undefined
}

/** Encodes a picture of a job as base64. */
export const encodePicture = async (job: Job, painted: Painted, index: number): Promise<string> => {
  if (job.format === "svg") return Buffer.from(svgOf(job)).toString("base64")
  const drawing = drawingOf(job, index)
  if (job.format === "gif") return (await animation(job, painted, drawing)).toString("base64")
  return (await finish(painted, drawing)).toString("base64")
}

/** A smaller version of a picture, half as large for each partial image that still follows. */
export const encodePartial = async (
  job: Job,
  { pixels }: Painted,
  partialIndex: number,
): Promise<string> => {
  const scale = 2 ** (partialIndex - job.partialImages)
  const [width, height] = [job.size.width, job.size.height].map((side) =>
    Math.max(1, Math.round(side * scale)),
  )
  const small = await resized(pixels, width ?? 1, height ?? 1)
  const { format, quality } = drawingOf(job, 0)
  return (await encode(small, format, quality)).toString("base64")
}

/** Frames that fade from the picture into another one of the same prompt. */
const animation = async (job: Job, painted: Painted, drawing: Drawing): Promise<Buffer> => {
  const { count, delayMs } = job.frames
  const last = { pixels: paint({ ...drawing, seed: drawing.seed + 1 }) }
  const [from, to] = [await marked(painted, drawing), await marked(last, drawing)]
  const frames = Array.from({ length: count }, (_, frame) => mixed(from, to, frame / (count - 1)))
  return encodeAnimation(frames, delayMs)
}

/** The picture with the mark of an emulated one. */
const marked = async (painted: Painted, drawing: Drawing): Promise<Pixels> => {
  const png = await finish(painted, drawing)
  return (await decode(png.toString("base64"))) ?? painted.pixels
}

const svgOf = ({ size: { width, height }, seed, background }: Job): string => {
  const hue = seed % 360
  const sky =
    background === "transparent"
      ? ""
      : `<rect width="100%" height="100%" fill="hsl(${hue},60%,85%)"/>`
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 100 100" preserveAspectRatio="none">${sky}<circle cx="70" cy="25" r="12" fill="hsl(${hue},80%,60%)"/><path d="M0 100V60Q25 ${30 + (seed % 20)} 50 60T100 60V100Z" fill="hsl(${(hue + 120) % 360},40%,40%)"/><text x="5" y="95" font-size="6">EMULATED</text></svg>`
}
