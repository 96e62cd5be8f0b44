import { invalidRequest } from "../contract/errors.ts"
import type { JsonObject } from "../contract/request.ts"
import { mapValues } from "../tools/records.ts"
import { isObject } from "./wire.ts"

const deepest = 40

const isPlain = (value: object): boolean =>
  Array.isArray(value) || Object.prototype.toString.call(value) === "[object Object]"

const own = new WeakSet<object>()

/** A copy of bytes; those that are a copy already are given back. A buffer that is gone has none and stays what it is. */
export const ownBytes = <Bytes extends Uint8Array | ArrayBuffer>(bytes: Bytes): Bytes => {
  if (own.has(bytes)) return bytes
  try {
    const copy = bytes instanceof ArrayBuffer ? bytes.slice(0) : new Uint8Array(bytes)
    own.add(copy)
    return copy as Bytes
  } catch {
    return bytes
  }
}

/** A copy of plain data and bytes, so that their owner may change them later. Throws where it has no end. */
export const snapshot = <Value>(value: Value, depth = 0): Value => {
  if (!isObject(value)) return value
  if (value instanceof Uint8Array || value instanceof ArrayBuffer) return ownBytes(value)
  if (!isPlain(value)) return value
  if (depth > deepest)
    throw invalidRequest(`The request is nested more than ${deepest} deep, or holds itself.`)
  if (Array.isArray(value)) return value.map((each: unknown) => snapshot(each, depth + 1)) as Value
  return mapValues(value as JsonObject, (each) => snapshot(each, depth + 1)) as Value
}
