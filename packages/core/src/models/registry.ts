import type { ImageAdapter } from "../contract/adapter.ts"
import type { LifecycleStatus, ModelCard } from "../contract/card.ts"
import type { ModelInfo } from "../contract/client.ts"
import { type ImageError, imageError, invalidRequest } from "../contract/errors.ts"
import type { Change } from "../contract/plan.ts"
import type { ParsedModel } from "../contract/transport.ts"
import { defined, mapValues, memo } from "../lib/object.ts"
import { toJsonSchema } from "./json-schema.ts"
import { nearest, quote } from "./suggest.ts"

/** One model as one adapter reaches it. */
export interface Target {
  readonly adapter: ImageAdapter
  readonly card: ModelCard
  readonly modelId: string
  readonly region?: string
  /** Do the provider's list prices hold? */
  readonly listed: boolean
  readonly warnings: readonly string[]
  readonly changes: readonly Change[]
}

interface Named {
  readonly adapter: ImageAdapter
  readonly card: ModelCard
  readonly modelId?: string
  readonly warning?: string
}

export interface Registry {
  readonly cards: readonly ModelCard[]
  /** The model that a string means; `modelId` is what the provider is called with instead. */
  resolve(model: unknown, modelId?: unknown): Target
}

/** Every name of an adapter's models: ids, aliases, profiles. */
const namesOf = (adapter: ImageAdapter): ReadonlyMap<string, Named> => {
  const names = new Map<string, Named>()
  for (const card of adapter.models) {
    names.set(card.id, { adapter, card })
    for (const alias of card.aliases ?? []) {
      const { id, ...more } = typeof alias === "string" ? { id: alias } : alias
      names.set(id, { adapter, card, ...more })
    }
    for (const profile of card.profiles ?? [])
      names.set(profile, { adapter, card, modelId: profile })
  }
  return names
}

/** Every name with those that have it. Throws where two of them could not be told apart. */
const indexOf = (adapters: readonly ImageAdapter[]): ReadonlyMap<string, readonly Named[]> => {
  const index = new Map<string, readonly Named[]>()
  for (const adapter of adapters) {
    const { alias } = adapter
    if (alias === "" || alias?.includes("/"))
      throw invalidRequest(`An adapter's name must not be empty or hold a slash: ${quote(alias)}.`)
    for (const [name, named] of namesOf(adapter)) {
      const others = index.get(name) ?? []
      if (others.some((other) => other.adapter.alias === alias))
        throw invalidRequest(
          `Two adapters${alias === undefined ? "" : ` named ${alias}`} claim ${name}. Name them apart: ${adapter.name}(transport, { name: "eu" }) is addressed eu/${name}.`,
        )
      index.set(name, [...others, named])
    }
  }
  return index
}

/** The one that a name means: who has no name of its own keeps the bare id, and of several named ones it means none. */
const meantOf = (named: readonly Named[]): Named | undefined =>
  named.find(({ adapter }) => adapter.alias === undefined) ??
  (named.length === 1 ? named[0] : undefined)

const target = (
  { adapter, card, warning, ...named }: Named,
  given: string,
  parsed: ParsedModel | undefined,
  modelId: string | undefined,
): Target => {
  const own = modelId === undefined ? parsed : adapter.transport.parse?.(modelId)
  const asked = modelId ?? named.modelId ?? parsed?.modelId
  const called = asked ?? card.profiles?.[0] ?? card.id
  const unlisted = card.profiles?.includes(called) ? undefined : own?.warning
  const why = "the model is called through its inference profile only"
  return {
    adapter,
    card,
    modelId: called,
    ...defined({ region: own?.region ?? parsed?.region }),
    listed: (own ?? parsed)?.priced !== false,
    warnings: [warning, unlisted].filter((each) => each !== undefined),
    changes:
      asked === undefined && called !== card.id
        ? [{ field: "model", action: "mapped", from: given, to: called, why }]
        : [],
  }
}

const notFound = (
  model: string,
  names: readonly string[],
  rivals: readonly Named[],
  opaque: boolean,
): ImageError => {
  const advice = opaque
    ? "It is opaque: give the ARN as `modelId`, and the base model as `model`."
    : rivals.length > 0
      ? `Several adapters have it; address one of them: ${rivals.map(({ adapter }) => `${adapter.alias}/${model}`).join(", ")}.`
      : names.length > 0
        ? `The nearest names are ${nearest(model, names).join(", ")}.`
        : "No adapter is installed that has models."
  return imageError("model_not_found", `No adapter has the model ${quote(model)}. ${advice}`)
}

/** Indexes the adapters' cards. Throws where two adapters claim one model and neither is named. */
export const createRegistry = (adapters: readonly ImageAdapter[]): Registry => {
  const index = indexOf(adapters)

  const find = (model: string, modelId: string | undefined, alias?: string): Target => {
    const isIn = (adapter: ImageAdapter): boolean => alias === undefined || adapter.alias === alias
    const candidates = (name: string): readonly Named[] =>
      (index.get(name) ?? []).filter(({ adapter }) => isIn(adapter))
    const named = meantOf(candidates(model))
    if (named) return target(named, model, undefined, modelId)
    const [prefix, ...rest] = model.split("/")
    if (
      alias === undefined &&
      rest.length > 0 &&
      adapters.some((adapter) => adapter.alias === prefix)
    )
      return find(rest.join("/"), modelId, prefix)
    const readings = adapters.filter(isIn).flatMap((adapter) => {
      const parsed = adapter.transport.parse?.(model)
      return parsed ? [{ adapter, parsed }] : []
    })
    for (const { adapter, parsed } of readings) {
      const meant = meantOf(candidates(parsed.id))
      // What one transport reads is no name for what another one reaches.
      if (meant?.adapter === adapter) return target(meant, model, parsed, modelId)
    }
    const opaque = readings.some(({ parsed: { id, modelId: called } }) => id === called)
    const rivals = [model, ...readings.map(({ parsed }) => parsed.id)]
      .map(candidates)
      .find((each) => each.length > 0 && !meantOf(each))
    throw notFound(model, [...index.keys()], rivals ?? [], opaque)
  }

  return {
    cards: [...new Set(adapters.flatMap(({ models }) => models))],
    resolve: (model, modelId) => {
      if (typeof model === "string" && model !== "")
        return find(model, typeof modelId === "string" && modelId !== "" ? modelId : undefined)
      const message = "model is missing: name the model to use."
      throw imageError("invalid_request", message, {
        issues: [{ code: "invalid_request", path: "model", message, allowed: "a model's id" }],
      })
    },
  }
}

const hasCome = (day: string | undefined, date: string): boolean => day !== undefined && day <= date

/** The status on an ISO date: what the card says, or worse if one of its dates has passed. */
export const lifecycleOn = (
  { lifecycle: { status, legacyFrom, retiredFrom } }: ModelCard,
  date: string,
): LifecycleStatus =>
  status === "retired" || hasCome(retiredFrom, date)
    ? "retired"
    : status === "legacy" || hasCome(legacyFrom, date)
      ? "legacy"
      : "active"

/** What to tell of a model that is on its way out; undefined for an active one. */
export const lifecycleNote = (card: ModelCard, status: LifecycleStatus): string | undefined => {
  if (status === "active") return undefined
  const { legacyFrom, retiredFrom, successor } = card.lifecycle
  const since = status === "retired" ? retiredFrom : legacyFrom
  const until =
    status === "legacy" && retiredFrom !== undefined ? ` and ends on ${retiredFrom}` : ""
  return `${card.id} is ${status}${since === undefined ? "" : ` since ${since}`}${until}.${successor === undefined ? "" : ` Its successor is ${successor}.`}`
}

const parametersOf = memo(({ tasks }: ModelCard): ModelInfo["parameters"] =>
  mapValues(tasks, ({ fields }) => fields),
)

/** What a client tells of one model. */
export const modelInfo = (card: ModelCard, lifecycle: LifecycleStatus): ModelInfo => ({
  card,
  lifecycle,
  parameters: parametersOf(card),
  schema: (task = "text-to-image") => {
    const found = card.tasks[task]
    if (found) return toJsonSchema(found)
    throw imageError(
      "unsupported",
      `${card.id} has no task ${task}; it has ${Object.keys(card.tasks).join(", ")}.`,
    )
  },
})
