import { ImageError } from "./errors.ts"

const deepest = 40

const isPlain = (value: unknown): value is object => Array.isArray(value) || Object.prototype.toString.call(value) === "[object Object]"

/** A copy of plain data, so that its owner may change it later; bytes and blobs are not copied. Throws where it has no end. */
export const snapshot = <Value>(value: Value, depth = 0): Value => {
  if (!isPlain(value)) return value
  if (depth > deepest) throw new ImageError({ code: "invalid_request", message: `The request is nested more than ${deepest} deep, or holds itself.` })
  if (Array.isArray(value)) return value.map((each: unknown) => snapshot(each, depth + 1)) as Value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, snapshot(each, depth + 1)])) as Value
}
