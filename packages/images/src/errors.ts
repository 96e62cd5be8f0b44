import { ImageError } from "@pictor/core"

/** Creates an `invalid_request` error. */
export const invalid = (message: string, cause?: unknown): ImageError =>
  new ImageError({ code: "invalid_request", message, cause })

/** Throws `invalid_request` unless the value is a whole number of at least `min`. */
export const requireWhole = (name: string, value: number, min: number): void => {
  if (!Number.isSafeInteger(value) || value < min)
    throw invalid(`${name} is ${value}; it must be a whole number of at least ${min}.`)
}
