/** A record of the same names, each value as `change` makes it. */
export const mapValues = <Value, Out>(
  record: Readonly<Record<string, Value>>,
  change: (value: Value, name: string) => Out,
): Readonly<Record<string, Out>> => Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value, name)]))

/** Those of a record's fields that are to stay. */
export const pick = (record: object, isKept: (value: unknown, name: string) => boolean): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(record).filter(([name, value]) => isKept(value, name)))
