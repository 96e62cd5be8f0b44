import { checkModelBody } from "./check.ts"
import { type Model, models, opaqueCandidates } from "./models.ts"

/** Says which model stands behind an ARN that does not tell. */
export type Profiles = { readonly [arn: string]: string }

/**
 * The model behind any form of id that Bedrock accepts, or undefined: a base id, a geo profile, or an ARN.
 * An opaque ARN (application profile, provisioned, custom or imported model) takes the first model that accepts the body,
 * else the one that finds the least wrong with it.
 */
export const resolveModel = (
  modelId: string,
  body: unknown,
  profiles: Profiles = {},
): Model | undefined => {
  if (Object.hasOwn(profiles, modelId)) return resolveModel(profiles[modelId] ?? "", body)
  const arn = arnPattern.exec(modelId)
  if (arn === null) return byId.get(modelId) ?? byGeoId(modelId)
  const [, resource = "", tail = ""] = arn
  if (resource === "foundation-model") return byId.get(tail)
  return resource === "inference-profile" ? byGeoId(tail) : mostLikely(body)
}

/** Whether a model is named by its own id although only an inference profile of it can be invoked. */
export const lacksProfile = (modelId: string, { ids, onDemand }: Model): boolean =>
  !onDemand && ids.some((id) => modelId === id || modelId.endsWith(`:foundation-model/${id}`))

const arnPattern =
  /^arn:aws[a-z-]*:bedrock:[a-z0-9-]+:(?:[0-9]{12})?:(foundation-model|inference-profile|application-inference-profile|provisioned-model|custom-model-deployment|imported-model|custom-model)\/(.+)$/

const byId: ReadonlyMap<string, Model> = new Map(
  models.flatMap((model) => model.ids.map((id) => [id, model])),
)

const byGeoId = (profileId: string): Model | undefined => {
  const [geo = "", ...rest] = profileId.split(".")
  const model = byId.get(rest.join("."))
  return model?.geos.includes(geo) === true ? model : undefined
}

const mostLikely = (body: unknown): Model => {
  const tried = opaqueCandidates.map((model) => ({ model, wrong: distance(model, body) }))
  return tried.reduce((best, next) => (next.wrong < best.wrong ? next : best)).model
}

/** A key that is missing or unknown at the top tells another family; what is wrong further down is a mere mistake. */
const distance = (model: Model, body: unknown): number =>
  checkModelBody(model, body).reduce((sum, { path }) => sum + (path === "#" ? 10 : 1), 0)
