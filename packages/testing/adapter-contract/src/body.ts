import type { JsonObject, Parameter, Plan, Size } from "@pictor/core"
import type { TaskCard } from "@pictor/core/adapter"
import { toBase64 } from "./png.ts"

/** The value at the path `"a.b"` or `"list.0.b"` of a body. */
export const at = (body: unknown, path: string): unknown =>
  path
    .split(".")
    .reduce<unknown>(
      (value, key) =>
        typeof value === "object" && value !== null ? (value as JsonObject)[key] : undefined,
      body,
    )

const isPosition = (key: string): boolean => /^\d+$/.test(key)

/** An object with the value at the path `"a.b"` or `"list.0.b"`. */
export const nested = (path: string, value: unknown): JsonObject => {
  const [head = "", ...rest] = path.split(".")
  return { [head]: rest.length === 0 ? value : nestedIn(rest, value) }
}

const nestedIn = ([head = "", ...rest]: readonly string[], value: unknown): unknown => {
  const inner = rest.length === 0 ? value : nestedIn(rest, value)
  if (!isPosition(head)) return { [head]: inner }
  const list: unknown[] = []
  list[Number(head)] = inner
  return list
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const joined = (left: unknown, right: unknown): unknown => {
  if (isObject(left) && isObject(right)) return merged(left, right)
  // A value of its own is no list of positions.
  return Array.isArray(left) && Array.isArray(right) && left.some(isObject)
    ? Array.from({ length: Math.max(left.length, right.length) }, (_, index) =>
        joined(left[index], right[index]),
      )
    : (right ?? left)
}

/** Both objects merged deeply, position by position in lists of objects. */
export const merged = (left: JsonObject, right: JsonObject): JsonObject => ({
  ...left,
  ...Object.fromEntries(
    Object.entries(right).map(([key, value]) => [key, joined(left[key], value)]),
  ),
})

/** A value as the body has it: a picture as base64, as a data URL, or as the part of a form. */
export const toSent = (parameter: Parameter, task: TaskCard, value: unknown): unknown => {
  if (Array.isArray(value)) return value.map((each) => toSent(parameter, task, each))
  if (!(value instanceof Uint8Array)) return value
  const base64 = toBase64(value)
  const mediaType = value[0] === 137 ? "image/png" : "image/jpeg"
  if (task.encoding === "form") return { base64, mediaType }
  return "as" in parameter && parameter.as === "data-url"
    ? `data:${mediaType};base64,${base64}`
    : base64
}

/** A size in pixels, or the name of a tier, as a request has it. */
export const sizeText = (size: Size | string): string =>
  typeof size === "string" ? size : `${size.width}x${size.height}`

/** A planned field as a request has it. */
export const plannedValue = ({ resolved }: Plan, field: string): unknown => {
  const value = (resolved as JsonObject)[field]
  return field === "size" && resolved.size ? sizeText(resolved.size) : value
}

/**
 * The value of every call at a field's path; undefined if the card has none, or the body no value.
 */
export const sentValues = (
  { calls }: Plan,
  { fields }: TaskCard,
  field: keyof TaskCard["fields"],
): readonly unknown[] => {
  const path = fields[field]?.path
  if (path === undefined) return calls.map(() => undefined)
  if (typeof path === "string") return calls.map(({ body }) => at(body, path))
  return calls.map(({ body }) => {
    const [width, height] = path.map((side) => at(body, side))
    return width === undefined && height === undefined
      ? undefined
      : `${String(width)}x${String(height)}`
  })
}
