/** A record of the same names, each value as `change` makes it. */
export const mapValues = <Value, Out>(
  record: Readonly<Record<string, Value>>,
  change: (value: Value, name: string) => Out,
): Readonly<Record<string, Out>> => {
  // Written over in a copy, so that `__proto__` is a name like any other.
  const changed: Record<string, unknown> = { ...record }
  for (const name of Object.keys(changed)) changed[name] = change(changed[name] as Value, name)
  return changed as Record<string, Out>
}

/** Those of a record's fields that are to stay. */
export const pick = (
  record: object,
  isKept: (value: unknown, name: string) => boolean,
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(record).filter(([name, value]) => isKept(value, name)))

/** What `make` makes for each number below `length`. */
export const times = <Out>(length: number, make: (index: number) => Out): Out[] => {
  const made: Out[] = []
  for (let index = 0; index < length; index++) made.push(make(index))
  return made
}
