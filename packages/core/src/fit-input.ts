import type { FieldName, Parameter, TaskCard } from "./card.ts"
import { allowedBy, isAllowed } from "./check.ts"
import { matchWord } from "./fit.ts"
import { givenAs, quote } from "./nearest.ts"
import type { Loose } from "./request.ts"
import { isRecord, place, valueAt } from "./wire.ts"
import { checkText } from "./words.ts"
import type { Workshop } from "./workshop.ts"

const isKnown = (names: readonly string[], record: unknown, prefix = ""): boolean =>
  isRecord(record) &&
  Object.entries(record).every(
    ([key, value]) =>
      value === undefined ||
      // A key with a dot is no way to say a path: nothing would read it.
      (!key.includes(".") && names.includes(prefix + key)) ||
      (names.some((name) => name.startsWith(`${prefix + key}.`)) && isKnown(names, value, `${prefix + key}.`)),
  )

const fitPart = (path: string, parameter: Parameter, given: unknown, { notes, model }: Workshop): unknown => {
  if (given === undefined) {
    if (parameter.required) notes.invalid(path, `${path} is missing: ${model} needs it in this task.`, allowedBy(parameter))
    return parameter.default
  }
  const fits = parameter.kind === "enum" ? matchWord(parameter, given) : isAllowed(parameter, given) ? given : undefined
  if (fits === undefined) notes.invalid(path, `${path} must be ${allowedBy(parameter)}.`, allowedBy(parameter), givenAs(given))
  return fits
}

const fitParts = (field: FieldName, parameters: Readonly<Record<string, Parameter>>, given: unknown, workshop: Workshop): Loose | undefined => {
  const names = Object.keys(parameters)
  if (!isKnown(names, given)) {
    workshop.notes.invalid(field, `${field} must be an object of ${names.join(", ")}.`, names.join(", "))
    return undefined
  }
  const fitted: Record<string, unknown> = {}
  for (const [part, parameter] of Object.entries(parameters)) {
    const value = fitPart(`${field}.${part}`, parameter, valueAt(given as Loose, part), workshop)
    if (value !== undefined) place(fitted, part, value)
  }
  const isNothing = field === "margins" && Object.values(given as Loose).every((pixels) => pixels === undefined || pixels === 0)
  if (isNothing) workshop.notes.invalid(field, "margins are all 0; give at least one above 0.", "at least one above 0")
  return fitted
}

const fitInput = (field: FieldName, parameter: Parameter, given: unknown, workshop: Workshop): unknown => {
  const { notes, model } = workshop
  const allowed = allowedBy(parameter)
  if (given === undefined) {
    if (parameter.required) notes.invalid(field, `${field} is missing: ${model} needs it in this task.`, allowed)
    return parameter.default
  }
  if (parameter.kind === "text") return checkText(field, given, parameter, notes) ? given : undefined
  if (parameter.kind === "object") return fitParts(field, parameter.fields, given, workshop)
  const value = parameter.kind === "enum" ? matchWord(parameter, given) : isAllowed(parameter, given) ? given : undefined
  if (value !== undefined) return value
  const said = typeof given === "string" ? `${given.length} characters` : givenAs(given)
  if (parameter.kind !== "enum" || typeof given !== "string") notes.invalid(field, `${field} must be ${allowed}.`, allowed, said)
  // What is longer than any word may be a text or an image in the wrong place.
  else if (given.length > 40) notes.unsupported(field, `${model} takes ${allowed} for ${field}, not a text of ${said}.`, allowed, said)
  else notes.unsupported(field, `${model} takes ${allowed} for ${field}, not ${quote(given)}.`, allowed, given)
  return undefined
}

const names = ["maskPrompt", "keepPrompt", "margins", "colors", "control", "garment", "upscale"] as const

/** The inputs that are no images, as the model takes them, defaults in. */
export const fitInputs = (fields: Loose, { fields: parameters }: TaskCard, workshop: Workshop): Loose => {
  const fitted: Record<string, unknown> = {}
  for (const name of names) {
    const parameter = parameters[name]
    const value = parameter && fitInput(name, parameter, fields[name], workshop)
    if (value !== undefined) fitted[name] = value
  }
  return fitted
}
