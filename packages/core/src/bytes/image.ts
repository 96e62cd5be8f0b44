import type { Base64 } from "../contract/adapter.ts"
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
  standardBase64,
  standardBase64Bytes,
} from "./base64.ts"

const extensions = {
  "image/png": "png",
  "image/jpeg": "jpg",
  "image/webp": "webp",
  "image/gif": "gif",
  "application/octet-stream": "bin",
} as const

export interface ImageOptions {
  readonly data: Base64
  readonly seed?: number | undefined
  readonly recipe: Recipe
}

/** The facts in an image's first bytes; sizes in pixels. */
export interface Sniffed {
  readonly mediaType: "image/png" | "image/jpeg" | "image/webp" | "image/gif"
  readonly width: number
  readonly height: number
}

/**
 * An image that decodes its bytes again for each `bytes()`, `blob()` and `sha256()`: it keeps no
 * decoded bytes, and the caller owns the result. Creating it never throws. If the data is not
 * base64, its methods fail with `invalid_response`.
 */
export const createImage = ({ data, seed, recipe }: ImageOptions): Image => {
  const { mediaType, width, height } = sniffBase64(data) ?? {
    mediaType: "application/octet-stream",
    width: Number.NaN,
    height: Number.NaN,
  }
  const extension = extensions[mediaType]
  const read = <Result>(use: (characters: Characters) => Result): Result => {
    try {
      return use(charactersOf(data))
    } catch (cause) {
      throw imageError(
        "invalid_response",
        `The image that ${recipe.model} returned is not valid base64.`,
        { cause },
      )
    }
  }
  const bytes = () => read(decodeBase64)
  const facts = { mediaType, extension, width, height, ...defined({ seed }) }
  return {
    ...facts,
    recipe,
    bytes,
    base64: () => read(standardBase64),
    base64Bytes: () => read(standardBase64Bytes),
    blob: () => new Blob([bytes()], { type: mediaType }),
    stream: () => {
      let pieces: ReturnType<typeof decodePieces> | undefined
      return new ReadableStream<Uint8Array<ArrayBuffer>>(
        {
          pull(controller) {
            const { done, value } = read((characters) => {
              pieces ??= decodePieces(characters)
              return pieces.next()
            })
            if (done) controller.close()
            else controller.enqueue(value)
          },
        },
        // Decodes nothing before it is read.
        { highWaterMark: 0 },
      )
    },
    sha256: async () => sha256(bytes()),
    detach: () =>
      createImage({
        data: typeof data === "string" ? data : { base64: Uint8Array.from(data.base64) },
        seed,
        recipe,
      }),
  }
}

/** Is the value what `lift` leaves of an image? Blanks and padding alone are no image. */
export const isImageData = (value: unknown): value is Base64 =>
  typeof value === "string"
    ? !isBlank(value.length, (at) => value.charCodeAt(at))
    : isRecord(value) && value["base64"] instanceof Uint8Array && hasBytes(value["base64"])

const hasBytes = (base64: Uint8Array): boolean =>
  !isBlank(base64.length, (at) => base64[at] as number)

/** Ends at the first character that is neither a blank nor padding. */
const isBlank = (length: number, codeAt: (at: number) => number): boolean => {
  for (let at = 0; at < length; at++) {
    const code = codeAt(at)
    if (code !== 0x20 && code !== 0x3d && (code < 0x09 || code > 0x0d)) return false
  }
  return true
}

/**
 * Reads the head of a PNG, JPEG, WebP or GIF. Undefined for anything else, also for a truncated
 * head or an image without area. Never throws.
 */
export const sniff = (bytes: Uint8Array): Sniffed | undefined => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let head = ""
  for (const byte of bytes.subarray(0, 30)) head += String.fromCharCode(byte)
  const found = png(view, head) ?? gif(view, head) ?? webp(view, head) ?? jpeg(view, head)
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

/** https://www.w3.org/Graphics/JPEG/itu-t81.pdf (annex B), seen 2026-11-20. */
const jpeg = (view: DataView, head: string): Sniffed | undefined => {
  if (!head.startsWith("\xff\xd8")) return undefined
  for (let at = 2; at + 9 <= view.byteLength; ) {
    const marker = view.getUint8(at + 1)
    if (view.getUint8(at) !== 0xff || marker === 0xd9 || marker === 0xda) return undefined
    if (isFrame(marker))
      return {
        mediaType: "image/jpeg",
        width: view.getUint16(at + 7),
        height: view.getUint16(at + 5),
      }
    // 0xff before a marker is a fill byte; 0x01 and 0xd0 to 0xd8 stand alone.
    if (marker === 0xff) at += 1
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) at += 2
    else at += 2 + view.getUint16(at + 2)
  }
  return undefined
}

/** SOF0 to SOF15 except DHT, JPG and DAC. */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
