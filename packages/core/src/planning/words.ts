import type { Parameter, TaskCard } from "../contract/card.ts"
import type { JsonObject, WeightedPrompt } from "../contract/request.ts"
import { promptsOf, ruleOf } from "../models/kinds.ts"
import { anyText, type Rule, textOf } from "../models/rule.ts"
import { defined } from "../tools/defined.ts"
import type { Notes } from "./notes.ts"

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
