import type { Parameter, TaskCard } from "./card.ts"
import { allowedBy, characters, isPromptList } from "./check.ts"
import type { Notes } from "./notes.ts"
import type { Loose, WeightedPrompt } from "./request.ts"

type Text = Extract<Parameter, { readonly kind: "text" }>

/** A text within its limits, or an issue that gives its length alone. */
export const checkText = (path: string, text: unknown, { min = 0, max }: Pick<Text, "min" | "max">, notes: Notes): boolean => {
  const allowed = `a text of ${min} to ${max} characters`
  if (typeof text !== "string") {
    notes.invalid(path, `${path} must be ${allowed}.`, allowed, text === null ? "null" : typeof text)
    return false
  }
  const count = text.length < min || text.length > max ? characters(text) : min
  const fits = count >= min && count <= max
  if (!fits) notes.invalid(path, `${path} has ${count} characters; the model takes ${min} to ${max}.`, allowed, `${count} characters`)
  return fits
}

const fitWeighted = (parameter: Extract<Parameter, { readonly kind: "prompts" }>, fields: Loose, notes: Notes): Loose => {
  const { prompt, prompts, negativePrompt } = fields
  if (prompts !== undefined && !isPromptList(prompts, parameter.max))
    notes.invalid("prompts", `prompts must be ${allowedBy(parameter)}.`, allowedBy(parameter))
  if (prompt !== undefined) checkText("prompt", prompt, parameter, notes)
  if (negativePrompt !== undefined) checkText("negativePrompt", negativePrompt, parameter, notes)
  if (prompt === undefined && prompts === undefined && parameter.required)
    notes.invalid("prompt", "prompt is missing: say what to draw.", allowedBy(parameter))
  return { ...(prompt === undefined ? {} : { prompt }), ...(prompts === undefined ? {} : { prompts }), ...(negativePrompt ? { negativePrompt } : {}) }
}

const join = (prompts: readonly WeightedPrompt[], negativePrompt: unknown, notes: Notes): Loose => {
  const weightOf = ({ weight = 1 }: WeightedPrompt): number => weight
  const prompt = prompts
    .filter((each) => weightOf(each) > 0)
    .map(({ text }) => text)
    .join(", ")
  const avoided = prompts.filter((each) => weightOf(each) < 0).map(({ text }) => text)
  const negative = [...(typeof negativePrompt === "string" && negativePrompt ? [negativePrompt] : []), ...avoided].join(", ")
  notes.change(
    {
      field: "prompts",
      action: "mapped",
      from: prompts,
      to: { prompt, ...(negative ? { negativePrompt: negative } : {}) },
      why: "the model takes one text, and one of what to avoid",
    },
    true,
  )
  const weights = prompts.map(weightOf)
  if (weights.some((weight) => Math.abs(weight) !== 1))
    notes.change({ field: "prompts", action: "dropped", from: weights, to: weights.map(Math.sign), why: "the model takes no weights" })
  return { ...(prompts.some((each) => weightOf(each) > 0) ? { prompt } : {}), ...(negative ? { negativePrompt: negative } : {}) }
}

/** The texts as the model takes them: weighted where it can, else joined. */
export const fitWords = (task: TaskCard, fields: Loose, model: string, notes: Notes): Loose => {
  if (fields["prompt"] !== undefined && fields["prompts"] !== undefined)
    notes.invalid("prompts", "prompt and prompts are two ways to say the same. Give one of them.")
  const { negativePrompt: asked } = fields
  if (asked !== undefined && typeof asked !== "string") {
    notes.invalid("negativePrompt", "negativePrompt must be a text.", "a text", asked === null ? "null" : typeof asked)
    return {}
  }
  const weighted = task.fields.prompts
  if (weighted?.kind === "prompts") return fitWeighted(weighted, fields, notes)
  const list = fields["prompts"]
  if (list !== undefined && !isPromptList(list, Number.POSITIVE_INFINITY)) {
    notes.invalid("prompts", "prompts must be a list of { text, weight? }.", "a list of { text, weight? }")
    return {}
  }
  const { prompt, negativePrompt }: Loose = list === undefined ? fields : join(list as readonly WeightedPrompt[], fields["negativePrompt"], notes)
  const fitted: Record<string, unknown> = {}
  const text = task.fields.prompt
  if (text?.kind === "text" && prompt !== undefined && checkText("prompt", prompt, text, notes)) fitted["prompt"] = prompt
  if (text?.required && prompt === undefined) notes.invalid("prompt", "prompt is missing: say what to draw.", allowedBy(text))
  if (!text && prompt !== undefined) notes.unsupported("prompt", `${model} takes no prompt in this task.`)
  const avoid = task.fields.negativePrompt
  if (negativePrompt === undefined || negativePrompt === "") return fitted
  if (avoid?.kind === "text") {
    if (checkText("negativePrompt", negativePrompt, avoid, notes)) fitted["negativePrompt"] = negativePrompt
  } else
    notes.change(
      { field: "negativePrompt", action: "dropped", from: negativePrompt, to: undefined, why: `${model} takes no text of what to avoid` },
      true,
    )
  return fitted
}
