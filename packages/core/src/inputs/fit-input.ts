import type { FieldName, Parameter, TaskCard } from "../contract/card.ts"
import type { Issue } from "../contract/errors.ts"
import type { JsonObject } from "../contract/request.ts"
import { ruleOf } from "../models/kinds.ts"
import { matchWord } from "../planning/fit.ts"
import type { Notes } from "../planning/notes.ts"
import { isRecord, place, valueAt } from "../planning/wire.ts"

const isKnown = (names: readonly string[], record: unknown, prefix = ""): boolean =>
  isRecord(record) &&
  Object.entries(record).every(
    ([key, value]) =>
      value === undefined ||
      // A key with a dot is no way to say a path: nothing would read it.
      (!key.includes(".") && names.includes(prefix + key)) ||
      (names.some((name) => name.startsWith(`${prefix + key}.`)) &&
        isKnown(names, value, `${prefix + key}.`)),
  )

/** One value that is no image; a word is matched, all else is taken as it is or not at all. */
const fitValue = (
  path: string,
  parameter: Parameter,
  given: unknown,
  code: Issue["code"],
  notes: Notes,
): unknown => {
  const rule = ruleOf(parameter)
  if (given === undefined) {
    if (parameter.required) notes.missing(path, rule.words)
    return parameter.default
  }
  const value = (parameter.kind === "enum" ? matchWord(parameter, given) : undefined) ?? given
  return notes.check(
    path,
    rule,
    value,
    typeof given === "string" && parameter.kind === "enum" ? code : undefined,
  )
    ? value
    : undefined
}

const fitParts = (
  field: FieldName,
  parameters: Readonly<Record<string, Parameter>>,
  given: JsonObject,
  notes: Notes,
): JsonObject | undefined => {
  const names = Object.keys(parameters)
  const fitted: Record<string, unknown> = {}
  if (!isKnown(names, given))
    return notes.invalid(
      field,
      `${field} must be an object of ${names.join(", ")}.`,
      names.join(", "),
    )
  for (const [part, parameter] of Object.entries(parameters)) {
    const value = fitValue(
      `${field}.${part}`,
      parameter,
      valueAt(given, part),
      "invalid_request",
      notes,
    )
    if (value !== undefined) place(fitted, part, value)
  }
  const isNothing =
    field === "margins" &&
    Object.values(given).every((pixels) => pixels === undefined || pixels === 0)
  if (isNothing)
    notes.invalid(field, "margins are all 0; give at least one above 0.", "at least one above 0")
  return fitted
}

const names = [
  "maskPrompt",
  "keepPrompt",
  "margins",
  "colors",
  "control",
  "garment",
  "upscale",
] as const

/** The inputs that are no images, as the model takes them, defaults in. */
export const fitInputs = (
  fields: JsonObject,
  { fields: parameters }: TaskCard,
  notes: Notes,
): JsonObject => {
  const fitted: Record<string, unknown> = {}
  for (const name of names) {
    const parameter = parameters[name]
    const given = fields[name]
    const value =
      parameter?.kind === "object" && given !== undefined
        ? fitParts(name, parameter.fields, given as JsonObject, notes)
        : parameter && fitValue(name, parameter, given, "unsupported", notes)
    if (value !== undefined) fitted[name] = value
  }
  return fitted
}
