import type { Base64 } from "./adapter.ts"
import { charactersOf, decodePrefix } from "./base64.ts"

/** What an image's first bytes say; sizes in pixels. */
export interface Sniffed {
  readonly mediaType: "image/png" | "image/jpeg" | "image/webp" | "image/gif"
  readonly width: number
  readonly height: number
}

/** Reads the head of a PNG, JPEG, WebP or GIF; undefined for anything else, also a head that is cut off or has no area. Never throws. */
export const sniff = (bytes: Uint8Array): Sniffed | undefined => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const found = png(view) ?? gif(view) ?? webp(view) ?? jpeg(view)
  return found && found.width > 0 && found.height > 0 ? found : undefined
}

/** As {@link sniff}, decoding no more than it takes: 96 bytes, and for a JPEG whatever stands before its frame. */
export const sniffBase64 = (data: Base64): Sniffed | undefined => {
  try {
    const characters = charactersOf(data)
    for (let length = 128; ; length *= 8) {
      const head = decodePrefix(characters, length)
      const found = head && sniff(head)
      if (found || length >= characters.length || head?.[0] !== 0xff) return found
    }
  } catch {
    return undefined
  }
}

const has = (view: DataView, at: number, ascii: string): boolean => {
  if (view.byteLength < at + ascii.length) return false
  for (let index = 0; index < ascii.length; index++) if (view.getUint8(at + index) !== ascii.charCodeAt(index)) return false
  return true
}

const png = (view: DataView): Sniffed | undefined =>
  has(view, 0, "\x89PNG\r\n\x1a\n") && has(view, 12, "IHDR") && view.byteLength >= 24
    ? { mediaType: "image/png", width: view.getUint32(16), height: view.getUint32(20) }
    : undefined

const gif = (view: DataView): Sniffed | undefined =>
  (has(view, 0, "GIF87a") || has(view, 0, "GIF89a")) && view.byteLength >= 10
    ? { mediaType: "image/gif", width: view.getUint16(6, true), height: view.getUint16(8, true) }
    : undefined

/** https://developers.google.com/speed/webp/docs/riff_container, seen 2026-11-20. */
const webp = (view: DataView): Sniffed | undefined => {
  if (!has(view, 0, "RIFF") || !has(view, 8, "WEBP") || view.byteLength < 25) return undefined
  const of = (width: number, height: number): Sniffed => ({ mediaType: "image/webp", width, height })
  if (has(view, 12, "VP8L") && has(view, 20, "\x2f")) {
    const packed = view.getUint32(21, true)
    return of((packed & 0x3fff) + 1, ((packed >>> 14) & 0x3fff) + 1)
  }
  if (view.byteLength < 30) return undefined
  if (has(view, 12, "VP8X")) return of((view.getUint32(24, true) & 0xffffff) + 1, (view.getUint32(26, true) >>> 8) + 1)
  const isLossy = has(view, 12, "VP8 ") && has(view, 23, "\x9d\x01\x2a")
  return isLossy ? of(view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff) : undefined
}

/** https://www.w3.org/Graphics/JPEG/itu-t81.pdf (annex B), seen 2026-11-20. */
const jpeg = (view: DataView): Sniffed | undefined => {
  if (!has(view, 0, "\xff\xd8")) return undefined
  for (let at = 2; at + 9 <= view.byteLength; ) {
    const marker = view.getUint8(at + 1)
    if (view.getUint8(at) !== 0xff || marker === 0xd9 || marker === 0xda) return undefined
    if (isFrame(marker)) return { mediaType: "image/jpeg", width: view.getUint16(at + 7), height: view.getUint16(at + 5) }
    // 0xff before a marker is a fill byte; 0x01 and 0xd0 to 0xd8 stand alone.
    if (marker === 0xff) at += 1
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) at += 2
    else at += 2 + view.getUint16(at + 2)
  }
  return undefined
}

/** SOF0 to SOF15 without the three codes among them that are DHT, JPG and DAC. */
const isFrame = (marker: number): boolean => marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
