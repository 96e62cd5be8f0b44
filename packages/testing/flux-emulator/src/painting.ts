import {
  type Area,
  type Drawing,
  dress,
  ellipseArea,
  erase,
  extend,
  fill,
  finish,
  grown,
  type JsonObject,
  maskArea,
  numberAt,
  type Painted,
  type Pixels,
  paint,
  resized,
  type Size,
  textAt,
  transparentArea,
  vary,
} from "@pictor/emulator-kit"
import { type Endpoint, endpoints } from "./endpoints.ts"
import { readPictures } from "./pictures.ts"
import type { EndpointName } from "./schemas.ts"

type Scene = {
  readonly body: JsonObject
  readonly drawing: Drawing
  /** The endpoint's first picture. */
  readonly image: Pixels
  readonly second: Pixels | undefined
}

type Painter = (scene: Scene) => Painted | Promise<Painted>

/** Draws and encodes the result of a checked body. */
export const renderResult = async (
  name: EndpointName,
  body: JsonObject,
  size: Size,
  seed: number,
): Promise<Buffer> => {
  const endpoint = endpoints[name]
  const drawing = drawingOf(endpoint, body, size, seed)
  const [image, second] = (await readPictures(body, endpoint)).values()
  const painted =
    image === undefined
      ? await atMost(drawing, (smaller) => ({ pixels: paint(smaller) }))
      : await painters[endpoint.task]({ body, drawing, image, second })
  return finish(painted, drawing)
}

const drawingOf = (endpoint: Endpoint, body: JsonObject, size: Size, seed: number): Drawing => ({
  ...size,
  model: endpoint.label,
  task: endpoint.task,
  prompt: textAt(body, "prompt") ?? "",
  detail: detailOf(body, endpoint),
  colors: [],
  seed,
  index: 0,
  format: formatOf(endpoint, body),
})

/** The settings that have an effect on the picture. */
const detailOf = (body: JsonObject, { pictures }: Endpoint): string =>
  Object.entries(body)
    .filter(([name]) => !withoutEffect.has(name) && !pictures.includes(name))
    .map(([name, value]) => `${name}=${value}`)
    .toSorted()
    .join(" ")

const withoutEffect = new Set([
  ..."prompt seed width height output_format safety_tolerance".split(" "),
  ..."user version webhook_url webhook_secret".split(" "),
])

export const formatOf = ({ format }: Endpoint, body: JsonObject): Drawing["format"] => {
  const asked = textAt(body, "output_format")
  return asked === "png" || asked === "jpeg" || asked === "webp" ? asked : format
}

/** A larger picture is drawn at this size and enlarged. */
const maxDrawnPixels = 2_097_152

const atMost = async (
  drawing: Drawing,
  painter: (drawing: Drawing) => Painted | Promise<Painted>,
) => {
  const { width, height } = drawing
  const scale = Math.min(1, Math.sqrt(maxDrawnPixels / (width * height)))
  const smaller = { width: Math.ceil(width * scale), height: Math.ceil(height * scale) }
  const { pixels } = await painter({ ...drawing, ...smaller })
  return { pixels: await resized(pixels, width, height) }
}

/** White in the mask, or transparency without a mask, marks the area to change. */
const maskedArea = ({ image, second }: Scene): Area =>
  second === undefined ? transparentArea(image) : maskArea(second, "white")

/** The place of a garment on a person in the middle of the picture. */
const upperBody = { left: 0.28, top: 0.2, width: 0.44, height: 0.34 }

const painters: { readonly [task in Endpoint["task"]]: Painter } = {
  /** The input in other colours, with those of a second picture if there is one. */
  compose: ({ drawing, image, second }) =>
    atMost(drawing, (smaller) => vary(image, second, smaller, 0.6)),
  fill: (scene) => fill(scene.image, maskedArea(scene), scene.drawing),
  erase: (scene) =>
    erase(
      scene.image,
      grown(maskedArea(scene), numberAt(scene.body, "dilate_pixels") ?? 0),
      scene.drawing,
    ),
  expand: ({ body, drawing, image }) =>
    extend(
      image,
      { left: numberAt(body, "left") ?? 0, top: numberAt(body, "top") ?? 0 },
      drawing,
      0.5,
    ),
  outpaint: ({ body, drawing, image }) => outpaint(body, drawing, image),
  dress: ({ drawing, image, second }) =>
    dress(image, second ?? image, ellipseArea(image, upperBody), drawing),
  deblur: ({ image }) => sharpen(image),
}

/** Without offsets the picture lies in the middle. What lies outside the canvas is cut off. */
const outpaint = (body: JsonObject, drawing: Drawing, image: Pixels): Promise<Painted> => {
  const left = numberAt(body, "reference_offset_x") ?? Math.floor((drawing.width - image.width) / 2)
  const top =
    numberAt(body, "reference_offset_y") ?? Math.floor((drawing.height - image.height) / 2)
  const place = { left: Math.max(0, left), top: Math.max(0, top) }
  return extend(visiblePart(image, { left, top }, drawing), place, drawing, 0.5)
}

type Place = { readonly left: number; readonly top: number }

/** The part of a picture at this place that lies on the canvas. */
const visiblePart = (image: Pixels, { left, top }: Place, canvas: Size): Pixels => {
  const from = { x: Math.max(0, -left), y: Math.max(0, -top) }
  const width = Math.min(image.width - from.x, canvas.width - Math.max(0, left))
  const height = Math.min(image.height - from.y, canvas.height - Math.max(0, top))
  const cut = (plane: Uint8Array, channels: number): Uint8Array => {
    const part = new Uint8Array(width * height * channels)
    for (let y = 0; y < height; y += 1) {
      const start = ((y + from.y) * image.width + from.x) * channels
      part.set(plane.subarray(start, start + width * channels), y * width * channels)
    }
    return part
  }
  return {
    width,
    height,
    data: cut(image.data, 3),
    ...(image.alpha === undefined ? {} : { alpha: cut(image.alpha, 1) }),
  }
}

/** Doubles the difference between each pixel and its neighbours. */
const sharpen = async ({ width, height, data, alpha }: Pixels): Promise<Painted> => {
  const half = { width: Math.max(1, width >> 1), height: Math.max(1, height >> 1) }
  const coarse = await resized({ width, height, data }, half.width, half.height)
  const blurred = await resized(coarse, width, height)
  const sharp = new Uint8Array(data.length)
  for (let index = 0; index < data.length; index += 1)
    sharp[index] = Math.min(255, Math.max(0, 2 * (data[index] ?? 0) - (blurred.data[index] ?? 0)))
  return { pixels: { width, height, data: sharp, ...(alpha === undefined ? {} : { alpha }) } }
}
