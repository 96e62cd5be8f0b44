import type { Parameter, TaskCard } from "../contract/card.ts"

export type Range = Extract<Parameter, { readonly kind: "range" }>

/** Derived numbers are sent with six decimals at most. */
export const round6 = (value: number): number => Math.round(value * 1e6) / 1e6

/** A neutral value as the model counts it, and the other way round. */
export const turned = (parameter: Parameter, value: number): number =>
  parameter.kind === "range" && parameter.inverted ? round6(1 - value) : value

/** What a neutral number may be, where the model counts from the other end too. */
export const neutralRange = ({ min, max, inverted }: Range): readonly [min: number, max: number] =>
  inverted ? [round6(1 - max), round6(1 - min)] : [min, max]

/** A card's default in neutral words: there a number is the model's own. */
export const standardOf = (parameter: Parameter): unknown =>
  typeof parameter.default === "number" ? turned(parameter, parameter.default) : parameter.default

/** The neutral parameters; a model of weighted texts also takes a prompt and what to avoid. */
export const parametersOf = ({ fields }: TaskCard): Readonly<Record<string, Parameter>> => {
  const { prompts } = fields
  const text =
    prompts?.kind === "prompts" ? ({ kind: "text", max: prompts.max } as const) : undefined
  return { ...(text && { prompt: text, negativePrompt: text }), ...fields }
}
