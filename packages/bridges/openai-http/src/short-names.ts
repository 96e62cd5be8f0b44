import type { ModelCard, Parameter } from "@pictor/core"
import { type Fault, invalid } from "./fault.ts"
import { parameters } from "./parameters.ts"
import { type Fields, isFields } from "./values.ts"

interface Place {
  /** In the model's body. */
  readonly path: string
  readonly field: string
  readonly kind: Parameter["kind"]
}

const wiresOf = ({ path: wire, pathBeside: wires = {} }: Parameter): readonly string[] => [
  ...(wire === undefined ? [] : [wire].flat()),
  ...Object.values(wires),
]

const placesIn = (card: ModelCard): readonly Place[] =>
  Object.values(card.tasks).flatMap(({ fields, options = {} }) => [
    ...Object.entries(fields).flatMap(([field, parameter]) =>
      wiresOf(parameter).map((path) => ({ path, field, kind: parameter.kind })),
    ),
    ...Object.entries(options).map(([path, { kind }]) => ({ path, field: path, kind })),
  ])

/** Where a name belongs that stands deeper in the model's body: at its one path, or, of a text with several, in its neutral field. */
const belongsTo = (
  name: string,
  card: ModelCard,
): { readonly path: string } | { readonly field: string } | undefined => {
  const places = placesIn(card)
  if (
    Object.hasOwn(parameters.edits, name) ||
    places.some(({ path }) => path === name || path.startsWith(`${name}.`))
  )
    return undefined
  const found = places.filter(({ path }) => path.endsWith(`.${name}`))
  const [first] = found
  if (!first) return undefined
  if (found.every(({ path }) => path === first.path)) return { path: first.path }
  return found.every(({ field, kind }) => field === first.field && kind === "text")
    ? { field: first.field }
    : undefined
}

/** The fields with a value at a path; undefined where something else is there. */
const withValue = (
  fields: Fields,
  [head = "", ...rest]: readonly string[],
  value: unknown,
): Fields | undefined => {
  const there = fields[head]
  if (rest.length === 0)
    return there === undefined || there === value ? { ...fields, [head]: value } : undefined
  const inner = there === undefined ? {} : isFields(there) ? there : undefined
  const changed = inner && withValue(inner, rest, value)
  return changed && { ...fields, [head]: changed }
}

interface Draft {
  readonly fields: Record<string, unknown>
  readonly faults: Fault[]
}

/**
 * Brings fields that stand deeper in the model's body (`negativeText`, `cfgScale`) to their places: LiteLLM takes them at the top level, and so do its
 * clients (https://github.com/BerriAI/litellm, seen 2026-11-21).
 */
export const toTheirPlaces = (own: Fields, card: ModelCard, { fields, faults }: Draft): Fields => {
  let placed: Fields = own
  for (const [name, value] of Object.entries(own)) {
    const place = belongsTo(name, card)
    if (!place) continue
    const { [name]: _own, ...others } = placed
    const twin = "path" in place ? place.path : place.field
    const changed = "path" in place ? withValue(others, place.path.split("."), value) : others
    if (!changed || ("field" in place && (fields[place.field] ?? value) !== value))
      faults.push(invalid(name, `${name} and ${twin} say different things. Give one of them.`))
    else if ("field" in place) fields[place.field] = value
    placed = changed ?? others
  }
  return placed
}
