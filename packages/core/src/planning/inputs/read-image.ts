import { encodeBase64, fromDataUrlOrBase64 } from "../../bytes/base64.ts"
import { sniff } from "../../bytes/image.ts"
import type { ImageLimits } from "../../contract/card.ts"
import { isImageError } from "../../contract/errors.ts"
import type { ImageOps } from "../../contract/image-ops.ts"
import type { InputImage } from "../../contract/plan.ts"
import { sha256 } from "../../lib/sha256.ts"
import { formatNumber } from "../../models/suggest.ts"
import type { Diagnostics } from "../diagnostics.ts"

/** An input image as it is sent, and its bytes. */
export interface Input {
  readonly image: InputImage
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** What preparing an image needs beside the request. */
export interface ImageTools {
  readonly ops: ImageOps | undefined
  readonly diagnostics: Diagnostics
}

/** Reads an input image. An unreadable one is an issue. */
export const readInput = async (
  path: string,
  source: unknown,
  diagnostics: Diagnostics,
): Promise<Input | undefined> => {
  const input = await bytesOf(source)
    .then((bytes) => bytes && toInput(bytes))
    .catch(() => undefined)
  if (!input)
    diagnostics.invalid(path, `${path} is not a readable image.`, {
      allowed: "Uint8Array, ArrayBuffer, Blob, data URL or base64 of a PNG, JPEG, WebP or GIF",
      given: typeof source,
    })
  return input
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

/** Every limit that an image exceeds is an issue. */
export const checkLimits = (
  path: string,
  { width, height, mediaType, byteLength }: InputImage,
  limits: ImageLimits,
  diagnostics: Diagnostics,
): void => {
  const { types, side, pixels } = limits
  const { ratio = Number.POSITIVE_INFINITY, bytes = Number.POSITIVE_INFINITY } = limits
  const aspect = Math.max(width, height) / Math.min(width, height)
  const size = `${formatNumber(width)}x${formatNumber(height)}`
  const problems = [
    [!types.includes(mediaType), "is", mediaType, types.join(", ")],
    [
      isOutside(width, side) || isOutside(height, side),
      "is",
      `${size} pixels`,
      `sides of ${rangeText(side)} pixels`,
    ],
    [
      isOutside(width * height, pixels),
      "has",
      `${formatNumber(width * height)} pixels`,
      rangeText(pixels),
    ],
    [aspect > ratio, "is", `${Math.round(aspect * 100) / 100}:1`, `at most ${ratio}:1`],
    [
      byteLength > bytes,
      "has",
      `${formatNumber(byteLength)} bytes`,
      `at most ${formatNumber(bytes)}`,
    ],
  ] as const
  for (const [isBroken, verb, given, allowed] of problems)
    if (isBroken)
      diagnostics.invalid(path, `${path} ${verb} ${given}; the model takes ${allowed}.`, {
        allowed,
        given,
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

const bytesOf = async (source: unknown): Promise<Uint8Array<ArrayBuffer> | undefined> => {
  if (typeof source === "string") return fromDataUrlOrBase64(source)
  if (source instanceof ArrayBuffer) return new Uint8Array(ownBytes(source))
  if (source instanceof Blob) return new Uint8Array(await source.arrayBuffer())
  return source instanceof Uint8Array ? (ownBytes(source) as Uint8Array<ArrayBuffer>) : undefined
}

type Bounds = readonly [min: number, max: number]

const isOutside = (value: number, [min, max]: Bounds = [0, Number.POSITIVE_INFINITY]): boolean =>
  value < min || value > max

const rangeText = (bounds: readonly number[] = []): string => bounds.map(formatNumber).join(" to ")
