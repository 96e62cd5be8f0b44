import type { AllowedWith, Parameter, TaskCard } from "../contract/card.ts"
import type { JsonObject } from "../contract/request.ts"
import { memo, pick, type UnknownRecord } from "../lib/object.ts"
import { defaultOf } from "../models/parameter.ts"
import { quote } from "../models/suggest.ts"
import { optionsOf } from "./card-fields.ts"
import type { Diagnostics } from "./diagnostics.ts"

/** A request's settings after they were fitted one by one. */
interface FittedSettings {
  readonly taskCard: TaskCard
  /** Its settings and options, by {@link conditionalOf}. */
  readonly parameters: Parameters
  readonly settings: UnknownRecord
  /** As requested. */
  readonly fields: UnknownRecord
  /** Of the model's own fields, by body path. */
  readonly options: JsonObject
}

/**
 * Fits settings to each other's conditions. A requested setting outranks a default.
 * Of two requested settings, `outputFormat` changes, else the setting with the condition.
 */
export const fitTogether = (
  { taskCard, parameters, settings, fields, options }: FittedSettings,
  diagnostics: Diagnostics,
): UnknownRecord => {
  const given: UnknownRecord = { n: fields["n"] ?? 1, ...options, ...settings }
  const isFixed = (name: string): boolean =>
    name === "n" || name in options || (name !== format && fields[name] !== undefined)
  const candidatesOf = (name: string): readonly unknown[] => {
    const parameter = taskCard.fields[name as "outputFormat"]
    const others = parameter && name !== "n" ? [defaultOf(parameter), ...valuesOf(parameter)] : []
    return [given[name], ...others].filter((each) => each !== undefined)
  }
  /** The values that a setting may still take. A requested setting keeps its value. */
  const possibleOf = (name: string): readonly unknown[] =>
    isFixed(name) ? [given[name]] : candidatesOf(name)
  const chosen: Record<string, unknown> = {}
  const fits = (name: string, value: unknown): boolean => {
    const values = { ...chosen, [name]: value }
    return (
      !conflictIn(parameters, values) &&
      missingIn(parameters, values).every((other) =>
        possibleOf(other).some((each) => !conflictIn(parameters, { ...values, [other]: each })),
      )
    )
  }
  const names = Object.keys(given)
  const inOrder = [
    ...names.filter(isFixed),
    format,
    ...Object.keys(taskCard.fields).filter((name) => name !== format && !isFixed(name)),
  ]
  for (const name of inOrder) {
    if (given[name] === undefined && !missingIn(parameters, chosen).includes(name)) continue
    const value = candidatesOf(name).find((each) => fits(name, each))
    if (value !== undefined) chosen[name] = value
    if (value === given[name] || (fields[name] ?? options[name]) === undefined) continue
    const reason = conflictIn(parameters, { ...chosen, [name]: given[name] })
    report(name, fields[name], value, reason ?? "other settings exclude it", diagnostics)
  }
  return pick(chosen, (_, name) => name !== "n" && name in taskCard.fields)
}

const format = "outputFormat"

type Parameters = ReadonlyMap<string, Parameter>

/** The settings and options of a card; empty where none has a condition. */
export const conditionalOf = memo((task: TaskCard): Parameters => {
  const all = new Map([...Object.entries(task.fields), ...optionsOf(task)])
  const hasCondition = (parameter: Parameter): boolean =>
    parameter.allowedWith !== undefined || "valuesAllowedWith" in parameter
  return [...all.values()].some(hasCondition) ? all : new Map()
})

const valuesOf = (parameter: Parameter): readonly string[] =>
  parameter.kind === "enum" ? parameter.values : []

interface Condition {
  /** What has the condition, for messages. */
  readonly owner: string
  readonly other: string
  readonly allowed: AllowedWith[string]
}

const conditionsOf = (
  parameters: Parameters,
  name: string,
  value: unknown,
): readonly Condition[] => {
  const parameter = parameters.get(name)
  const ofValue =
    parameter?.kind === "enum" ? parameter.valuesAllowedWith?.[value as string] : undefined
  const conditions = (owner: string, terms: AllowedWith = {}): readonly Condition[] =>
    Object.entries(terms).map(([other, allowed]) => ({ owner, other, allowed }))
  return [
    ...conditions(name, parameter?.allowedWith),
    ...conditions(`${name} ${quote(value)}`, ofValue),
  ]
}

const conditionsIn = (parameters: Parameters, values: UnknownRecord): readonly Condition[] =>
  Object.entries(values).flatMap(([name, value]) => conditionsOf(parameters, name, value))

/** The first condition that these values break, as a reason. */
const conflictIn = (parameters: Parameters, values: UnknownRecord): string | undefined => {
  const broken = conditionsIn(parameters, values).find(
    ({ other, allowed }) =>
      values[other] !== undefined && !allowed.includes(values[other] as string),
  )
  return broken && `${broken.owner} needs ${broken.other} ${broken.allowed.join(" or ")}`
}

/** The settings without a value that these values need. */
const missingIn = (parameters: Parameters, values: UnknownRecord): readonly string[] =>
  conditionsIn(parameters, values)
    .map(({ other }) => other)
    .filter((other) => values[other] === undefined)

/** Replaces earlier reports about the setting. */
const report = (
  name: string,
  from: unknown,
  to: unknown,
  why: string,
  diagnostics: Diagnostics,
): void => {
  const { changes, issues } = diagnostics
  if (issues.some(({ path }) => path === name)) return
  const [earlier, count] = [changes.findIndex(({ field }) => field === name), changes.length]
  if (from === undefined)
    diagnostics.invalid(`options.${name}`, `options.${name} cannot be used here: ${why}.`)
  else if (name === "background" && from === "transparent")
    diagnostics.unsupported(name, `background cannot be transparent here: ${why}.`)
  else if (to === undefined) diagnostics.drop(name, from, why)
  else diagnostics.snap(name, from, to, why)
  if (earlier === -1) return
  const [later] = changes.splice(count)
  if (later) changes[earlier] = later
}
