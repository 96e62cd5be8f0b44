import type { FieldName, Parameter, TaskCard } from "../contract/card.ts"
import type { JsonObject, WeightedPrompt } from "../contract/request.ts"
import { defined, times } from "../lib/object.ts"
import {
  anyNumber,
  anyText,
  neutralRange,
  numberFrom,
  promptsOf,
  type Range,
  type Rule,
  round6,
  ruleOf,
  standardOf,
  textOf,
} from "../models/parameter.ts"
import { nearest, quote } from "../models/suggest.ts"
import type { Notes } from "./diagnostics.ts"

/** The settings that are fitted to a model. */
export const fittedNames = [
  "quality",
  "guidance",
  "steps",
  "style",
  "outputFormat",
  "strength",
  "controlStrength",
] as const

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

const join = (prompts: readonly WeightedPrompt[], given: unknown, notes: Notes): JsonObject => {
  const weights = prompts.map(({ weight = 1 }) => weight)
  const joined = (sign: number, first: readonly unknown[]): string | undefined => {
    const texts = [
      ...first,
      ...prompts
        .filter((_, index) => Math.sign(weights[index] ?? 0) === sign)
        .map(({ text }) => text),
    ]
    return texts.length > 0 ? texts.join(", ") : undefined
  }
  const to = defined({ prompt: joined(1, []), negativePrompt: joined(-1, given ? [given] : []) })
  notes.change(
    {
      field: "prompts",
      action: "mapped",
      from: prompts,
      to,
      why: "the model takes one text, and one of what to avoid",
    },
    true,
  )
  if (weights.some((weight) => Math.abs(weight) !== 1))
    notes.change({
      field: "prompts",
      action: "dropped",
      from: weights,
      to: weights.map(Math.sign),
      why: "the model takes no weights",
    })
  return to
}

const ruleFor = (parameter: Parameter | undefined): Rule | undefined =>
  parameter && ruleOf(parameter)

/** The texts as the model takes them: weighted where it can, else joined. */
export const fitWords = (
  { fields: parameters }: TaskCard,
  fields: JsonObject,
  notes: Notes,
): JsonObject => {
  const list = parameters.prompts
  const weighted = list?.kind === "prompts" ? textOf(0, list.max) : undefined
  const text = weighted ?? ruleFor(parameters.prompt)
  const avoid = weighted ?? ruleFor(parameters.negativePrompt)
  const { prompts, negativePrompt: asked } = fields
  if (fields["prompt"] !== undefined && prompts !== undefined)
    notes.choose("prompts", "prompt and prompts")
  if (asked !== undefined && !notes.check("negativePrompt", anyText, asked)) return {}
  if (prompts !== undefined && !notes.check("prompts", ruleFor(list) ?? promptsOf(), prompts))
    return {}
  const { prompt, negativePrompt }: JsonObject =
    prompts === undefined || weighted
      ? fields
      : join(prompts as readonly WeightedPrompt[], asked, notes)
  if (prompt !== undefined) {
    if (text) notes.check("prompt", text, prompt)
    else notes.unsupported("prompt", "the model takes no prompt in this task.")
  } else if (text && (parameters.prompt?.required || (list?.required && prompts === undefined)))
    notes.missing("prompt", text.words)
  if (negativePrompt) {
    if (avoid) notes.check("negativePrompt", avoid, negativePrompt)
    else
      notes.drop("negativePrompt", negativePrompt, "the model takes no text of what to avoid", true)
  }
  return defined({
    prompt: text && prompt,
    prompts: weighted && prompts,
    negativePrompt: avoid && (negativePrompt || undefined),
  })
}

/** One seed per call: given, derived or drawn; none where the model takes none. */
export const planSeeds = (
  task: TaskCard,
  given: unknown,
  calls: number,
  random: () => number,
  notes: Notes,
): readonly number[] => {
  const parameter = task.fields.seed
  const rule = parameter
    ? ruleOf(parameter)
    : numberFrom(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, true)
  if (given !== undefined && !notes.check("seed", rule, given)) return []
  if (parameter?.kind !== "seed") {
    if (given !== undefined) notes.drop("seed", given, "the model takes no seed")
    return []
  }
  if (given === 0 && parameter.zero === "random")
    notes.warnings.push(
      "The model draws a seed for seed 0: the image cannot be ordered again by it. Give another seed for that.",
    )
  return callSeeds(task, given as number | undefined, calls, random)
}

/** One seed per call, derived from the one that is given or drawn; none where the model takes none. */
export const callSeeds = (
  { fields: { seed: parameter }, imagesPerCall = 1 }: TaskCard,
  given: number | undefined,
  calls: number,
  random: () => number,
): readonly number[] => {
  if (parameter?.kind !== "seed") return []
  const { min, max, narrowMax = max, zero } = parameter
  const low = zero === "random" ? Math.max(1, min) : min
  const span = narrowMax - low + 1
  const seed = given ?? low + Math.floor(random() * span)
  // Call 0 has the seed as it is; call k gets one that no other call of the split has.
  return times(calls, (call) =>
    call === 0 ? seed : low + ((seed - low + call * imagesPerCall) % span),
  )
}
