import type { JsonObject, Plan, Size } from "@pictor/core"
import type { TaskCard } from "@pictor/core/adapter"

/** The value at the path `"a.b"` of a body. */
export const at = (body: unknown, path: string): unknown =>
  path
    .split(".")
    .reduce<unknown>(
      (value, key) =>
        typeof value === "object" && value !== null ? (value as JsonObject)[key] : undefined,
      body,
    )

/** An object with the value at the path `"a.b"`. */
export const nested = (path: string, value: unknown): JsonObject => {
  const [head = "", ...rest] = path.split(".")
  return { [head]: rest.length === 0 ? value : nested(rest.join("."), value) }
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Both objects merged deeply. */
export const merged = (left: JsonObject, right: JsonObject): JsonObject => {
  const both = Object.entries(right).map(([key, value]) => {
    const other = left[key]
    return [key, isObject(other) && isObject(value) ? merged(other, value) : value] as const
  })
  return { ...left, ...Object.fromEntries(both) }
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
