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

type Known<Value> = {
  [Key in keyof Value as undefined extends Value[Key] ? never : Key]: Value[Key]
} & {
  [Key in keyof Value as undefined extends Value[Key] ? Key : never]?: Exclude<
    Value[Key],
    undefined
  >
}

/** The object without its undefined fields: under exact optional types an absent field is not one that is undefined. */
export const defined = <Value extends object>(value: Value): Known<Value> => {
  const known: Record<string, unknown> = {}
  for (const name in value) if (value[name] !== undefined) known[name] = value[name]
  return known as Known<Value>
}

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

/**
 * A function that works out its answer for each object once.
 * @__NO_SIDE_EFFECTS__
 */
export const memo = <Key extends object, Answer>(
  work: (key: Key) => Answer,
): ((key: Key) => Answer) => {
  const known = new WeakMap<Key, Answer>()
  return (key) => {
    const found = known.get(key)
    if (found !== undefined) return found
    const answer = work(key)
    known.set(key, answer)
    return answer
  }
}
