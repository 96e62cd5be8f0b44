import type { Base64, ImageData } from "../contract/adapter.ts"
import { imageError } from "../contract/errors.ts"
import type { Image, Recipe } from "../contract/image.ts"
import { defined, isRecord } from "../lib/object.ts"
import { sha256 } from "../lib/sha256.ts"
import {
  type Characters,
  charactersOf,
  decodeBase64,
  decodePieces,
  decodePrefix,
  encodeBase64,
  headLength,
  standardBase64,
  standardBase64Bytes,
} from "./base64.ts"
import { segmentsOfJpeg, textAt, viewOf } from "./segments.ts"

const extensions = {
  "image/png": "png",
  "image/jpeg": "jpg",
  "image/webp": "webp",
  "image/gif": "gif",
  "application/octet-stream": "bin",
} as const

export interface ImageOptions {
  readonly data: ImageData
  readonly seed?: number | undefined
  readonly recipe: Recipe
}

export interface Sniffed {
  readonly mediaType: "image/png" | "image/jpeg" | "image/webp" | "image/gif"
  readonly width: number
  readonly height: number
}

/**
 * An image that decodes its bytes again for each `bytes()`, `blob()` and `sha256()`: it keeps no
 * decoded bytes, and the caller owns the result. One that came as bytes keeps them, and encodes
 * base64 on demand. Creating it never throws. If the data is not base64, its methods fail with
 * `invalid_response`.
 */
export const createImage = ({ data, seed, recipe }: ImageOptions): Image => {
  const { mediaType, width, height } = sniffData(data) ?? {
    mediaType: "application/octet-stream",
    width: NaN,
    height: NaN,
  }
  const extension = extensions[mediaType]
  const facts = { mediaType, extension, width, height, ...defined({ seed }) }
  const content = hasBytes(data) ? rawContent(data.bytes) : encodedContent(data, recipe.model)
  return {
    ...facts,
    recipe,
    ...content,
    blob: () => new Blob([content.bytes()], { type: mediaType }),
    sha256: async () => sha256(content.bytes()),
    detach: () => createImage({ data: detached(data), seed, recipe }),
  }
}

const hasBytes = (data: ImageData): data is { readonly bytes: Uint8Array } =>
  typeof data === "object" && "bytes" in data

type Content = Pick<Image, "bytes" | "base64" | "base64Bytes" | "stream">

const encodedContent = (data: Base64, model: string): Content => {
  const read = <Result>(use: (characters: Characters) => Result): Result => {
    try {
      return use(charactersOf(data))
    } catch (cause) {
      throw imageError(
        "invalid_response",
        `The image that ${model} returned is not valid base64.`,
        { cause },
      )
    }
  }
  return {
    bytes: () => read(decodeBase64),
    base64: () => read(standardBase64),
    base64Bytes: () => read(standardBase64Bytes),
    stream: () => {
      let pieces: ReturnType<typeof decodePieces> | undefined
      return streamOf(() =>
        read((characters) => {
          pieces ??= decodePieces(characters)
          return pieces.next().value ?? undefined
        }),
      )
    },
  }
}

/** As large as the pieces that are decoded from base64. */
const pieceBytes = 49_152

const rawContent = (raw: Uint8Array): Content => ({
  bytes: () => Uint8Array.from(raw),
  base64: () => encodeBase64(raw),
  base64Bytes: () => new TextEncoder().encode(encodeBase64(raw)),
  stream: () => {
    let from = 0
    return streamOf(() => {
      const piece = Uint8Array.from(raw.subarray(from, from + pieceBytes))
      from += pieceBytes
      return piece.length > 0 ? piece : undefined
    })
  },
})

const streamOf = (
  next: () => Uint8Array<ArrayBuffer> | undefined,
): ReadableStream<Uint8Array<ArrayBuffer>> =>
  new ReadableStream(
    {
      pull(controller) {
        const piece = next()
        if (piece) controller.enqueue(piece)
        else controller.close()
      },
    },
    // Reads nothing before it is asked to.
    { highWaterMark: 0 },
  )

const detached = (data: ImageData): ImageData => {
  if (typeof data === "string") return data
  return hasBytes(data)
    ? { bytes: Uint8Array.from(data.bytes) }
    : { base64: Uint8Array.from(data.base64) }
}

const sniffData = (data: ImageData): Sniffed | undefined =>
  hasBytes(data) ? sniff(data.bytes) : sniffBase64(data)

/** Is the value a picture of a reply? Blanks and padding alone are no image. */
export const isImageData = (value: unknown): value is ImageData => {
  if (typeof value === "string") return hasContent(value)
  if (!isRecord(value)) return false
  const { base64, bytes } = value
  return (
    (base64 instanceof Uint8Array && hasContent(base64)) ||
    (bytes instanceof Uint8Array && bytes.length > 0)
  )
}

const blanks: ReadonlySet<string | number | undefined> = new Set(
  [" ", "\t", "\n", "\f", "\r", "="].flatMap((blank) => [blank, blank.charCodeAt(0)]),
)

const hasContent = (data: string | Uint8Array): boolean => {
  let at = typeof data === "string" ? headLength(data) : 0
  while (at < data.length && blanks.has(data[at])) at++
  return at < data.length
}

/**
 * Reads the head of a PNG, JPEG, WebP or GIF. Undefined for anything else, also for a truncated
 * head or an image without area. Never throws.
 */
export const sniff = (bytes: Uint8Array): Sniffed | undefined => {
  const view = viewOf(bytes)
  const head = textAt(view, 0, 30)
  const found = png(view, head) ?? gif(view, head) ?? webp(view, head) ?? jpeg(view)
  return found && found.width > 0 && found.height > 0 ? found : undefined
}

/** As {@link sniff}. Decodes 96 bytes, and of a JPEG all that precedes its frame. */
export const sniffBase64 = (data: Base64): Sniffed | undefined => {
  try {
    const characters = charactersOf(data)
    for (let length = 128; ; length *= 8) {
      const head = decodePrefix(characters, length)
      const found = sniff(head)
      if (found || length >= characters.length || head[0] !== 0xff) return found
    }
  } catch {
    return undefined
  }
}

const png = (view: DataView, head: string): Sniffed | undefined =>
  head.startsWith("\x89PNG\r\n\x1a\n\0\0\0\rIHDR") && head.length >= 24
    ? { mediaType: "image/png", width: view.getUint32(16), height: view.getUint32(20) }
    : undefined

const gif = (view: DataView, head: string): Sniffed | undefined =>
  /^GIF8[79]a/.test(head) && head.length >= 10
    ? { mediaType: "image/gif", width: view.getUint16(6, true), height: view.getUint16(8, true) }
    : undefined

/** https://developers.google.com/speed/webp/docs/riff_container, seen 2026-11-20. */
const webp = (view: DataView, head: string): Sniffed | undefined => {
  const kind = /^RIFF.{4}WEBPVP8([ LX])/s.exec(head)?.[1]
  if (kind === "L" && head[20] === "/" && head.length >= 25) {
    const packed = view.getUint32(21, true)
    return webpOf((packed & 0x3fff) + 1, ((packed >>> 14) & 0x3fff) + 1)
  }
  if (head.length < 30) return undefined
  if (kind === "X")
    return webpOf((view.getUint32(24, true) & 0xffffff) + 1, (view.getUint32(26, true) >>> 8) + 1)
  const isLossy = kind === " " && head.startsWith("\x9d\x01\x2a", 23)
  return isLossy
    ? webpOf(view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff)
    : undefined
}

const webpOf = (width: number, height: number): Sniffed => ({
  mediaType: "image/webp",
  width,
  height,
})

const jpeg = (view: DataView): Sniffed | undefined => {
  for (const { start, isFrame } of segmentsOfJpeg(view))
    if (isFrame)
      return {
        mediaType: "image/jpeg",
        width: view.getUint16(start + 3),
        height: view.getUint16(start + 1),
      }
  return undefined
}
