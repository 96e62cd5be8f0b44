import type { JsonObject } from "../contract/request.ts"

export const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null

/** An object that is neither a list nor bytes. */
export const isRecord = (value: unknown): value is JsonObject =>
  isObject(value) && !Array.isArray(value) && !ArrayBuffer.isView(value)

/** Puts a value at `"a.b"` of a body under construction. */
export const place = (body: Record<string, unknown>, path: string, value: unknown): void => {
  const keys = path.split(".")
  const last = keys.pop() as string
  let at = body
  for (const key of keys) {
    at[key] ??= {}
    at = at[key] as Record<string, unknown>
  }
  at[last] = value
}

/** What stands at `"a.b"` of a record; undefined where nothing does. */
export const valueAt = (record: JsonObject, path: string): unknown =>
  path.split(".").reduce<unknown>((at, key) => (isRecord(at) ? at[key] : undefined), record)

/** The first of these fields, or parts of fields, that is given. */
export const firstGiven = (fields: JsonObject, names: readonly string[]): string | undefined =>
  names.find((name) => valueAt(fields, name) !== undefined)
