export type YamlObject = Readonly<Record<string, unknown>>

export const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value)

export const isYamlObject = (value: unknown): value is YamlObject =>
  typeof value === "object" && value !== null && !isList(value)

/** A key without a value counts as absent. */
export const withoutNulls = (object: YamlObject): YamlObject =>
  Object.fromEntries(
    Object.entries(object).filter(([, value]) => value !== null && value !== undefined),
  )

/** The kind of an invalid value, for messages. */
export const kindOf = (value: unknown): string =>
  isList(value) ? "a list" : isYamlObject(value) ? "a mapping" : `a ${typeof value}`
