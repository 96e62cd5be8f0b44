import { decodeBase64, encodeBase64 } from "../bytes/base64.ts"
import { sniff } from "../bytes/image.ts"
import type { ImageOps } from "../contract/image-ops.ts"

const signature = [137, 80, 78, 71, 13, 10, 26, 10]

const four = (value: number): readonly number[] =>
  [24, 16, 8, 0].map((shift) => (value >>> shift) & 255)

const chunk = (name: string, content: readonly number[]): readonly number[] => [
  ...four(content.length),
  ...new TextEncoder().encode(name),
  ...content,
  ...four(0),
]

export interface Drawn {
  readonly width?: number
  readonly height?: number
  /** What the picture shows, in words: the fake image work below says what it did with it. */
  readonly shows?: string
  readonly alpha?: "channel" | "chunk"
}

/** A PNG in its chunks, whose pixels are words. */
export const picture = ({
  width = 64,
  height = 64,
  shows = "a house",
  alpha,
}: Drawn = {}): Uint8Array<ArrayBuffer> =>
  Uint8Array.from([
    ...signature,
    ...chunk("IHDR", [...four(width), ...four(height), 8, alpha === "channel" ? 6 : 2, 0, 0, 0]),
    ...(alpha === "chunk" ? chunk("tRNS", [0, 0, 0, 0, 0, 0]) : []),
    ...chunk("IDAT", [...new TextEncoder().encode(shows)]),
    ...chunk("IEND", []),
  ])

/** What a picture shows, and its size; of bytes or base64. */
export const seen = (image: unknown): string => {
  const bytes = typeof image === "string" ? decodeBase64(image) : (image as Uint8Array)
  const { width, height } = sniff(bytes) ?? { width: 0, height: 0 }
  const text = new TextDecoder("latin1").decode(bytes)
  const start = text.indexOf("IDAT") + 4
  return `${text.slice(start, text.indexOf("IEND", start) - 8)} ${width}x${height}`
}

export const base64 = (drawn?: Drawn): string => encodeBase64(picture(drawn))

const redrawn = (image: Uint8Array, verb: string, size: Drawn = {}): Uint8Array => {
  const [, shows = "", width = "0", height = "0"] = /^(.*) (\d+)x(\d+)$/s.exec(seen(image)) ?? []
  return picture({
    width: Number(width),
    height: Number(height),
    ...size,
    shows: `${verb} ${shows}`,
  })
}

/** Image work on pictures of words: transparent is what shows a hole. */
export const wordOps: ImageOps = {
  maxInputPixels: 50_000_000,
  inspect: async (image) => ({
    mediaType: "image/png",
    width: 1,
    height: 1,
    transparent: seen(image).includes("hole"),
  }),
  isBlackAndWhite: async (image) => seen(image).includes("black and white"),
  hasHole: async (image) => seen(image).includes("hole"),
  fit: async (image) => {
    const { width = 0, height = 0 } = sniff(image) ?? {}
    return {
      image: redrawn(image, "fitted"),
      width,
      height,
      transform: { orientation: 1, width, height },
    }
  },
  applyTransform: async (mask, { width, height }) => redrawn(mask, "turned", { width, height }),
  maskTones: async (mask) => ({
    white: !seen(mask).includes("nothing"),
    black: !seen(mask).includes("everything"),
  }),
  invertMask: async (mask) => redrawn(mask, "inverted"),
  alphaToMask: async (image) => redrawn(image, "holes of"),
  maskToAlpha: async (mask) => redrawn(mask, "cut out"),
  thresholdMask: async (mask) => redrawn(mask, "hard"),
  resizeMask: async (mask, width, height) => redrawn(mask, "resized", { width, height }),
  pad: async (image, { left = 0, right = 0, up = 0, down = 0 }) => {
    const { width = 0, height = 0 } = sniff(image) ?? {}
    const size = { width: left + width + right, height: up + height + down }
    return { image: redrawn(image, "padded", size), mask: picture({ ...size, shows: "margins" }) }
  },
  thumbnail: async (image) => image,
}
