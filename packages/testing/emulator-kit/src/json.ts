/** A JSON object of unknown content. */
export type JsonObject = { readonly [key: string]: unknown }

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** The value at a path of keys and positions in lists. Undefined if the path does not exist. */
export const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((current, key) => {
    if (Array.isArray(current)) return /^\d+$/.test(key) ? current[Number(key)] : undefined
    return isJsonObject(current) ? current[key] : undefined
  }, value)

export const textAt = (value: unknown, ...path: readonly string[]): string | undefined => {
  const found = at(value, ...path)
  return typeof found === "string" ? found : undefined
}

export const numberAt = (value: unknown, ...path: readonly string[]): number | undefined => {
  const found = at(value, ...path)
  return typeof found === "number" ? found : undefined
}

export const textsAt = (value: unknown, ...path: readonly string[]): readonly string[] => {
  const found = at(value, ...path)
  return Array.isArray(found) ? found.filter((item) => typeof item === "string") : []
}
