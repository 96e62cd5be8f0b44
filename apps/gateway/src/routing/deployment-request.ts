import type { ImageRequest, ModelCard, Task } from "@pictor/core"
import { hasOptions, retarget, valueAt } from "@pictor/core/host"
import type { Deployment } from "../types.ts"

export const cardOf = ({ adapter, model }: Deployment): ModelCard | undefined =>
  adapter.models.find(({ id }) => id === model)

/** The request's task; without one, the task whose constants are in `options`. */
export const taskOf = ({ task, options }: ImageRequest, card: ModelCard): string => {
  if (task !== undefined) return task
  if (options === undefined) return "text-to-image"
  const match = Object.entries(card.tasks).find(([, { constants = {} }]) => {
    const entries = Object.entries(constants)
    return entries.length > 0 && entries.every(([path, value]) => valueAt(options, path) === value)
  })
  return match?.[0] ?? "text-to-image"
}

/** Does the deployment support the request, whose `options` are written for the origin? */
export const supports = (
  deployment: Deployment,
  request: ImageRequest,
  origin: ModelCard | undefined,
): boolean => {
  const card = cardOf(deployment)
  if (!card) return false
  const task = taskOf(request, origin ?? card)
  if (card.tasks[task as Task] === undefined) return false
  if (origin === undefined || card.id === origin.id) return true
  // Another model gets the request without `options`, which strict requests must not lose.
  return (
    !(hasOptions(request) && request.policy === "strict") &&
    task === (request.task ?? "text-to-image")
  )
}

export const requestFor = (
  request: ImageRequest,
  { address, modelId, model }: Deployment,
  origin: ModelCard | undefined,
): ImageRequest => {
  const isSameModel = origin === undefined || origin.id === model
  const { modelId: _modelId, ...rest } = isSameModel ? request : retarget(request, address)
  return { ...rest, model: address, ...(modelId === undefined ? {} : { modelId }) }
}
