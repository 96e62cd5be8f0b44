import type { Lifecycle, ModelCard } from "../contract/card.ts"
import { isRecord } from "../lib/object.ts"

/** Changes at any depth; `undefined` removes. */
type Changes<Value> = Value extends readonly unknown[]
  ? Value
  : Value extends object
    ? { readonly [Key in keyof Value]?: Changes<Value[Key]> | undefined }
    : Value

/** How a card differs from the one that it is derived from. */
export type CardChanges = Changes<Omit<ModelCard, "id" | "lifecycle">> & {
  readonly id: string
  readonly lifecycle: Lifecycle
}

/** Lists, plain values, and parameters whose kind is given, replace. */
type Replacing = readonly unknown[] | string | number | boolean | { readonly kind: unknown }

type MergedValue<Base, Change> = Change extends Replacing
  ? Change
  : Base extends readonly unknown[] | string | number | boolean
    ? Change
    : Merged<Base, Change>

type Merged<Base, Change> = {
  readonly [Key in keyof Base | keyof Change as Key extends keyof Change
    ? Change[Key] extends undefined
      ? never
      : Key
    : Key]: Key extends keyof Change
    ? Key extends keyof Base
      ? MergedValue<Base[Key], Change[Key]>
      : Change[Key]
    : Key extends keyof Base
      ? Base[Key]
      : never
}

/** What one model's card does not say of another. */
type Own = "aliases" | "callableIds" | "lifecycle"

export type DerivedCard<Base extends ModelCard, Change> = Merged<Omit<Base, Own>, Change>

const merge = (base: unknown, change: unknown): unknown => {
  if (!isRecord(base) || !isRecord(change) || change["kind"] !== undefined) return change
  const merged: Record<string, unknown> = { ...base }
  for (const [name, value] of Object.entries(change))
    if (value === undefined) delete merged[name]
    else merged[name] = Object.hasOwn(base, name) ? merge(base[name], value) : value
  return merged
}

/**
 * The card of a model that differs from another one in a few facts. Objects are merged at every
 * depth; a list, and a parameter whose `kind` is given, replace; `undefined` removes. Aliases,
 * callable ids and lifecycle are not inherited.
 *
 * @example
 * deriveCard(first, {
 *   id: "acme.paint-v2",
 *   lifecycle: { status: "active" },
 *   tasks: { "text-to-image": { fields: { style: { values: ["INK", "OIL"] } } } },
 * })
 * @__NO_SIDE_EFFECTS__
 */
export const deriveCard = <Base extends ModelCard, const Change extends CardChanges>(
  base: Base,
  change: Change,
): DerivedCard<Base, Change> => {
  const { aliases: _aliases, callableIds: _ids, lifecycle: _lifecycle, ...inherited } = base
  return merge(inherited, change) as DerivedCard<Base, Change>
}
