import { createHash } from "node:crypto"
import {
  decode,
  imageHeader,
  isJsonObject,
  type JsonObject,
  type Pixels,
  paint,
  type Size,
  textAt,
  textsAt,
} from "@pictor/emulator-kit"
import type { Endpoint } from "./endpoints.ts"

/** A picture in a body, by its field: `mask`, or `images.0` in a list. */
export type PictureField = { readonly field: string; readonly text: string }

export const pictureFields = (body: unknown, { pictures }: Endpoint): readonly PictureField[] =>
  pictures.flatMap((name) => {
    const text = isJsonObject(body) ? textAt(body, name) : undefined
    if (text !== undefined) return [{ field: name, text }]
    return textsAt(body, name).map((item, index) => ({ field: `${name}.${index}`, text: item }))
  })

/** A URL stands for a picture of this size: the emulator fetches nothing. */
const urlSize: Size = { width: 1024, height: 1024 }

const isUrl = (text: string): boolean => /^https?:\/\//i.test(text)

/** The base64 of a picture, with or without the start of a data URL. */
export const base64Of = (text: string): string =>
  text.replace(/^data:image\/[a-z0-9.+-]{1,40};base64,/i, "")

/** Reads the header only. Undefined unless it is a png, jpeg or webp. */
export const sizeOf = (text: string): Size | undefined =>
  isUrl(text) ? urlSize : imageHeader(base64Of(text))

/** Undefined for a damaged picture. */
const readPicture = async (text: string): Promise<Pixels | undefined> =>
  isUrl(text) ? pictureBehind(text) : decode(base64Of(text))

type Content = "damaged" | "opaque" | "transparent"

/** The latest results by digest: clients send one picture in many orders. */
const contents = new Map<string, Content>()

const maxContents = 100

/** Decodes a picture. */
export const contentOf = async (text: string): Promise<Content> => {
  const digest = createHash("sha256").update(text).digest("base64")
  const known = contents.get(digest)
  if (known !== undefined) return known
  const pixels = await readPicture(text)
  const content = pixels === undefined ? "damaged" : pixels.alpha ? "transparent" : "opaque"
  if (contents.size >= maxContents) contents.clear()
  contents.set(digest, content)
  return content
}

const pictureBehind = (url: string): Pixels =>
  paint({
    ...urlSize,
    model: "URL",
    task: "",
    prompt: url,
    detail: "",
    colors: [],
    seed: 0,
    index: 0,
    format: "png",
  })

/** The pictures of a checked body, by field. */
export const readPictures = async (
  body: JsonObject,
  endpoint: Endpoint,
): Promise<ReadonlyMap<string, Pixels>> => {
  const pictures = new Map<string, Pixels>()
  for (const { field, text } of pictureFields(body, endpoint)) {
    const pixels = await readPicture(text)
    if (pixels !== undefined) pictures.set(field, pixels)
  }
  return pictures
}
