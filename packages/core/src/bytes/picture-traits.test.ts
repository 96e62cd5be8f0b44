import { describe, expect, it } from "vitest"
import { type PictureTraits, traitsOf } from "./picture-traits.ts"

const ascii = (text: string): readonly number[] => [...text].map((each) => each.charCodeAt(0))
const be32 = (value: number) => [
  value >>> 24,
  (value >>> 16) & 255,
  (value >>> 8) & 255,
  value & 255,
]
const be16 = (value: number) => be32(value).slice(2)
const le32 = (value: number) => be32(value).toReversed()
const le16 = (value: number) => be16(value).toReversed()

const exifHead = ascii("Exif\0\0")
/** A TIFF whose directory has an entry before the orientation. */
const tiff = [
  ...ascii("II*\0"),
  ...le32(8),
  ...le16(2),
  ...[0x0100, 3].flatMap(le16),
  ...[1, 640].flatMap(le32),
  ...[0x0112, 3].flatMap(le16),
  ...[1, 6].flatMap(le32),
  ...le32(0),
]
/** The orientation alone, with the highest byte first. */
const bigEndianTiff = [
  ...ascii("MM\0*"),
  ...be32(8),
  ...[1, 0x0112, 3].flatMap(be16),
  ...be32(1),
  ...[6, 0].flatMap(be16),
  ...be32(0),
]

const riffChunk = (name: string, content: readonly number[]) => [
  ...ascii(name),
  ...le32(content.length),
  ...content,
  ...(content.length % 2 === 1 ? [0] : []),
]
const webp = (...chunks: readonly (readonly number[])[]) => [
  ...ascii("RIFF"),
  ...le32(4 + chunks.flat().length),
  ...ascii("WEBP"),
  ...chunks.flat(),
]
const extended = riffChunk("VP8X", [0x2c, 0, 0, 0, 9, 0, 0, 9, 0, 0])
const profile = riffChunk("ICCP", [1, 2, 3])

const pngChunk = (name: string, content: readonly number[]) => [
  ...be32(content.length),
  ...ascii(name),
  ...content,
  ...be32(0),
]
const png = (depth: number, type: number, ...chunks: readonly (readonly number[])[]) => [
  137,
  ...ascii("PNG\r\n\u001A\n"),
  ...pngChunk("IHDR", [...be32(9), ...be32(9), depth, type, 0, 0, 0]),
  ...chunks.flat(),
  ...pngChunk("IDAT", [0]),
]

const segment = (marker: number, content: readonly number[]) => [
  0xff,
  marker,
  ...be16(content.length + 2),
  ...content,
]
const frame = (precision: number, channels: number) =>
  segment(0xc0, [precision, 0, 9, 0, 9, channels])
const jpeg = (...parts: readonly (readonly number[])[]) => [0xff, 0xd8, ...parts.flat()]
const app1 = segment(0xe1, [...exifHead, ...tiff])

const upright = { orientation: 1, colors: "RGB" } as const
const turned = { orientation: 6, colors: "RGB" } as const

const pictures: readonly (readonly [
  what: string,
  mediaType: string,
  bytes: readonly number[],
  traits: PictureTraits,
])[] = [
  ["a plain JPEG", "image/jpeg", jpeg(frame(8, 3)), upright],
  ["a turned JPEG", "image/jpeg", jpeg(app1, frame(8, 3)), turned],
  ["a JPEG in grey", "image/jpeg", jpeg(frame(8, 1)), { ...upright, colors: "grey" }],
  ["a JPEG in CMYK", "image/jpeg", jpeg(frame(8, 4)), { ...upright, colors: "CMYK" }],
  ["a JPEG of 12 bits", "image/jpeg", jpeg(frame(12, 3)), { ...upright, colors: "16-bit" }],
  ["a plain PNG", "image/png", png(8, 2), upright],
  ["a turned PNG", "image/png", png(8, 2, pngChunk("eXIf", tiff)), turned],
  ["a big-endian PNG", "image/png", png(8, 2, pngChunk("eXIf", bigEndianTiff)), turned],
  ["a PNG in grey", "image/png", png(8, 0), { ...upright, colors: "grey" }],
  ["a PNG in grey with alpha", "image/png", png(8, 4), { ...upright, colors: "grey" }],
  ["a PNG with a palette", "image/png", png(8, 3), { ...upright, colors: "palette" }],
  ["a PNG of 16 bits", "image/png", png(16, 2), { ...upright, colors: "16-bit" }],
  ["a plain WebP", "image/webp", webp(riffChunk("VP8 ", [0, 0])), upright],
  ["an extended WebP", "image/webp", webp(extended, profile), upright],
  ["a turned WebP", "image/webp", webp(extended, profile, riffChunk("EXIF", tiff)), turned],
  [
    "a turned WebP with the head of JPEG's EXIF",
    "image/webp",
    webp(extended, riffChunk("EXIF", [...exifHead, ...tiff])),
    turned,
  ],
  ["a GIF", "image/gif", ascii("GIF89a"), { ...upright, colors: "palette" }],
]

describe("traitsOf", () => {
  it.each(pictures)("reads %s", (_, mediaType, bytes, traits) => {
    expect(traitsOf(Uint8Array.from(bytes), mediaType)).toEqual(traits)
  })

  it.each(pictures)("reads %s that ends anywhere", (_, mediaType, bytes) => {
    for (let length = 0; length < bytes.length; length += 1)
      expect(traitsOf(Uint8Array.from(bytes.slice(0, length)), mediaType)).toBeDefined()
  })
})
