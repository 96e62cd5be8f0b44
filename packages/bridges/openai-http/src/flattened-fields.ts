import type { JsonObject, ModelCard, Parameter } from "@pictor/core"
import { conflicting, type Issue } from "./errors.ts"
import { isJsonObject } from "./json.ts"
import { parameters } from "./parameters.ts"

interface BodyField {
  /** In the model's body. */
  readonly path: string
  /** Core's field, or the path of an option. */
  readonly field: string
  readonly kind: Parameter["kind"]
}

const pathsOf = ({ path, pathBeside = {} }: Parameter): readonly string[] => [
  ...(path === undefined ? [] : [path].flat()),
  ...Object.values(pathBeside),
]

const bodyFieldsOf = (card: ModelCard): readonly BodyField[] =>
  Object.values(card.tasks).flatMap(({ fields, options = {} }) => [
    ...Object.entries(fields).flatMap(([field, parameter]) =>
      pathsOf(parameter).map((path) => ({ path, field, kind: parameter.kind })),
    ),
    ...Object.entries(options).map(([path, { kind }]) => ({ path, field: path, kind })),
  ])

type Target = { readonly path: string } | { readonly field: string }

/** The only path that ends in the name. A text with one path per task goes to core's field. */
const targetOf = (name: string, bodyFields: readonly BodyField[]): Target | undefined => {
  const isTopLevel = bodyFields.some(({ path }) => path === name || path.startsWith(`${name}.`))
  if (isTopLevel || Object.hasOwn(parameters.edits, name)) return undefined
  const [first, ...rest] = bodyFields.filter(({ path }) => path.endsWith(`.${name}`))
  if (!first) return undefined
  if (rest.every(({ path }) => path === first.path)) return { path: first.path }
  const isOneText = [first, ...rest].every(
    ({ field, kind }) => field === first.field && kind === "text",
  )
  return isOneText ? { field: first.field } : undefined
}

/** A copy with a value at the path, or undefined if another value is there. */
const withValue = (
  fields: JsonObject,
  [head = "", ...rest]: readonly string[],
  value: unknown,
): JsonObject | undefined => {
  const existing = fields[head]
  if (rest.length === 0)
    return existing === undefined || existing === value ? { ...fields, [head]: value } : undefined
  const inner = existing === undefined ? {} : isJsonObject(existing) ? existing : undefined
  const changed = inner && withValue(inner, rest, value)
  return changed && { ...fields, [head]: changed }
}

interface Draft {
  readonly fields: Record<string, unknown>
  readonly issues: Issue[]
}

/**
 * Moves top-level fields such as `negativeText` and `cfgScale` to their path in the model's body.
 * LiteLLM's clients send them flattened: https://github.com/BerriAI/litellm, seen 2026-11-21.
 */
export const nestFlattenedFields = (
  own: JsonObject,
  card: ModelCard,
  { fields, issues }: Draft,
): JsonObject => {
  const bodyFields = bodyFieldsOf(card)
  let nested = own
  for (const [name, value] of Object.entries(own)) {
    const target = targetOf(name, bodyFields)
    if (!target) continue
    const { [name]: _moved, ...others } = nested
    nested = others
    if ("path" in target) {
      const changed = withValue(others, target.path.split("."), value)
      if (changed) nested = changed
      else issues.push(conflicting(name, target.path))
    } else if ((fields[target.field] ?? value) === value) fields[target.field] = value
    else issues.push(conflicting(name, target.field))
  }
  return nested
}
