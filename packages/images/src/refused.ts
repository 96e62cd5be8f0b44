import { ImageError } from "@pictor/core"

/** An `invalid_request`. */
export const refused = (message: string, cause?: unknown): ImageError =>
  new ImageError({ code: "invalid_request", message, cause })

/** Throws `invalid_request` unless the value is a whole number of at least `least`. */
export const requireWhole = (name: string, value: number, least: number): void => {
  if (!Number.isSafeInteger(value) || value < least)
    throw refused(`${name} is ${value}; give a whole number of at least ${least}.`)
}
