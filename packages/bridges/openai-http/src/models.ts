import type { ModelInfo, Pictor } from "@pictor/core"
import { nearest, quote } from "@pictor/core/host"
import { type Problem, refusal } from "./fault.ts"
import type { OpenaiHttpOptions, PublicModel, RequestContext } from "./types.ts"

type Source = Pick<OpenaiHttpOptions, "pictor" | "models">

const allModels = ({ pictor, models }: Source): readonly PublicModel[] =>
  models ? models() : pictor.models().map(({ id }) => ({ id }))

/** The models that a caller sees. */
export const visibleModels = (source: Source, { mayUse }: RequestContext): readonly PublicModel[] =>
  allModels(source).filter(({ id, hidden }) => !hidden && (mayUse?.(id) ?? true))

const infoOf = (pictor: Pictor, name: string): ModelInfo | undefined => {
  try {
    return pictor.model(name)
  } catch {
    return undefined
  }
}

/** What is known of the model that a request names. */
export const modelInfoFor = (
  { pictor, models }: Source,
  asked: string,
  { nameOf }: RequestContext,
): ModelInfo | undefined => {
  const name = nameOf?.(asked) ?? asked
  return infoOf(pictor, models?.().find(({ id }) => id === name)?.model ?? name)
}

export const notFound = (name: string, source: Source, context: RequestContext): Problem => {
  const like = nearest(
    name,
    visibleModels(source, context).map(({ id }) => id),
  )
  const advice = like.length > 0 ? `The nearest are ${like.join(", ")}.` : "There are none for you."
  return refusal(404, "model_not_found", `There is no model ${quote(name)}. ${advice}`, {
    param: "model",
  }).problem
}

/** Says the same of models that exist and that do not. */
export const notAllowed = (name: string, source: Source, context: RequestContext): Problem => {
  const names = visibleModels(source, context).map(({ id }) => id)
  const allowed =
    names.length > 0 ? `You may use ${names.slice(0, 20).join(", ")}.` : "You may use none."
  const message = `You may not use the model ${quote(name)}. ${allowed}`
  return refusal(403, "model_not_allowed", message, { type: "permission_error", param: "model" })
    .problem
}

const newest = (info: ModelInfo | undefined): number => {
  const seen = Object.values(info?.card.sources ?? {}).map((source) => Date.parse(source.seen))
  return Math.max(0, ...seen.filter(Number.isFinite)) / 1000
}

/** `created`: when what is told of it was read. */
const summary = ({ id }: PublicModel, info: ModelInfo | undefined) => ({
  id,
  object: "model",
  created: newest(info),
  owned_by: info?.card.id.split(".")[0] ?? "pictor",
  ...(info
    ? {
        pictor: {
          model: info.card.id,
          lifecycle: info.lifecycle,
          tasks: Object.keys(info.card.tasks),
        },
      }
    : {}),
})

/** `GET /v1/models` */
export const listModels = (source: Source, context: RequestContext) => ({
  object: "list",
  data: visibleModels(source, context).map((model) =>
    summary(model, infoOf(source.pictor, model.model ?? model.id)),
  ),
})

const tasksOf = ({ card, schema }: ModelInfo) =>
  Object.fromEntries(
    Object.entries(card.tasks).map(([task, { imagesPerCall = 1 }]) => [
      task,
      { images_per_call: imagesPerCall, parameters: schema(task as keyof typeof card.tasks) },
    ]),
  )

/** `GET /v1/models/{id}`: also capabilities, lifecycle and prices; undefined for a model that the caller does not see. */
export const retrieveModel = (id: string, source: Source, context: RequestContext) => {
  const { pictor: client, models } = source
  if (context.mayUse?.(id) === false) return undefined
  const meant = context.nameOf?.(id) ?? id
  const listed = allModels(source).find((each) => each.id === meant)
  // A client knows its models by more names than it lists.
  const model = listed
    ? { ...listed, id }
    : !models && infoOf(client, meant)
      ? { id, model: meant }
      : undefined
  if (!model) return undefined
  const info = infoOf(client, model.model ?? meant)
  if (!info) return summary(model, info)
  const { id: name, lifecycle, regions, prices, sources } = info.card
  const pictor = {
    model: name,
    lifecycle: { ...lifecycle, status: info.lifecycle },
    regions,
    tasks: tasksOf(info),
    prices,
    sources,
  }
  return { ...summary(model, info), pictor }
}
