import { encodeBase64, fromDataUrlOrBase64 } from "../../bytes/base64.ts"
import { sniff } from "../../bytes/image.ts"
import type { ImageLimits } from "../../contract/card.ts"
import { isImageError } from "../../contract/errors.ts"
import type { ImageOps } from "../../contract/image-ops.ts"
import type { InputImage } from "../../contract/plan.ts"
import { sha256 } from "../../lib/sha256.ts"
import type { Notes } from "../diagnostics.ts"
import { ownBytes } from "../plan.ts"

/** What preparing needs to know beside the request. */
export interface Workshop {
  readonly ops: ImageOps | undefined
  readonly notes: Notes
}

/** The image work that a request needs, or an issue that says how to come by it. */
export const needOps = (
  path: string,
  what: string,
  { ops, notes }: Workshop,
): ImageOps | undefined => {
  if (!ops)
    notes.unsupported(
      path,
      `the model needs ${what}: give createPictor({ imageOps: sharpImages() }) of @pictor/images.`,
    )
  return ops
}

/** A library's answer; what it refuses is an issue. */
export const worked = async <Out>(
  path: string,
  { notes }: Workshop,
  work: () => Promise<Out>,
): Promise<Out | undefined> => {
  try {
    return await work()
  } catch (cause) {
    const say = isImageError(cause, "unsupported") ? notes.unsupported : notes.invalid
    // Only Pictor's own errors are known to say nothing of an image's bytes.
    say(
      path,
      isImageError(cause)
        ? `${path}: ${cause.message}`
        : `${path} could not be worked on by createPictor({ images }).`,
    )
    return undefined
  }
}

/** The bytes that a library made, as an input; what is no image is an issue. */
export const made = async (
  path: string,
  workshop: Workshop,
  work: () => Promise<Uint8Array>,
): Promise<Input | undefined> => {
  const bytes = await worked(path, workshop, work)
  const input = bytes && (await toInput(new Uint8Array(bytes)))
  if (bytes && !input)
    workshop.notes.invalid(
      path,
      `createPictor({ images }) made no image that can be read of ${path}.`,
    )
  return input
}

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
