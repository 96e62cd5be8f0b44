import type { Parameter, TaskCard } from "../contract/card.ts"
import { isRecord, memo, type UnknownRecord } from "../lib/object.ts"

/** A parameter by its name: a field, a part such as `"garment.class"`, or an option's body path. */
export type NamedParameter = readonly [name: string, parameter: Parameter]

export interface BodyField {
  readonly parameter: Parameter
  /** The neutral field or part; absent for an option. */
  readonly name?: string
}

/** The fields of a task, and the parts of those that are objects. */
export const partsOf = memo((task: TaskCard): readonly NamedParameter[] =>
  Object.entries(task.fields).flatMap(([name, parameter]): readonly NamedParameter[] => [
    [name, parameter],
    ...(parameter.kind === "object"
      ? Object.entries(parameter.fields).map(([part, inner]) => [`${name}.${part}`, inner] as const)
      : []),
  ]),
)

export const optionsOf = ({ options = {} }: TaskCard): readonly NamedParameter[] =>
  Object.entries(options)

export const impliedPaths = memo((task: TaskCard): readonly string[] =>
  [...partsOf(task), ...optionsOf(task)].flatMap(([, { implies = {} }]) => Object.keys(implies)),
)

export const bodyFieldsOf = memo((task: TaskCard): ReadonlyMap<string, BodyField> => {
  const fields = new Map<string, BodyField>()
  for (const [name, parameter] of partsOf(task))
    for (const path of pathsOf(parameter)) fields.set(path, { parameter, name })
  for (const [path, parameter] of optionsOf(task)) fields.set(path, { parameter })
  return fields
})

/** Where a body can hold a parameter: at its path, beside other fields, at a place of a list. */
const pathsOf = (parameter: Parameter): readonly string[] => [
  ...[parameter.path ?? []].flat(),
  ...Object.values(parameter.pathBeside ?? {}),
  ...placesOf(parameter),
]

export const placesOf = (parameter: Parameter): readonly string[] =>
  parameter.kind === "images" ? (parameter.places ?? []) : []

/** A path such as `contents.0.text` goes through a list. */
export const hasLists = memo((task: TaskCard): boolean =>
  [...bodyFieldsOf(task).keys(), ...Object.keys(task.constants ?? {}), ...impliedPaths(task)].some(
    (path) => /\.\d+(\.|$)/.test(path),
  ),
)

/** A longer list in `options` is one value. */
const maxListed = 100

/** The values of nested `options` by path. `known` paths say where a value ends. */
export const leavesOf = (
  options: UnknownRecord,
  known: readonly string[],
): readonly (readonly [path: string, value: unknown])[] => {
  const found: [string, unknown][] = []
  const walk = (nested: object, prefix: string): void => {
    for (const [key, value] of Object.entries(nested) as [string, unknown][]) {
      if (value === undefined) continue
      // A key with a dot must not pass for a path: it would bypass the checks of that field.
      const path = prefix + (key.includes(".") ? JSON.stringify(key) : key)
      const isList = Array.isArray(value) && value.length <= maxListed
      const isNested = (each: string): boolean =>
        each.startsWith(`${path}.`) && (!isList || /^\d/.test(each.slice(path.length + 1)))
      if ((isList || isRecord(value)) && known.some(isNested)) walk(value, `${path}.`)
      else found.push([path, value])
    }
  }
  walk(options, "")
  return found
}
