import type { ImageRequest, ModelCard, Task } from "@pictor/core"
import { hasOptions, retarget } from "@pictor/core/host"
import type { Deployment } from "../types.ts"

export const cardOf = ({ adapter, model }: Deployment): ModelCard | undefined =>
  adapter.models.find(({ id }) => id === model)

const valueAt = (value: unknown, path: string): unknown =>
  path
    .split(".")
    .reduce<unknown>(
      (inner, key) =>
        typeof inner === "object" && inner !== null ? Reflect.get(inner, key) : undefined,
      value,
    )

/** What a request's own words say, and else what its model's own words say. */
export const taskOf = ({ task, options }: ImageRequest, card: ModelCard): string => {
  if (task !== undefined) return task
  if (options === undefined) return "text-to-image"
  const said = Object.entries(card.tasks).find(([, { constants: fixed = {} }]) => {
    const marks = Object.entries(fixed)
    return marks.length > 0 && marks.every(([path, value]) => valueAt(options, path) === value)
  })
  return said?.[0] ?? "text-to-image"
}

/** Can it be asked of a deployment, given the card that the request's own words are of? */
export const isFor = (
  deployment: Deployment,
  request: ImageRequest,
  origin: ModelCard | undefined,
): boolean => {
  const card = cardOf(deployment)
  if (!card) return false
  const task = taskOf(request, origin ?? card)
  if (card.tasks[task as Task] === undefined) return false
  if (origin === undefined || card.id === origin.id) return true
  // Another model gets the request without `options`: what stands there alone would be lost.
  return (
    !(hasOptions(request) && request.policy === "strict") &&
    task === (request.task ?? "text-to-image")
  )
}

const withoutModelId = (request: ImageRequest): ImageRequest => {
  if (!("modelId" in request)) return request
  const { modelId: _modelId, ...rest } = request
  return rest
}

/** The request as a deployment is asked it. */
export const aimed = (
  request: ImageRequest,
  { address, modelId, model }: Deployment,
  origin: ModelCard | undefined,
): ImageRequest => {
  const own = origin === undefined || origin.id === model ? request : retarget(request, address)
  return { ...withoutModelId(own), model: address, ...(modelId === undefined ? {} : { modelId }) }
}
