import type { JsonObject } from "./request.ts"

export type FilterStage = "prompt" | "input-image" | "output" | "guardrail" | "unknown"

/**
 * Everything needed to request the same image again: `pictor.replay(recipe)`. It repeats the
 * request and the seed; the pixels may differ.
 */
export interface Recipe {
  readonly v: 1
  /** Neutral, every value explicit; input images as `{ sha256, mediaType, width, height }`. */
  readonly request: JsonObject
  readonly model: string
  readonly modelId: string
  readonly region?: string
  readonly callSeed?: number
  /** Images of the call that is sent again; all of them are charged. */
  readonly callImages: number
  /** The index of this image among them. */
  readonly index: number
  /** Name and version: `echo@0.1.0`. */
  readonly adapter: string
  readonly replayable: boolean
  /** Why it is not replayable. */
  readonly reason?: string
}

/** One image. Its bytes are decoded on demand. */
export interface Image {
  /** Read from the bytes; `application/octet-stream` for an unknown format. */
  readonly mediaType: string
  /** A file name's extension, by the media type: `png`, `jpg`, `webp`, `gif`, or `bin`. */
  readonly extension: string
  /** Read from the bytes, in pixels; NaN for an unknown format. */
  readonly width: number
  readonly height: number
  readonly seed?: number
  readonly recipe: Recipe
  bytes(): Uint8Array<ArrayBuffer>
  base64(): string
  /** The ASCII bytes of `base64()`, mostly a view on the reply: never change them. */
  base64Bytes(): Uint8Array
  blob(): Blob
  stream(): ReadableStream<Uint8Array<ArrayBuffer>>
  /** Lower-case hexadecimal. */
  sha256(): Promise<string>
  /** A copy that does not keep the whole reply in memory. */
  detach(): Image
}
