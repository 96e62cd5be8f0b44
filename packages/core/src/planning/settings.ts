import type { FieldName, Parameter, TaskCard } from "../contract/card.ts"
import type { JsonObject, WeightedPrompt } from "../contract/request.ts"
import { defined, pick, times, type UnknownRecord } from "../lib/object.ts"
import {
  anyNumber,
  anyText,
  defaultOf,
  neutralRange,
  neutralRule,
  numberFrom,
  oneOf,
  promptsOf,
  type Range,
  type Rule,
  round6,
  ruleOf,
  textOf,
} from "../models/parameter.ts"
import { nearest, quote } from "../models/suggest.ts"
import { conditionalOf, fitTogether } from "./allowed-with.ts"
import type { Diagnostics } from "./diagnostics.ts"

export const settingNames = [
  "quality",
  "guidance",
  "steps",
  "style",
  "outputFormat",
  "background",
  "compression",
  "moderation",
  "partialImages",
  "strength",
  "controlStrength",
] as const

/** What some settings take on every model. */
const neutralRules: { readonly [Name in FieldName]?: Rule } = {
  background: oneOf(["transparent", "opaque", "auto"]),
  compression: numberFrom(0, 100),
  moderation: oneOf(["auto", "low"]),
  partialImages: numberFrom(0, 100, true),
}

export const fitSettings = (
  taskCard: TaskCard,
  fields: UnknownRecord,
  diagnostics: Diagnostics,
  options: JsonObject = {},
): UnknownRecord => {
  const { fields: parameters } = taskCard
  const fitted: Record<string, unknown> = {}
  for (const field of settingNames) {
    const [parameter, given, rule] = [parameters[field], fields[field], neutralRules[field]]
    const isOwn = parameter !== undefined && ruleOf(parameter).takes(given)
    if (given !== undefined && rule && !isOwn && !diagnostics.check(field, rule, given)) continue
    const value = parameter
      ? fitSetting(field, parameter, given, diagnostics)
      : dropSetting(field, given, diagnostics)
    if (value !== undefined) fitted[field] = value
  }
  const requested = pick(fields, (value, name) => !isSilent(name, value) || fitted[name] === value)
  const conditional = conditionalOf(taskCard)
  if (conditional.size === 0) return fitted
  return fitTogether(
    { taskCard, parameters: conditional, settings: fitted, fields: requested, options },
    diagnostics,
  )
}

/** The texts as the model takes them: weighted where it can, else joined. */
export const fitTexts = (
  { fields: parameters }: TaskCard,
  fields: UnknownRecord,
  diagnostics: Diagnostics,
): UnknownRecord => {
  const list = parameters.prompts
  const weighted = list?.kind === "prompts" ? textOf(0, list.max) : undefined
  const text = weighted ?? (parameters.prompt && ruleOf(parameters.prompt))
  const negative = weighted ?? (parameters.negativePrompt && ruleOf(parameters.negativePrompt))
  const { prompts, negativePrompt: given } = fields
  if (fields["prompt"] !== undefined && prompts !== undefined)
    diagnostics.conflict("prompts", "prompt and prompts")
  if (given !== undefined && !diagnostics.check("negativePrompt", anyText, given)) return {}
  const promptsRule = list ? ruleOf(list) : promptsOf()
  if (prompts !== undefined && !diagnostics.check("prompts", promptsRule, prompts)) return {}
  const usual = {
    prompt: prompts === undefined ? parameters.prompt?.default : undefined,
    negativePrompt: parameters.negativePrompt?.default,
  }
  const { prompt = usual.prompt, negativePrompt = usual.negativePrompt }: UnknownRecord =
    prompts === undefined || weighted
      ? fields
      : joinPrompts(prompts as readonly WeightedPrompt[], given, diagnostics)
  if (prompt !== undefined) {
    if (text) diagnostics.check("prompt", text, prompt)
    else if (diagnostics.check("prompt", anyText, prompt) && prompt !== "")
      diagnostics.drop("prompt", prompt, "the model takes no prompt in this task", true)
  } else if (text && (parameters.prompt?.required || (list?.required && prompts === undefined)))
    diagnostics.missing("prompt", text.words())
  if (negativePrompt) {
    if (negative) diagnostics.check("negativePrompt", negative, negativePrompt)
    else
      diagnostics.drop("negativePrompt", negativePrompt, "the model takes no negative prompt", true)
  }
  return defined({
    prompt: text && prompt,
    prompts: weighted && prompts,
    negativePrompt: negative && (negativePrompt || undefined),
  })
}

export const splitImages = (
  count: number,
  { imagesPerCall = 1 }: TaskCard,
  diagnostics: Diagnostics,
): readonly number[] => {
  if (count <= imagesPerCall) return [count]
  const split = times(Math.ceil(count / imagesPerCall), (call) =>
    Math.min(imagesPerCall, count - call * imagesPerCall),
  )
  const why = `the model makes at most ${imagesPerCall} per call`
  diagnostics.change({ field: "n", action: "split", from: count, to: split, why })
  return split
}

/** One seed per call: given, derived or drawn. Empty where the model takes no seed. */
export const planSeeds = (
  { fields: { seed: parameter }, imagesPerCall = 1 }: TaskCard,
  given: unknown,
  calls: number,
  random: () => number,
  diagnostics: Diagnostics,
): readonly number[] => {
  const rule = parameter
    ? ruleOf(parameter)
    : numberFrom(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, true)
  if (given !== undefined && !diagnostics.check("seed", rule, given)) return []
  if (parameter?.kind !== "seed") {
    if (given !== undefined) diagnostics.drop("seed", given, "the model takes no seed")
    return []
  }
  const { min, max, narrowMax = max, zero } = parameter
  if (given === 0 && zero === "random")
    diagnostics.warnings.push(
      "The model draws a seed for seed 0: the image cannot be replayed. Use another seed for that.",
    )
  const low = zero === "random" ? Math.max(1, min) : min
  const span = narrowMax - low + 1
  const seed = (given as number | undefined) ?? low + Math.floor(random() * span)
  // Call 0 sends the seed unchanged; no two calls of a split share one.
  return times(calls, (call) =>
    call === 0 ? seed : low + ((seed - low + call * imagesPerCall) % span),
  )
}

/** The card's value for a word, in any case and with any separators. */
export const matchValue = (
  parameter: Enum,
  word: unknown,
  isQuality = false,
): string | undefined => {
  if (typeof word !== "string") return undefined
  const wanted = lettersOf(word)
  const value =
    parameter.values.find((each) => each === word) ??
    parameter.values.find((each) => lettersOf(each) === wanted) ??
    parameter.synonyms?.[wanted] ??
    (isQuality ? nearestRung(parameter.values, wanted) : undefined)
  return value !== undefined && parameter.values.includes(value) ? value : undefined
}

type Enum = Extract<Parameter, { readonly kind: "enum" }>

const lettersOf = (word: string): string => word.toLowerCase().replace(/[^a-z0-9]/g, "")

/** Words of one rung mean the same. */
const qualityRungs: Readonly<Record<string, number>> = {
  low: 0,
  medium: 1,
  standard: 1,
  auto: 1,
  high: 2,
  hd: 2,
  premium: 2,
  xhigh: 3,
  max: 4,
}

const rungOf = (word: string): number | undefined =>
  Object.hasOwn(qualityRungs, word) ? qualityRungs[word] : undefined

/** The value on the nearest rung. Of two that are equally near, the lower. */
const nearestRung = (values: readonly string[], word: string): string | undefined => {
  const wanted = rungOf(word)
  if (wanted === undefined) return undefined
  const [closest] = values
    .flatMap((value) => {
      const rung = rungOf(lettersOf(value))
      return rung === undefined ? [] : [{ value, rung, gap: Math.abs(rung - wanted) }]
    })
    .toSorted(
      (one, other) =>
        one.gap - other.gap ||
        one.rung - other.rung ||
        // A named quality comes before the model's own choice.
        Number(one.value === "auto") - Number(other.value === "auto"),
    )
  return closest?.value
}

const fitSetting = (
  field: FieldName,
  parameter: Parameter,
  given: unknown,
  diagnostics: Diagnostics,
): unknown => {
  if (given === undefined) return defaultOf(parameter)
  if (parameter.kind === "range" && Number.isFinite(given))
    return fitNumber(field, parameter, given as number, diagnostics)
  if (parameter.kind === "enum" && typeof given === "string")
    return fitEnum(field, parameter, given, diagnostics)
  return diagnostics.check(field, neutralRule(parameter), given) ? given : undefined
}

/** Nothing is lost by leaving these to the model. */
const isSilent = (field: string, value: unknown): boolean =>
  field === "partialImages"
    ? value === 0
    : ["quality", "background", "moderation"].includes(field) && value === "auto"

const dropSetting = (field: FieldName, given: unknown, diagnostics: Diagnostics): undefined => {
  if (given === undefined || isSilent(field, given)) return
  const isText = ["quality", "style", "outputFormat"].includes(field)
  const rule = neutralRules[field] ?? (isText ? anyText : anyNumber)
  if (diagnostics.check(field, rule, given))
    diagnostics.drop(field, given, "the model has no such setting")
}

const fitNumber = (
  field: FieldName,
  parameter: Range,
  given: number,
  diagnostics: Diagnostics,
): number => {
  const [min, max] = neutralRange(parameter)
  const clamped = Math.min(max, Math.max(min, given))
  const to = parameter.integer ? Math.round(clamped) : round6(clamped)
  if (to === given) return to
  const action = clamped !== given ? "clamped" : parameter.integer ? "snapped" : "mapped"
  const allowed = action === "mapped" ? "six decimals" : neutralRule(parameter).words()
  diagnostics.change({ field, action, from: given, to, why: `the model takes ${allowed}` })
  return to
}

const fitEnum = (
  field: FieldName,
  parameter: Enum,
  given: string,
  diagnostics: Diagnostics,
): string | undefined => {
  const value = matchValue(parameter, given, field === "quality")
  if (value === given) return given
  if (value !== undefined) {
    const why = "the model's word for it"
    diagnostics.map(field, given, value, why)
    return value
  }
  const to = parameter.default as string | undefined
  if (isSilent(field, given)) return to
  const action = to !== undefined && field === "outputFormat" ? "snapped" : "dropped"
  const like = nearest(given, parameter.values).join(", ")
  const why = `the model takes ${ruleOf(parameter).words()}; the nearest to ${quote(given)}: ${like}`
  diagnostics.change({ field, action, from: given, to, why })
  return to
}

/** Weighted prompts as one prompt and one negative prompt. */
const joinPrompts = (
  prompts: readonly WeightedPrompt[],
  negativePrompt: unknown,
  diagnostics: Diagnostics,
): UnknownRecord => {
  const weights = prompts.map(({ weight = 1 }) => weight)
  const textsOf = (sign: number): readonly unknown[] =>
    prompts.flatMap(({ text }, index) => (Math.sign(weights[index] ?? 0) === sign ? [text] : []))
  const joined = (texts: readonly unknown[]): string | undefined =>
    texts.length > 0 ? texts.join(", ") : undefined
  const negative = negativePrompt ? [negativePrompt, ...textsOf(-1)] : textsOf(-1)
  const to = defined({ prompt: joined(textsOf(1)), negativePrompt: joined(negative) })
  const why = "the model takes one prompt and one negative prompt"
  diagnostics.map("prompts", prompts, to, why, true)
  if (weights.some((weight) => Math.abs(weight) !== 1))
    diagnostics.change({
      field: "prompts",
      action: "dropped",
      from: weights,
      to: weights.map(Math.sign),
      why: "the model takes no weights",
    })
  return to
}
