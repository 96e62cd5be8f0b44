import type { Parameter, TaskCard } from "../contract/card.ts"
import type { JsonObject } from "../contract/request.ts"
import { isRecord, memo } from "../lib/object.ts"

/** A parameter by its name: a field, a part of one as `"garment.class"`, or an option's place in the body. */
export type Named = readonly [name: string, parameter: Parameter]

/** Fields by name, and the parts of objects as `"garment.class"`. */
export const partsOf = memo((task: TaskCard): readonly Named[] =>
  Object.entries(task.fields).flatMap(([name, parameter]): readonly Named[] => [
    [name, parameter],
    ...(parameter.kind === "object"
      ? Object.entries(parameter.fields).map(([part, inner]) => [`${name}.${part}`, inner] as const)
      : []),
  ]),
)

/** The options that have no neutral name. */
export const optionsOf = ({ options = {} }: TaskCard): readonly Named[] => Object.entries(options)

/** What stands at one place of a task's body. */
export interface Spot {
  readonly parameter: Parameter
  /** The neutral field, or part of one, that it is; absent for an option. */
  readonly name?: string
}

/** Every place that a task's body has, by path. */
export const spotsOf = memo((task: TaskCard): ReadonlyMap<string, Spot> => {
  const spots = new Map<string, Spot>()
  for (const [name, parameter] of partsOf(task))
    for (const path of [parameter.path ?? [], Object.values(parameter.pathBeside ?? {})].flat(2))
      spots.set(path, { parameter, name })
  for (const [path, parameter] of optionsOf(task)) spots.set(path, { parameter })
  return spots
})

/** The values of a nested `options`, by path; `known` says where a value ends. */
export const leavesOf = (
  options: JsonObject,
  known: readonly string[],
): readonly (readonly [path: string, value: unknown])[] => {
  const found: [string, unknown][] = []
  const walk = (record: JsonObject, prefix: string): void => {
    for (const [key, value] of Object.entries(record)) {
      if (value === undefined) continue
      // A key with a dot is no way to say a path: it would pass by the same field said properly.
      const path = prefix + (key.includes(".") ? JSON.stringify(key) : key)
      if (isRecord(value) && known.some((each) => each.startsWith(`${path}.`)))
        walk(value, `${path}.`)
      else found.push([path, value])
    }
  }
  walk(options, "")
  return found
}
