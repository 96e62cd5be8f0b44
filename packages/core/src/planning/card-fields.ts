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
    for (const path of [parameter.path ?? [], Object.values(parameter.pathBeside ?? {})].flat(2))
      fields.set(path, { parameter, name })
  for (const [path, parameter] of optionsOf(task)) fields.set(path, { parameter })
  return fields
})

/** The values of nested `options` by path. `known` paths say where a value ends. */
export const leavesOf = (
  options: UnknownRecord,
  known: readonly string[],
): readonly (readonly [path: string, value: unknown])[] => {
  const found: [string, unknown][] = []
  const walk = (record: UnknownRecord, prefix: string): void => {
    for (const [key, value] of Object.entries(record)) {
      if (value === undefined) continue
      // A key with a dot must not pass for a path: it would bypass the checks of that field.
      const path = prefix + (key.includes(".") ? JSON.stringify(key) : key)
      if (isRecord(value) && known.some((each) => each.startsWith(`${path}.`)))
        walk(value, `${path}.`)
      else found.push([path, value])
    }
  }
  walk(options, "")
  return found
}
