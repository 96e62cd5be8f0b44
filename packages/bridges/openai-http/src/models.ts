import type { ImageError, JsonObject, ModelCard, ModelInfo, Pictor } from "@pictor/core"
import { nearest, quote } from "@pictor/core/host"
import { ApiError } from "./errors.ts"
import { isPresent } from "./json.ts"
import type { Body } from "./read-body.ts"
import type { OpenaiHttpOptions, PublicModel, RequestContext } from "./types.ts"

interface Source {
  readonly options: Pick<OpenaiHttpOptions, "pictor" | "models">
  readonly context: RequestContext
}

const allModels = ({ options: { pictor, models } }: Source): readonly PublicModel[] =>
  models ? models() : pictor.models().map(({ id }) => ({ id }))

const visibleModels = (source: Source): readonly PublicModel[] =>
  allModels(source).filter(({ id, hidden }) => !hidden && (source.context.mayUse?.(id) ?? true))

export const visibleNames = (source: Source): readonly string[] =>
  visibleModels(source).map(({ id }) => id)

const infoOf = (pictor: Pictor, name: string): ModelInfo | undefined => {
  try {
    return pictor.model(name)
  } catch {
    return undefined
  }
}

export const namesOfModels = (
  isAble: (card: ModelCard) => boolean,
  source: Source,
): readonly string[] =>
  visibleModels(source).flatMap(({ id, model = id }) => {
    const card = infoOf(source.options.pictor, model)?.card
    return card && isAble(card) ? [id] : []
  })

interface FoundModel {
  /** What a request gets where it leaves a field out. */
  readonly defaults: JsonObject
  readonly findCard: () => ModelCard | undefined
}

/** Finds a model by a name that is no alias of the client. */
export const findModel = (name: string, { options: { pictor, models } }: Source): FoundModel => {
  const listed = models?.().find(({ id }) => id === name)
  return {
    defaults: listed?.defaults ?? {},
    findCard: () => infoOf(pictor, listed?.model ?? name)?.card,
  }
}

/** Names of one thing: a request that gives one of them does without the default of another. */
const sameThing: readonly (readonly string[])[] = [
  ["size", "aspect_ratio", "aspectRatio", "width", "height"],
  ["guidance", "cfg_scale", "cfgScale"],
  ["negative_prompt", "negativePrompt", "negativeText"],
  ["output_format", "outputFormat"],
  ["style", "style_preset"],
]

/** A body with the defaults of its model for the fields that it leaves out. */
export const withDefaults = (body: Body, defaults: JsonObject): Body => {
  const isGiven = (name: string): boolean =>
    isPresent(body.fields[name]) && !(body.isForm && body.fields[name] === "")
  const added = Object.entries(defaults).filter(([name]) => {
    const names = sameThing.find((each) => each.includes(name)) ?? [name]
    return !names.some(isGiven)
  })
  return added.length === 0
    ? body
    : { ...body, fields: { ...body.fields, ...Object.fromEntries(added) } }
}

export const modelNotFound = (name: string, source: Source, cause?: ImageError): ApiError => {
  const similar = nearest(name, visibleNames(source)).join(", ")
  const advice = similar ? `Similar models: ${similar}.` : "No model is available to you."
  return new ApiError({
    status: 404,
    code: "model_not_found",
    message: `Model ${quote(name)} does not exist. ${advice}`,
    param: "model",
    ...(cause && { cause }),
  })
}

/** Does not reveal whether the model exists. */
export const modelNotAllowed = (name: string, source: Source): ApiError => {
  const names = visibleNames(source).slice(0, 20).join(", ")
  const advice = names ? `Available models: ${names}.` : "No model is available to you."
  return new ApiError({
    status: 403,
    type: "permission_error",
    code: "model_not_allowed",
    message: `You do not have access to model ${quote(name)}. ${advice}`,
    param: "model",
  })
}

/** The newest date of the card's sources, in seconds since 1970. */
const createdAt = (info: ModelInfo | undefined): number => {
  const seen = Object.values(info?.card.sources ?? {}).map((source) => Date.parse(source.seen))
  return Math.max(0, ...seen.filter(Number.isFinite)) / 1000
}

const summaryOf = (id: string, info: ModelInfo | undefined, ownedBy?: string): JsonObject => ({
  id,
  object: "model",
  created: createdAt(info),
  owned_by: ownedBy ?? info?.card.id.split(".")[0] ?? "pictor",
  ...(info && {
    pictor: {
      model: info.card.id,
      lifecycle: info.lifecycle,
      tasks: Object.keys(info.card.tasks),
    },
  }),
})

/** `GET /v1/models` */
export const listModels = (source: Source): JsonObject => ({
  object: "list",
  data: visibleModels(source).map(({ id, model = id, ownedBy }) =>
    summaryOf(id, infoOf(source.options.pictor, model), ownedBy),
  ),
})

const tasksOf = ({ card, schema }: ModelInfo): JsonObject =>
  Object.fromEntries(
    Object.entries(card.tasks).map(([task, { imagesPerCall = 1 }]) => [
      task,
      { images_per_call: imagesPerCall, parameters: schema(task as keyof typeof card.tasks) },
    ]),
  )

/** `GET /v1/models/{id}`. Throws an `ApiError` for a model that the client does not see. */
export const retrieveModel = (id: string, source: Source): JsonObject => {
  const { options, context } = source
  const name = context.resolveAlias?.(id) ?? id
  const listed = allModels(source).find((each) => each.id === name)
  const info = infoOf(options.pictor, listed?.model ?? name)
  // A client of core accepts aliases that it does not list.
  const exists = listed !== undefined || (!options.models && info !== undefined)
  if (!exists || context.mayUse?.(id) === false) throw modelNotFound(id, source)
  const summary = summaryOf(id, info, listed?.ownedBy)
  if (!info) return summary
  const { id: model, lifecycle, regions, prices, sources } = info.card
  return {
    ...summary,
    pictor: {
      model,
      lifecycle: { ...lifecycle, status: info.lifecycle },
      regions,
      tasks: tasksOf(info),
      prices,
      sources,
    },
  }
}
