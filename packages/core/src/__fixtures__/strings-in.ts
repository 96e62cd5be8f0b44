/** Every string in a value, its own keys and getters aside: to look for what must not be there. */
export const stringsIn = (value: unknown, seen = new Set<unknown>()): readonly string[] => {
  if (typeof value === "string") return [value]
  if (typeof value !== "object" || value === null || seen.has(value)) return []
  seen.add(value)
  return Reflect.ownKeys(value).flatMap((key) =>
    stringsIn((value as Record<PropertyKey, unknown>)[key], seen),
  )
}
