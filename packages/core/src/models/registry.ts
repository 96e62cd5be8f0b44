import type { ImageAdapter } from "../contract/adapter.ts"
import type { Lifecycle, LifecycleStatus, ModelCard } from "../contract/card.ts"
import type { ModelInfo } from "../contract/client.ts"
import { type ImageError, imageError, invalidRequest } from "../contract/errors.ts"
import type { Change } from "../contract/plan.ts"
import type { ParsedModel } from "../contract/transport.ts"
import { dateOf, mapValues, memo } from "../lib/object.ts"
import { toJsonSchema } from "./json-schema.ts"
import { nearest, quote } from "./suggest.ts"

/** One model as one adapter reaches it. */
export interface Target {
  readonly adapter: ImageAdapter
  readonly card: ModelCard
  readonly modelId: string
  readonly region?: string
  /** Do the provider's list prices apply? */
  readonly listed: boolean
  readonly warnings: readonly string[]
  readonly changes: readonly Change[]
}

export interface Registry {
  readonly cards: readonly ModelCard[]
  /** The target of a model string. `modelId` replaces the id that the provider is called with. */
  resolve(model: unknown, modelId?: unknown): Target
}

/** Indexes the adapters' cards. Throws where two adapters have one model and the same name. */
export const createRegistry = (adapters: readonly ImageAdapter[]): Registry => {
  const index = indexNames(adapters)

  const find = (model: string, modelId: string | undefined, alias?: string): Target => {
    const isIn = (adapter: ImageAdapter): boolean => alias === undefined || adapter.alias === alias
    const candidates = (name: string): readonly NamedModel[] =>
      (index.get(name) ?? []).filter(({ adapter }) => isIn(adapter))
    const named = onlyOf(candidates(model))
    if (named) return toTarget(named, model, undefined, modelId)
    const [prefix, ...rest] = model.split("/")
    const isPrefixed = adapters.some((adapter) => adapter.alias === prefix)
    if (alias === undefined && rest.length > 0 && isPrefixed)
      return find(rest.join("/"), modelId, prefix)
    const readings = adapters.filter(isIn).flatMap((adapter) => {
      const parsed = adapter.transport.parse?.(model)
      return parsed ? [{ adapter, parsed }] : []
    })
    for (const { adapter, parsed } of readings) {
      const match = onlyOf(candidates(parsed.id))
      // A name that only one transport understands must not select another adapter.
      if (match?.adapter === adapter) return toTarget(match, model, parsed, modelId)
    }
    const isOpaque = readings.some(({ parsed }) => parsed.id === parsed.modelId)
    const rivals = [model, ...readings.map(({ parsed }) => parsed.id)]
      .map(candidates)
      .find((each) => each.length > 0 && !onlyOf(each))
    throw notFound(model, [...index.keys()], rivals ?? [], isOpaque)
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

/** The card's status on an ISO date, or a later one if its date has passed. */
export const lifecycleOn = (
  { lifecycle: { status, legacyFrom, retiredFrom } }: ModelCard,
  date: string,
): LifecycleStatus => {
  const hasPassed = (day: string | undefined): boolean => day !== undefined && day <= date
  if (status === "retired" || hasPassed(retiredFrom)) return "retired"
  return hasPassed(legacyFrom) ? "legacy" : status
}

/** Providers announce the end of a model at least this long before it. */
const noticeDays = 45

const addDays = (date: string, days: number): string => dateOf(Date.parse(date) + days * 86_400_000)

const daysUntil = (end: string, date: string): string => {
  const days = Math.round((Date.parse(end) - Date.parse(date)) / 86_400_000)
  if (days < 0 || days > noticeDays) return ""
  return days === 1 ? ", in 1 day" : `, in ${days} days`
}

/** When a legacy model ends, or may end. */
const endOf = ({ legacyFrom, retiredFrom, earliestEnd = "" }: Lifecycle, date: string): string => {
  if (retiredFrom !== undefined) return ` and ends on ${retiredFrom}${daysUntil(retiredFrom, date)}`
  const noticed = legacyFrom === undefined ? "" : addDays(legacyFrom, noticeDays)
  const first = noticed > earliestEnd ? noticed : earliestEnd
  return first === ""
    ? ` and may end ${noticeDays} days after the provider's notice`
    : ` and may end from ${first}`
}

const extendedNote = ({ extendedFrom }: Lifecycle, date: string): string =>
  extendedFrom === undefined
    ? ""
    : ` Extended access ${extendedFrom <= date ? "began" : "begins"} on ${extendedFrom}: prices may be higher.`

/** The warning for a preview, or a model that ends. Throws for a retired one under `refuse`. */
export const lifecycleWarning = (
  card: ModelCard,
  date: string,
  rule: "warn" | "refuse",
): string | undefined => {
  const { id, lifecycle } = card
  const { legacyFrom, retiredFrom, successor } = lifecycle
  const status = lifecycleOn(card, date)
  const since = status === "retired" ? retiredFrom : legacyFrom
  const sinceText = since === undefined ? "" : ` since ${since}`
  const next = successor === undefined ? "" : ` Its successor is ${successor}.`
  if (status === "retired") {
    const warning = `${id} is retired${sinceText}.${next}`
    if (rule === "refuse") throw imageError("model_retired", warning)
    return warning
  }
  if (status === "legacy")
    return `${id} is legacy${sinceText}${endOf(lifecycle, date)}.${extendedNote(lifecycle, date)}${next}`
  const soon = retiredFrom === undefined ? "" : daysUntil(retiredFrom, date)
  if (status === "preview" && soon === "")
    return `${id} is a preview: the provider may change or end it, or limit who may call it.`
  return soon === "" ? undefined : `${id} ends on ${retiredFrom}${soon}.${next}`
}

export const modelInfo = (card: ModelCard, lifecycle: LifecycleStatus): ModelInfo => ({
  card,
  lifecycle,
  parameters: parametersByTask(card),
  schema: (task = "text-to-image") => {
    const found = card.tasks[task]
    if (found) return toJsonSchema(found)
    const tasks = Object.keys(card.tasks).join(", ")
    throw imageError("unsupported", `${card.id} has no task ${task}; it has ${tasks}.`)
  },
})

interface NamedModel {
  readonly adapter: ImageAdapter
  readonly card: ModelCard
  readonly modelId?: string
  readonly warning?: string
}

const indexNames = (
  adapters: readonly ImageAdapter[],
): ReadonlyMap<string, readonly NamedModel[]> => {
  const index = new Map<string, readonly NamedModel[]>()
  for (const adapter of adapters) {
    const { alias } = adapter
    if (alias === "" || alias?.includes("/"))
      throw invalidRequest(
        `An adapter's name must be a text that is not empty and has no slash, not ${quote(alias)}.`,
      )
    for (const [name, named] of namesOf(adapter)) {
      const others = index.get(name) ?? []
      if (others.some((other) => other.adapter.alias === alias))
        throw invalidRequest(
          `Two adapters${alias === undefined ? "" : ` named ${alias}`} have the model ${name}. Name one of them: ${adapter.name}(transport, { name: "eu" }) is addressed as eu/${name}.`,
        )
      index.set(name, [...others, named])
    }
  }
  return index
}

const namesOf = (adapter: ImageAdapter): ReadonlyMap<string, NamedModel> => {
  const names = new Map<string, NamedModel>()
  for (const card of adapter.models) {
    names.set(card.id, { adapter, card })
    for (const alias of card.aliases ?? []) {
      const { id, ...more } = typeof alias === "string" ? { id: alias } : alias
      names.set(id, { adapter, card, ...more })
    }
    for (const modelId of card.callableIds ?? []) names.set(modelId, { adapter, card, modelId })
  }
  return names
}

/** The model of an adapter without a name, else the only one. */
const onlyOf = (named: readonly NamedModel[]): NamedModel | undefined =>
  named.find(({ adapter }) => adapter.alias === undefined) ??
  (named.length === 1 ? named[0] : undefined)

const toTarget = (
  { adapter, card, warning, ...named }: NamedModel,
  model: string,
  parsed: ParsedModel | undefined,
  modelId: string | undefined,
): Target => {
  const parsedId = modelId === undefined ? parsed : adapter.transport.parse?.(modelId)
  const requested = modelId ?? named.modelId ?? parsed?.modelId
  const called = requested ?? card.callableIds?.[0] ?? card.id
  const unlisted = card.callableIds?.includes(called) ? undefined : parsedId?.warning
  const region = parsedId?.region ?? parsed?.region
  const why = "the provider does not take the model's own id in calls"
  return {
    adapter,
    card,
    modelId: called,
    ...(region !== undefined && { region }),
    listed: (parsedId ?? parsed)?.priced !== false,
    warnings: [warning, unlisted].filter((each) => each !== undefined),
    changes:
      requested === undefined && called !== card.id
        ? [{ field: "model", action: "mapped", from: model, to: called, why }]
        : [],
  }
}

const notFound = (
  model: string,
  names: readonly string[],
  rivals: readonly NamedModel[],
  isOpaque: boolean,
): ImageError => {
  const addresses = rivals.map(({ adapter }) => `${adapter.alias}/${model}`).join(", ")
  const advice = isOpaque
    ? "The id does not name its base model: give the id as `modelId`, and the base model as `model`."
    : rivals.length > 0
      ? `Several adapters have it; address one of them: ${addresses}.`
      : names.length > 0
        ? `The nearest names are ${nearest(model, names).join(", ")}.`
        : "No adapter with models is installed."
  return imageError("model_not_found", `No adapter has the model ${quote(model)}. ${advice}`)
}

const parametersByTask = memo(({ tasks }: ModelCard): ModelInfo["parameters"] =>
  mapValues(tasks, ({ fields }) => fields),
)
