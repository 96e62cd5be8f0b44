export type UnknownRecord = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null

/** An object that is neither a list nor bytes. */
export const isRecord = (value: unknown): value is UnknownRecord =>
  isObject(value) && !Array.isArray(value) && !ArrayBuffer.isView(value)

/** A record with a text under each of these names. */
export const hasTexts = <Name extends string>(
  value: unknown,
  ...names: readonly Name[]
): value is Readonly<Record<Name, string>> =>
  isRecord(value) && names.every((name) => typeof value[name] === "string")

/** Sets the value at `"a.b"` or `"list.0.b"` of a record under construction. */
export const place = (target: UnknownRecord, path: string, value: unknown): void => {
  const keys = path.split(".")
  const last = keys.pop() as string
  let parent = target as Record<string, unknown>
  for (const [at, key] of keys.entries()) {
    parent[key] ??= isIndex(keys[at + 1] ?? last) ? [] : {}
    parent = parent[key] as Record<string, unknown>
  }
  parent[last] = value
}

/** The value at `"a.b"` or `"list.0.b"` of a record, or undefined. */
export const valueAt = (record: UnknownRecord, path: string): unknown =>
  path.split(".").reduce<unknown>((at, key) => {
    if (Array.isArray(at)) return isIndex(key) ? (at[Number(key)] as unknown) : undefined
    return isRecord(at) && Object.hasOwn(at, key) ? at[key] : undefined
  }, record)

/** Lists without the positions that have no value, at every depth. */
export const withoutHoles = <Value>(value: Value): Value => {
  if (Array.isArray(value)) return value.filter(() => true).map(withoutHoles) as Value
  return isRecord(value) ? (mapValues(value, withoutHoles) as Value) : value
}

const isIndex = (key: string): boolean => /^\d+$/.test(key)

/** The first of these paths that has a value. */
export const firstGiven = (fields: UnknownRecord, paths: readonly string[]): string | undefined =>
  paths.find((path) => valueAt(fields, path) !== undefined)

/** The UTC date of a time, such as `2026-11-20`. */
export const dateOf = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 10)

type Defined<Value> = {
  [Key in keyof Value as undefined extends Value[Key] ? never : Key]: Value[Key]
} & {
  [Key in keyof Value as undefined extends Value[Key] ? Key : never]?: Exclude<
    Value[Key],
    undefined
  >
}

/** The object without its undefined fields, as exact optional types require. */
export const defined = <Value extends object>(value: Value): Defined<Value> =>
  Object.fromEntries(Object.entries(value).filter(isDefined)) as Defined<Value>

const isDefined = ([, value]: [string, unknown]): boolean => value !== undefined

export const mapValues = <Value, Out>(
  record: Readonly<Record<string, Value>>,
  change: (value: Value, name: string) => Out,
): Readonly<Record<string, Out>> => {
  // Assigning to a copy keeps an own `__proto__` an ordinary name.
  const changed: Record<string, unknown> = { ...record }
  for (const name of Object.keys(changed)) changed[name] = change(changed[name] as Value, name)
  return changed as Record<string, Out>
}

export const pick = (
  record: object,
  isWanted: (value: unknown, name: string) => boolean,
): UnknownRecord =>
  Object.fromEntries(Object.entries(record).filter(([name, value]) => isWanted(value, name)))

export const times = <Out>(length: number, make: (index: number) => Out): Out[] =>
  Array.from({ length }, (_, index) => make(index))

/**
 * Computes a function's result once per object.
 * @__NO_SIDE_EFFECTS__
 */
export const memo = <Key extends object, Result>(
  compute: (key: Key) => Result,
): ((key: Key) => Result) => {
  const results = new WeakMap<Key, Result>()
  return (key) => {
    const known = results.get(key)
    if (known !== undefined) return known
    const result = compute(key)
    results.set(key, result)
    return result
  }
}
