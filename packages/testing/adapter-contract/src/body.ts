import type { JsonObject, Plan, Size } from "@pictor/core"
import type { TaskCard } from "@pictor/core/adapter"

/** What stands at `"a.b"` of a body. */
export const at = (body: unknown, path: string): unknown =>
  path
    .split(".")
    .reduce<unknown>(
      (value, key) =>
        typeof value === "object" && value !== null ? (value as JsonObject)[key] : undefined,
      body,
    )

/** The value as an object with `"a.b"` in its place. */
export const nested = (path: string, value: unknown): JsonObject => {
  const [head = "", ...rest] = path.split(".")
  return { [head]: rest.length === 0 ? value : nested(rest.join("."), value) }
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Both objects in one, as deep as they go. */
export const merged = (left: JsonObject, right: JsonObject): JsonObject => {
  const both = Object.entries(right).map(([key, value]) => {
    const other = left[key]
    return [key, isObject(other) && isObject(value) ? merged(other, value) : value] as const
  })
  return { ...left, ...Object.fromEntries(both) }
}

export const sizeText = ({ width, height }: Size): string => `${width}x${height}`

/** A planned field as a request would name it. */
export const plannedValue = ({ resolved }: Plan, field: string): unknown => {
  const value = (resolved as JsonObject)[field]
  return field === "size" && resolved.size ? sizeText(resolved.size) : value
}

/**
 * What every call of a plan has at a field's place; undefined where the card names none or nothing
 * stands there.
 */
export const sentValues = (
  { calls }: Plan,
  { fields }: TaskCard,
  field: keyof TaskCard["fields"],
): readonly unknown[] => {
  const wire = fields[field]?.path
  if (wire === undefined) return calls.map(() => undefined)
  if (typeof wire === "string") return calls.map(({ body }) => at(body, wire))
  return calls.map(({ body }) => {
    const [width, height] = wire.map((path) => at(body, path))
    return width === undefined && height === undefined
      ? undefined
      : `${String(width)}x${String(height)}`
  })
}
