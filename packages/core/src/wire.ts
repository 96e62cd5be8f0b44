import type { FieldName, Parameter, TaskCard } from "./card.ts"
import type { Loose } from "./request.ts"

/** An object that is neither a list nor bytes. */
export const isRecord = (value: unknown): value is Loose =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value)

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
export const valueAt = (record: Loose, path: string): unknown =>
  path.split(".").reduce<unknown>((at, key) => (isRecord(at) ? at[key] : undefined), record)

/** What stands at one place of a task's body. */
export interface Spot {
  readonly parameter: Parameter
  /** The neutral field it is; absent for an option. */
  readonly field?: FieldName
  /** Which half of a `width`, `height` pair. */
  readonly half?: 0 | 1
  /** Which part of an object it is: `"preserve.pose"`. */
  readonly part?: string
}

type Named = readonly (readonly [name: string, parameter: Parameter])[]

const parts = new WeakMap<TaskCard, Named>()

/** Fields by name, and the parts of objects as `"garment.class"`. */
export const partsOf = (task: TaskCard): Named => {
  const found =
    parts.get(task) ??
    Object.entries(task.fields).flatMap(([name, parameter]) => [
      [name, parameter] as const,
      ...(parameter.kind === "object" ? Object.entries(parameter.fields).map(([part, inner]) => [`${name}.${part}`, inner] as const) : []),
    ])
  parts.set(task, found)
  return found
}

/** The first of these fields, or parts of fields, that is given. */
export const firstGiven = (fields: Loose, names: readonly string[]): string | undefined => names.find((name) => valueAt(fields, name) !== undefined)

const placesOf = ({ wire, wires = {} }: Parameter): readonly string[] => (typeof wire === "string" ? [wire] : Object.values(wires))

const spots = new WeakMap<TaskCard, ReadonlyMap<string, Spot>>()

/** Every place that a task's body has, by path. */
export const spotsOf = (task: TaskCard): ReadonlyMap<string, Spot> => {
  const known = spots.get(task)
  if (known) return known
  const found = new Map<string, Spot>()
  for (const [name, parameter] of Object.entries(task.fields)) {
    const field = name as FieldName
    const { wire } = parameter
    if (parameter.kind === "object") {
      for (const [part, inner] of Object.entries(parameter.fields))
        for (const path of placesOf(inner)) found.set(path, { parameter: inner, field, part })
    } else if (typeof wire === "object")
      wire.forEach((path, half) => {
        found.set(path, { parameter, field, half: half as 0 | 1 })
      })
    else for (const path of placesOf(parameter)) found.set(path, { parameter, field })
  }
  for (const [path, parameter] of Object.entries(task.options ?? {})) found.set(path, { parameter })
  spots.set(task, found)
  return found
}

/** The values of a nested `options`, by path; `known` says where a value ends. */
export const leavesOf = (options: Loose, known: readonly string[]): readonly (readonly [path: string, value: unknown])[] => {
  const found: [string, unknown][] = []
  const walk = (record: Loose, prefix: string): void => {
    for (const [key, value] of Object.entries(record)) {
      if (value === undefined) continue
      // A key with a dot is no way to say a path: it would pass by the same field said properly.
      const path = prefix + (key.includes(".") ? JSON.stringify(key) : key)
      if (isRecord(value) && known.some((each) => each.startsWith(`${path}.`))) walk(value, `${path}.`)
      else found.push([path, value])
    }
  }
  walk(options, "")
  return found
}
