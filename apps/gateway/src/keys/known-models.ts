import { nearest, quote } from "@pictor/core/host"

/** The models that callers ask for. */
export interface KnownModels {
  readonly names: readonly string[]
  /** What the ledger calls the models behind them. */
  readonly ids: readonly string[]
  /** What a name stands for; one that is unknown stands for itself. */
  readonly groupOf: (name: string) => string
}

interface Named {
  readonly models: readonly string[]
  readonly aliases: Readonly<Record<string, string>>
  readonly model_rpm_limit: Readonly<Record<string, unknown>> | null
  readonly model_max_budget: Readonly<Record<string, unknown>> | null
}

const isPattern = (name: string): boolean => name.endsWith("*") || name.startsWith("all-")

/** What a key says of models that there are none of: another gateway of the database may have them, so it is no error. */
export const unknownModels = (key: Named, { names, groupOf }: KnownModels): readonly string[] => {
  const isKnown = (name: string): boolean => names.includes(groupOf(key.aliases[name] ?? name))
  const fields = {
    models: key.models.filter((name) => !isPattern(name)),
    aliases: Object.values(key.aliases),
    model_rpm_limit: Object.keys(key.model_rpm_limit ?? {}),
    model_max_budget: Object.keys(key.model_max_budget ?? {}),
  }
  return Object.entries(fields).flatMap(([field, given]) =>
    [...new Set(given)]
      .filter((name) => !isKnown(name))
      .map(
        (name) =>
          `${field} names ${quote(name)}, which is no model of this gateway: the nearest are ${nearest(name, names).join(", ")}.`,
      ),
  )
}

/** The same of a budget, which goes by what the ledger calls a model. */
export const unknownModel = (model: string | null, { ids }: KnownModels): readonly string[] =>
  model === null || ids.includes(model)
    ? []
    : [
        `model names ${quote(model)}, and no model that is called here has this id: the nearest are ${nearest(model, ids).join(", ")}.`,
      ]
