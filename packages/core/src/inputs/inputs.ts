import { encodeBase64, fromDataUrlOrBase64 } from "../bytes/base64.ts"
import { sha256 } from "../bytes/sha256.ts"
import { sniff } from "../bytes/sniff.ts"
import type { ImageLimits } from "../contract/card.ts"
import type { InputImage } from "../contract/plan.ts"
import type { Notes } from "../planning/notes.ts"
import { ownBytes } from "../planning/snapshot.ts"

/** An input image that was read: as it is sent, and its bytes. */
export interface Input {
  readonly image: InputImage
  readonly bytes: Uint8Array<ArrayBuffer>
}

const bytesOf = async (source: unknown): Promise<Uint8Array<ArrayBuffer> | undefined> => {
  if (typeof source === "string") return fromDataUrlOrBase64(source)
  if (source instanceof ArrayBuffer) return new Uint8Array(ownBytes(source))
  if (source instanceof Blob) return new Uint8Array(await source.arrayBuffer())
  return source instanceof Uint8Array ? (ownBytes(source) as Uint8Array<ArrayBuffer>) : undefined
}

/** Bytes as an input; undefined where they are of no known format. */
export const toInput = async (bytes: Uint8Array<ArrayBuffer>): Promise<Input | undefined> => {
  const found = sniff(bytes)
  return (
    found && {
      bytes,
      image: {
        ...found,
        base64: encodeBase64(bytes),
        byteLength: bytes.byteLength,
        sha256: await sha256(bytes),
      },
    }
  )
}

/** Reads an input image; what is none is an issue. */
export const readInput = async (
  path: string,
  source: unknown,
  notes: Notes,
): Promise<Input | undefined> => {
  const input = await bytesOf(source)
    .then((bytes) => bytes && toInput(bytes))
    .catch(() => undefined)
  if (!input)
    notes.invalid(
      path,
      `${path} is no image that can be read.`,
      "Uint8Array, ArrayBuffer, Blob, data URL or base64 of a PNG, JPEG, WebP or GIF",
      typeof source,
    )
  return input
}

const outside = (
  value: number,
  [min, max]: readonly [number, number] = [0, Number.POSITIVE_INFINITY],
): boolean => value < min || value > max

/** Every limit that an image breaks is an issue with the limit and the value. */
export const checkLimits = (
  path: string,
  { width, height, mediaType, byteLength }: InputImage,
  limits: ImageLimits,
  notes: Notes,
): void => {
  const {
    types,
    side,
    pixels,
    ratio = Number.POSITIVE_INFINITY,
    bytes = Number.POSITIVE_INFINITY,
  } = limits
  const aspect = Math.max(width, height) / Math.min(width, height)
  const rules = [
    [!types.includes(mediaType), mediaType, types.join(", ")],
    [
      outside(width, side) || outside(height, side),
      `${width}x${height} pixels`,
      `sides of ${side?.join(" to ")} pixels`,
    ],
    [outside(width * height, pixels), `${width * height} pixels`, `${pixels?.join(" to ")} pixels`],
    [aspect > ratio, `${Math.round(aspect * 100) / 100}:1`, `at most ${ratio}:1`],
    [byteLength > bytes, `${byteLength} bytes`, `at most ${bytes} bytes`],
  ] as const
  for (const [broken, given, allowed] of rules)
    if (broken)
      notes.invalid(
        path,
        `${path} is of ${given}; the model takes ${allowed}. fitImage of @pictor/images makes it fit.`,
        allowed,
        given,
      )
}
