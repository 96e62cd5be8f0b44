import { encodeBase64, fromDataUrlOrBase64 } from "../../bytes/base64.ts"
import { sniff } from "../../bytes/image.ts"
import { foreignFormat } from "../../bytes/picture-traits.ts"
import type { ImageLimits } from "../../contract/card.ts"
import { isImageError } from "../../contract/errors.ts"
import type { ImageOps, Transform } from "../../contract/image-ops.ts"
import type { InputImage } from "../../contract/plan.ts"
import { sha256 } from "../../lib/sha256.ts"
import { formatNumber } from "../../models/suggest.ts"
import type { Diagnostics } from "../diagnostics.ts"

/** An input image as it is sent, and its bytes. */
export interface Input {
  readonly image: InputImage
  readonly bytes: Uint8Array<ArrayBuffer>
  /** A mask made of the stored pixels of its image. */
  readonly isStored?: true
  /** The changes that fitted it to the model's limits, if any. */
  readonly fitted?: { readonly from: InputImage; readonly transform: Transform }
}

/** What preparing an image needs beside the request. */
export interface ImageTools {
  readonly ops: ImageOps | undefined
  readonly diagnostics: Diagnostics
  readonly maxInputPixels: number
}

const readable = "Uint8Array, ArrayBuffer, Blob, data URL or base64 of a PNG, JPEG, WebP or GIF"

/** Reads an input image. An unreadable one is an issue. */
export const readInput = async (
  path: string,
  source: unknown,
  diagnostics: Diagnostics,
): Promise<Input | undefined> => {
  const bytes = await bytesOf(source).catch(() => undefined)
  const input = bytes && (await toInput(bytes).catch(() => undefined))
  if (input) return input
  const format = bytes && foreignFormat(bytes)
  const problem =
    format === undefined ? "is not a readable image" : `is ${format}, which is not supported`
  return diagnostics.invalid(path, `${path} ${problem}.`, {
    allowed: readable,
    given: format ?? typeof source,
    remedy: `Give a ${readable}.`,
  })
}

/** As {@link readInput}. More pixels than the client decodes are an issue. */
export const readBounded = async (
  path: string,
  source: unknown,
  { diagnostics, maxInputPixels }: ImageTools,
): Promise<Input | undefined> => {
  const input = await readInput(path, source, diagnostics)
  if (!input) return undefined
  const pixels = input.image.width * input.image.height
  if (pixels <= maxInputPixels) return input
  const [given, most] = [pixels, maxInputPixels].map(formatNumber)
  return diagnostics.invalid(path, `${path} has ${given} pixels; at most ${most} are taken.`, {
    allowed: `at most ${most} pixels`,
    given: pixels,
  })
}

/** Bytes as an input; undefined where their format is unknown. */
export const toInput = async (bytes: Uint8Array<ArrayBuffer>): Promise<Input | undefined> => {
  const facts = sniff(bytes)
  if (!facts) return undefined
  const { byteLength } = bytes
  const image = { ...facts, base64: encodeBase64(bytes), byteLength, sha256: await sha256(bytes) }
  return { bytes, image }
}

/** A copy of bytes; a copy is returned unchanged, and so is a detached buffer. */
export const ownBytes = <Bytes extends Uint8Array | ArrayBuffer>(bytes: Bytes): Bytes => {
  if (copies.has(bytes)) return bytes
  try {
    const copy = bytes instanceof ArrayBuffer ? bytes.slice(0) : new Uint8Array(bytes)
    copies.add(copy)
    return copy as Bytes
  } catch {
    return bytes
  }
}

/** A limit that an image exceeds. */
export interface LimitProblem {
  readonly limit: "type" | "side" | "pixels" | "ratio" | "bytes"
  readonly given: string
  readonly allowed: string
}

export const limitProblems = (
  { width, height, mediaType, byteLength }: InputImage,
  { types, side, pixels, ratio = Infinity, bytes = Infinity }: ImageLimits,
): readonly LimitProblem[] => {
  const aspect = Math.max(width, height) / Math.min(width, height)
  const size = `${formatNumber(width)}x${formatNumber(height)}`
  const area = width * height
  const found: readonly (false | readonly [LimitProblem["limit"], string, string])[] = [
    !types.includes(mediaType) && ["type", mediaType, types.join(", ")],
    (isOutside(width, side) || isOutside(height, side)) && [
      "side",
      `${size} pixels`,
      `sides of ${rangeText(side)} pixels`,
    ],
    isOutside(area, pixels) && ["pixels", `${formatNumber(area)} pixels`, rangeText(pixels)],
    aspect > ratio && ["ratio", `${Math.round(aspect * 100) / 100}:1`, `at most ${ratio}:1`],
    byteLength > bytes && [
      "bytes",
      `${formatNumber(byteLength)} bytes`,
      `at most ${formatNumber(bytes)}`,
    ],
  ]
  return found.flatMap((each) => {
    if (!each) return []
    const [limit, given, allowed] = each
    return [{ limit, given, allowed }]
  })
}

/** Completes a sentence that starts with the image. */
export const limitText = ({ limit, given, allowed }: LimitProblem): string =>
  `${limit === "pixels" || limit === "bytes" ? "has" : "is"} ${given}; the model takes ${allowed}`

/** Every limit that an image exceeds is an issue. */
export const checkLimits = (
  path: string,
  image: InputImage,
  limits: ImageLimits,
  diagnostics: Diagnostics,
): void => {
  for (const problem of limitProblems(image, limits))
    diagnostics.invalid(path, `${path} ${limitText(problem)}.`, {
      allowed: problem.allowed,
      given: problem.given,
      remedy: "fitImage of @pictor/images makes it fit.",
    })
}

/** The image operations, or an issue that says how to install them. */
export const requireOps = (
  path: string,
  work: string,
  { ops, diagnostics }: ImageTools,
): ImageOps | undefined => {
  if (!ops)
    diagnostics.unsupported(path, `the model needs ${work}, and no image library is installed.`, {
      remedy: "Give createPictor({ imageOps: sharpImages() }) of @pictor/images.",
    })
  return ops
}

/** The result of an image operation. Its failure is an issue. */
export const runOp = async <Result>(
  path: string,
  { diagnostics }: ImageTools,
  work: () => Promise<Result>,
): Promise<Result | undefined> => {
  try {
    return await work()
  } catch (cause) {
    // The host has no memory for the picture now.
    if (isImageError(cause, "rate_limited")) throw cause
    const add = isImageError(cause, "unsupported") ? diagnostics.unsupported : diagnostics.invalid
    // Other errors may quote the image's bytes.
    add(path, `${path}: ${isImageError(cause) ? cause.message : "the image library failed."}`)
    return undefined
  }
}

/** The image that an operation makes. An unreadable one is an issue. */
export const makeInput = async (
  path: string,
  tools: ImageTools,
  work: () => Promise<Uint8Array>,
): Promise<Input | undefined> => {
  const bytes = await runOp(path, tools, work)
  const input = bytes && (await toInput(new Uint8Array(bytes)))
  if (bytes && !input)
    tools.diagnostics.invalid(path, `${path}: the image library returned no readable image.`)
  return input
}

const copies = new WeakSet<object>()

export const bytesOf = async (source: unknown): Promise<Uint8Array<ArrayBuffer> | undefined> => {
  if (typeof source === "string") return fromDataUrlOrBase64(source)
  if (source instanceof ArrayBuffer) return new Uint8Array(ownBytes(source))
  if (source instanceof Blob) return new Uint8Array(await source.arrayBuffer())
  return source instanceof Uint8Array ? (ownBytes(source) as Uint8Array<ArrayBuffer>) : undefined
}

type Bounds = readonly [min: number, max: number]

const isOutside = (value: number, [min, max]: Bounds = [0, Infinity]): boolean =>
  value < min || value > max

const rangeText = (bounds: readonly number[] = []): string => bounds.map(formatNumber).join(" to ")
