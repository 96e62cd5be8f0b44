import { checkModelBody } from "./check.ts"
import type { Model } from "./model.ts"
import { models, opaqueCandidates } from "./models.ts"

/** The models of ARNs that do not name one. */
export type Profiles = { readonly [arn: string]: string }

/**
 * The model of a base id, a geo profile or an ARN. Undefined if there is none. An opaque ARN
 * (application profile, provisioned, custom or imported model) means the first model that accepts
 * the body, or else the one with the fewest violations.
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

/** Whether a model is called by its own id although only its inference profile can be invoked. */
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

/**
 * A missing or unknown key at the top level indicates another family. Violations below are
 * mistakes.
 */
const distance = (model: Model, body: unknown): number =>
  checkModelBody(model, body).reduce((sum, { path }) => sum + (path === "#" ? 10 : 1), 0)
