import { isImageError } from "@pictor/core"
import type { Deployment } from "../types.ts"

/**
 * Sends a deployment's model a body without any field, which the provider refuses before it makes or charges anything. Throws where the refusal is for
 * something else: no access, an unknown or ended model, a region without it.
 */
export const probe = async (
  { adapter, model, modelId, region }: Deployment,
  timeoutMs: number,
): Promise<void> => {
  const card = adapter.models.find(({ id }) => id === model)
  const call = {
    model,
    modelId: modelId ?? card?.profiles?.[0] ?? model,
    body: {},
    timeoutMs,
    ...(card?.streaming && { streaming: card.streaming }),
    ...(region !== undefined && { region }),
  }
  try {
    await adapter.transport.invoke(call)
  } catch (thrown) {
    // The fields that it misses are named to those alone who may call it.
    if (isImageError(thrown, "invalid_request") && thrown.issues) return
    throw thrown
  }
  throw new Error(`${model} answered a request without any field.`)
}
