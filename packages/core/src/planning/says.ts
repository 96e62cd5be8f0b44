import type { Parameter, TaskCard } from "../contract/card.ts"
import type { JsonObject } from "../contract/request.ts"
import { quote } from "../models/nearest.ts"
import { pick } from "../tools/records.ts"
import type { Notes } from "./notes.ts"
import { optionsOf, partsOf } from "./places.ts"
import { inputNames } from "./task-fields.ts"
import { valueAt } from "./wire.ts"

/** Places that follow from what is given: what `options` say there is kept, and checked. */
export const saidPlaces = (task: TaskCard): readonly string[] =>
  [...partsOf(task), ...optionsOf(task)].flatMap(([, { implies: says = {} }]) => Object.keys(says))

/** The option that says otherwise than this parameter does. */
const rulerOf = (
  { implies: says = {} }: Parameter,
  task: TaskCard,
  options: JsonObject,
): string | undefined =>
  Object.entries(options).find(([path, value]) =>
    Object.entries({ ...task.options?.[path]?.implies, [path]: value }).some(
      ([at, word]) => says[at] !== undefined && says[at] !== word,
    ),
  )?.[0]

/** The task without settings that `options` overrule: they have no default then, and a given one is dropped. */
export const overruled = (
  taskCard: TaskCard,
  fields: JsonObject,
  options: JsonObject,
  notes: Notes,
): { readonly taskCard: TaskCard; readonly fields: JsonObject } => {
  if (Object.keys(options).length === 0) return { taskCard, fields }
  const inputs: readonly string[] = inputNames
  const rulers = Object.entries(taskCard.fields).flatMap(([name, parameter]) => {
    const ruler =
      parameter.implies && !inputs.includes(name)
        ? rulerOf(parameter, taskCard, options)
        : undefined
    return ruler === undefined ? [] : [[name, ruler] as const]
  })
  if (rulers.length === 0) return { taskCard, fields }
  for (const [field, ruler] of rulers)
    if (fields[field] !== undefined)
      notes.drop(field, fields[field], `options.${ruler} says what stands in its place`)
  const names = rulers.map(([name]) => name)
  const isLeft = (_: unknown, name: string): boolean => !names.includes(name)
  return {
    taskCard: { ...taskCard, fields: pick(taskCard.fields, isLeft) },
    fields: pick(fields, isLeft),
  }
}

/** Refuses options that say of what is given what it does not say itself; `ready` fields are as the model wants them. */
export const checkSayings = (
  given: JsonObject,
  options: JsonObject,
  ready: readonly string[],
  task: TaskCard,
  notes: Notes,
): void => {
  const said = Object.entries(options)
  if (said.length === 0) return
  const [parts, own] = [partsOf(task), optionsOf(task)]
  const sayers = [
    ...parts.filter(([name]) => valueAt(given, name) !== undefined),
    ...own.filter(([path]) => options[path] !== undefined),
  ]
  for (const [path, value] of said) {
    const known = [...parts, ...own].filter(([, { implies: says }]) => says?.[path] !== undefined)
    if (known.length === 0) continue
    const [name, parameter] =
      sayers.findLast(([, { implies: says }]) => says?.[path] !== undefined) ?? []
    const words = parameter
      ? [parameter.implies?.[path]]
      : known.map(([, { implies: says }]) => says?.[path])
    const isReversed =
      parameter?.kind === "mask" &&
      ready.includes(name as string) &&
      parameter.impliesInverted?.[path] === value
    if (isReversed || words.includes(value as string)) continue
    const allowed = known
      .map(([each, { implies: says }]) => `${quote(says?.[path])} with ${each}`)
      .join(", ")
    notes.invalid(
      `options.${path}`,
      `options.${path} does not say what is given. The model takes ${allowed}.`,
      allowed,
    )
  }
}
