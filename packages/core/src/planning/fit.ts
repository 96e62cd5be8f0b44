import type { FieldName, Parameter, TaskCard } from "../contract/card.ts"
import type { JsonObject } from "../contract/request.ts"
import { ruleOf } from "../models/kinds.ts"
import { nearest, quote } from "../models/nearest.ts"
import { neutralRange, type Range, round6, standardOf } from "../models/neutral.ts"
import { anyNumber, anyText, numberFrom, type Rule } from "../models/rule.ts"
import { fittedNames } from "./as-it-is.ts"
import type { Notes } from "./notes.ts"

type Enum = Extract<Parameter, { readonly kind: "enum" }>

const bare = (word: string): string => word.toLowerCase().replace(/[^a-z0-9]/g, "")

// OpenAI's and LiteLLM's words for what models call standard and premium.
const commonWords: Readonly<Record<string, string>> = {
  low: "standard",
  medium: "standard",
  standard: "standard",
  auto: "standard",
  high: "premium",
  hd: "premium",
  xhigh: "premium",
  max: "premium",
  premium: "premium",
}

/** The card's value that a word means, without regard to case and separators. */
export const matchWord = (parameter: Enum, word: unknown, common = false): string | undefined => {
  if (typeof word !== "string") return undefined
  const wanted = bare(word)
  const exact =
    parameter.values.find((value) => value === word) ??
    parameter.values.find((value) => bare(value) === wanted)
  const mapped = exact ?? parameter.synonyms?.[wanted] ?? (common ? commonWords[wanted] : undefined)
  return mapped !== undefined && parameter.values.includes(mapped) ? mapped : undefined
}

/** What a parameter takes in neutral words and numbers. */
const neutralRule = (parameter: Parameter): Rule =>
  parameter.kind === "range"
    ? numberFrom(...neutralRange(parameter), parameter.integer)
    : ruleOf(parameter)

const isNumber = (value: unknown): value is number => Number.isFinite(value)

const fitNumber = (field: FieldName, parameter: Range, given: number, notes: Notes): number => {
  const [min, max] = neutralRange(parameter)
  const clamped = Math.min(max, Math.max(min, given))
  const to = parameter.integer ? Math.round(clamped) : round6(clamped)
  const action = clamped !== given ? "clamped" : parameter.integer ? "snapped" : "mapped"
  if (to !== given)
    notes.change({
      field,
      action,
      from: given,
      to,
      why: `the model takes ${action === "mapped" ? "six decimals" : neutralRule(parameter).words}`,
    })
  return to
}

const fitWord = (
  field: FieldName,
  parameter: Enum,
  given: string,
  notes: Notes,
): string | undefined => {
  const value = matchWord(parameter, given, field === "quality")
  const to = value ?? (parameter.default as string | undefined)
  const lost = to !== undefined && field === "outputFormat" ? "snapped" : "dropped"
  const why =
    value === undefined
      ? `the model takes ${ruleOf(parameter).words}; the nearest to ${quote(given)}: ${nearest(given, parameter.values).join(", ")}`
      : "the model's word for it"
  if (value !== given)
    notes.change({ field, action: value === undefined ? lost : "mapped", from: given, to, why })
  return to
}

const drop = (field: FieldName, given: unknown, notes: Notes): void => {
  if (field === "quality" && given === "auto") return
  const rule =
    field === "quality" || field === "style" || field === "outputFormat" ? anyText : anyNumber
  if (notes.check(field, rule, given)) notes.drop(field, given, "the model has no such setting")
}

const fitSetting = (
  field: FieldName,
  parameter: Parameter,
  given: unknown,
  notes: Notes,
): unknown => {
  if (given === undefined) return standardOf(parameter)
  if (parameter.kind === "range" && isNumber(given))
    return fitNumber(field, parameter, given, notes)
  if (parameter.kind === "enum" && typeof given === "string")
    return fitWord(field, parameter, given, notes)
  return notes.check(field, neutralRule(parameter), given) ? given : undefined
}

/** The settings as the model takes them, defaults in. */
export const fitSettings = (
  { fields: parameters }: TaskCard,
  fields: JsonObject,
  notes: Notes,
): JsonObject => {
  const fitted: Record<string, unknown> = {}
  for (const field of fittedNames) {
    const [parameter, given] = [parameters[field], fields[field]]
    const value = parameter
      ? fitSetting(field, parameter, given, notes)
      : given === undefined
        ? undefined
        : drop(field, given, notes)
    if (value !== undefined) fitted[field] = value
  }
  return fitted
}
