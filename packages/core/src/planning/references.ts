import type { FieldName, TaskCard } from "../contract/card.ts"
import { type Reference, referenceRoles, type Task } from "../contract/request.ts"
import { isRecord, type UnknownRecord } from "../lib/object.ts"
import { oneOf, type Rule } from "../models/parameter.ts"
import type { Diagnostics } from "./diagnostics.ts"

/** A reference without a field of its own, and its position in the request. */
export interface PlainReference {
  readonly index: number
  readonly image: unknown
}

/**
 * Gives each reference with a role to the field of that meaning. The others stay in `references`,
 * in order; a role that no field has is dropped.
 */
export const placeReferences = (
  fields: UnknownRecord,
  task: Task,
  { fields: parameters }: TaskCard,
  diagnostics: Diagnostics,
): UnknownRecord => {
  const { references, ...others } = fields
  if (!diagnostics.check("references", referencesRule, references)) return others
  if (others["images"] !== undefined) {
    diagnostics.conflict("references", "images and references")
    return others
  }
  const placed: Record<string, unknown> = { ...others }
  const plain: PlainReference[] = []
  const takesImages = (parameters.image ?? parameters.images) !== undefined
  for (const [index, { image, role }] of (references as readonly Reference[]).entries()) {
    const field = role && fieldOf(role, task)
    const isTaken = field === "image" ? takesImages : field && parameters[field] !== undefined
    if (field && isTaken && placed[field] === undefined) {
      placed[field] = image
      continue
    }
    plain.push({ index, image })
    if (role === undefined) continue
    const why = isTaken ? `the request has another ${field}` : "the model has no such role"
    diagnostics.drop(`references.${index}.role`, role, why)
  }
  return plain.length === 0 ? placed : { ...placed, references: plain }
}

/** The field that has the meaning of a role, in a task that gives it this meaning. */
const fieldOf = (role: NonNullable<Reference["role"]>, task: Task): FieldName | undefined => {
  if (role === "style") return "styleImage"
  if (role === "edit" || (role === "layout" && task === "control")) return "image"
  if (role === "layout") return task === "image-to-image" ? "referenceImage" : undefined
  return role === "subject" && task === "virtual-try-on" ? "referenceImage" : undefined
}

const maxReferences = 100
const roles = oneOf(referenceRoles)

const referencesRule: Rule = {
  words: () => `a list of 1 to ${maxReferences} { image, role? }, role ${roles.words()}`,
  takes: (value) =>
    Array.isArray(value) &&
    value.length > 0 &&
    value.length <= maxReferences &&
    value.every(
      (each: unknown) =>
        isRecord(each) &&
        each["image"] !== undefined &&
        (each["role"] === undefined || roles.takes(each["role"])) &&
        Object.keys(each).every((name) => name === "image" || name === "role"),
    ),
}
