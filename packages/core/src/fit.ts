import { round6, turned } from "./body.ts"
import type { FieldName, Parameter, TaskCard } from "./card.ts"
import { allowedBy } from "./check.ts"
import { givenAs, nearest, quote } from "./nearest.ts"
import type { Notes } from "./notes.ts"
import type { Loose } from "./request.ts"

type Enum = Extract<Parameter, { readonly kind: "enum" }>
type Range = Extract<Parameter, { readonly kind: "range" }>

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
  const exact = parameter.values.find((value) => value === word) ?? parameter.values.find((value) => bare(value) === wanted)
  const mapped = exact ?? parameter.words?.[wanted] ?? (common ? commonWords[wanted] : undefined)
  return mapped !== undefined && parameter.values.includes(mapped) ? mapped : undefined
}

/** What a neutral number may be, where the model counts from the other end too. */
export const neutralRange = ({ min, max, inverted }: Range): { readonly min: number; readonly max: number } =>
  inverted ? { min: round6(1 - max), max: round6(1 - min) } : { min, max }

const fitNumber = (field: FieldName, parameter: Range, given: unknown, notes: Notes): number | undefined => {
  const { min, max } = neutralRange(parameter)
  if (typeof given !== "number" || !Number.isFinite(given)) {
    const allowed = allowedBy({ ...parameter, min, max })
    notes.invalid(field, `${field} must be ${allowed}.`, allowed, givenAs(given))
    return undefined
  }
  const clamped = Math.min(max, Math.max(min, given))
  if (clamped !== given) notes.change({ field, action: "clamped", from: given, to: clamped, why: `the model takes a number from ${min} to ${max}` })
  const fitted = parameter.integer ? Math.round(clamped) : round6(clamped)
  if (fitted !== clamped) {
    const [action, why] = parameter.integer
      ? (["snapped", `the model takes ${allowedBy(parameter)}`] as const)
      : (["mapped", "six decimals are sent"] as const)
    notes.change({ field, action, from: given, to: fitted, why })
  }
  return fitted
}

const fitWord = (field: FieldName, parameter: Enum, given: unknown, notes: Notes): string | undefined => {
  if (typeof given !== "string") {
    notes.invalid(field, `${field} must be ${allowedBy(parameter)}.`, allowedBy(parameter), givenAs(given))
    return undefined
  }
  const value = matchWord(parameter, given, field === "quality")
  const fallback = parameter.default as string | undefined
  if (value === undefined) {
    const why = `the model takes ${allowedBy(parameter)}; the nearest to ${quote(given)}: ${nearest(given, parameter.values).join(", ")}`
    notes.change({ field, action: fallback !== undefined && field === "outputFormat" ? "snapped" : "dropped", from: given, to: fallback, why })
    return fallback
  }
  if (value !== given) notes.change({ field, action: "mapped", from: given, to: value, why: `the model's word for it` })
  return value
}

const drop = (field: FieldName, given: unknown, model: string, notes: Notes): void => {
  if (field === "quality" && given === "auto") return
  const isWord = field === "quality" || field === "style" || field === "outputFormat"
  const fits = isWord ? typeof given === "string" : Number.isFinite(given)
  if (!fits) notes.invalid(field, `${field} is not of the right type.`, undefined, givenAs(given))
  else notes.change({ field, action: "dropped", from: given, to: undefined, why: `${model} has no such setting` })
}

const settings = ["quality", "guidance", "steps", "style", "outputFormat", "strength", "controlStrength"] as const

/** A card's default in neutral words: there a number is the model's own. */
export const standardOf = (parameter: Parameter): unknown =>
  typeof parameter.default === "number" ? turned(parameter, parameter.default) : parameter.default

/** The settings as the model takes them, defaults in. */
export const fitSettings = (task: TaskCard, fields: Loose, model: string, notes: Notes): Loose => {
  const fitted: Record<string, unknown> = {}
  for (const field of settings) {
    const parameter = task.fields[field]
    const given = fields[field]
    if (!parameter) {
      if (given !== undefined) drop(field, given, model, notes)
      continue
    }
    const value =
      given === undefined
        ? standardOf(parameter)
        : parameter.kind === "range"
          ? fitNumber(field, parameter, given, notes)
          : parameter.kind === "enum"
            ? fitWord(field, parameter, given, notes)
            : undefined
    if (value !== undefined) fitted[field] = value
  }
  return fitted
}
