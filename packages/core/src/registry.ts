import type { ImageAdapter } from "./adapter.ts"
import type { ModelCard } from "./card.ts"
import { ImageError } from "./errors.ts"
import { nearest, quote } from "./nearest.ts"
import type { Change } from "./plan.ts"
import type { ParsedModel } from "./transport.ts"

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

const namesOf = (adapter: ImageAdapter): ReadonlyMap<string, Named> => {
  const names = new Map<string, Named>()
  for (const card of adapter.models) {
    names.set(card.id, { adapter, card })
    for (const alias of card.aliases ?? []) {
      const { id, warning } = typeof alias === "string" ? { id: alias } : alias
      names.set(id, { adapter, card, ...(warning === undefined ? {} : { warning }) })
    }
    for (const profile of card.profiles ?? []) names.set(profile, { adapter, card, modelId: profile })
  }
  return names
}

type Names = ReadonlyMap<string, Named | "ambiguous">

const bareNames = (adapters: readonly ImageAdapter[]): Names => {
  const names = new Map<string, Named | "ambiguous">()
  for (const adapter of adapters.toSorted((left, right) => Number(left.alias !== undefined) - Number(right.alias !== undefined))) {
    for (const [name, named] of namesOf(adapter)) {
      const known = names.get(name)
      if (known === undefined) names.set(name, named)
      else if (adapter.alias === undefined)
        throw new ImageError({
          code: "invalid_request",
          message: `Two adapters claim ${name}. Name one of them, ${adapter.name}(transport, { name: "eu" }), and address it eu/${name}.`,
        })
      // An adapter without a name keeps the bare id; two named ones share none.
      else if (known === "ambiguous" || known.adapter.alias !== undefined) names.set(name, "ambiguous")
    }
  }
  return names
}

const profileChange = (given: string, modelId: string): Change => ({
  field: "model",
  action: "mapped",
  from: given,
  to: modelId,
  why: "the model is called through its inference profile only",
})

interface Scope {
  readonly names: Names
  readonly adapters: readonly ImageAdapter[]
}

const target = (given: string, named: Named, parsed: ParsedModel | undefined, modelId: string | undefined): Target => {
  const { adapter, card, warning } = named
  const profile = named.modelId ?? parsed?.modelId
  const called = modelId ?? profile ?? card.profiles?.[0] ?? card.id
  const own = modelId === undefined ? undefined : adapter.transport.parse?.(modelId)
  const region = own?.region ?? parsed?.region
  const unlisted = card.profiles?.includes(called) ? undefined : (modelId === undefined ? parsed : own)?.warning
  return {
    adapter,
    card,
    modelId: called,
    ...(region === undefined ? {} : { region }),
    listed: (own ?? parsed)?.priced !== false,
    warnings: [warning, unlisted].filter((each) => each !== undefined),
    changes: modelId === undefined && profile === undefined && called !== card.id ? [profileChange(given, called)] : [],
  }
}

const notFound = (model: string, scope: Scope, rivals: readonly string[], opaque: boolean): ImageError => {
  const names = [...scope.names.keys()]
  const advice = opaque
    ? "It is an opaque ARN: name the base model as `model` and give the ARN as `modelId` beside it."
    : rivals.length > 0
      ? `Several adapters have it; address one of them: ${rivals.map((alias) => `${alias}/${model}`).join(", ")}.`
      : names.length > 0
        ? `The nearest names are ${nearest(model, names).join(", ")}.`
        : "No adapter is installed that has models."
  return new ImageError({ code: "model_not_found", message: `No adapter has the model ${quote(model)}. ${advice}` })
}

/** Indexes the adapters' cards. Throws where two adapters claim one model and neither is named. */
export const createRegistry = (adapters: readonly ImageAdapter[]): Registry => {
  const aliased = new Map<string, Scope>()
  for (const adapter of adapters) {
    if (adapter.alias === undefined) continue
    if (adapter.alias === "" || adapter.alias.includes("/"))
      throw new ImageError({ code: "invalid_request", message: `An adapter's name must not be empty or hold a slash: ${quote(adapter.alias)}.` })
    const scope = aliased.get(adapter.alias)
    const rivals = scope?.adapters ?? []
    const clash = [...namesOf(adapter).keys()].find((name) => scope?.names.has(name))
    if (clash !== undefined)
      throw new ImageError({
        code: "invalid_request",
        message: `Two adapters named ${quote(adapter.alias)} claim ${clash}. Give them different names.`,
      })
    aliased.set(adapter.alias, { names: new Map([...(scope?.names ?? []), ...namesOf(adapter)]), adapters: [...rivals, adapter] })
  }
  const everywhere: Scope = { names: bareNames(adapters), adapters }

  const find = (model: string, modelId: string | undefined, scope: Scope): Target => {
    const named = scope.names.get(model)
    if (named !== undefined && named !== "ambiguous") return target(model, named, undefined, modelId)
    const slash = model.indexOf("/")
    const inner = slash > 0 && scope === everywhere ? aliased.get(model.slice(0, slash)) : undefined
    if (inner) return find(model.slice(slash + 1), modelId, inner)
    const readings = scope.adapters.flatMap((adapter) => {
      const parsed = adapter.transport.parse?.(model)
      return parsed ? [{ adapter, parsed }] : []
    })
    for (const { adapter, parsed } of readings) {
      const meant = scope.names.get(parsed.id)
      // What one transport reads is no name for what another one reaches.
      if (meant !== undefined && meant !== "ambiguous" && meant.adapter === adapter) return target(model, meant, parsed, modelId)
    }
    const opaque = readings.some(({ parsed: { id, modelId: called } }) => id === called)
    const rivals = [...aliased].filter(([, { names }]) => [model, ...readings.map(({ parsed }) => parsed.id)].some((id) => names.has(id)))
    const ambiguous = [model, ...readings.map(({ parsed }) => parsed.id)].some((id) => scope.names.get(id) === "ambiguous")
    throw notFound(model, scope, ambiguous ? rivals.map(([alias]) => alias) : [], opaque)
  }

  return {
    cards: [...new Set(adapters.flatMap(({ models }) => models))],
    resolve: (model, modelId) => {
      if (typeof model !== "string" || model === "")
        throw new ImageError({
          code: "invalid_request",
          message: "model is missing: name the model to use.",
          issues: [{ code: "invalid_request", path: "model", message: "model is missing", allowed: "a model's id" }],
        })
      return find(model, typeof modelId === "string" && modelId !== "" ? modelId : undefined, everywhere)
    },
  }
}
