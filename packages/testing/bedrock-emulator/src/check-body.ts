import { checkModelBody } from "./check.ts"
import { resolveModel } from "./identifier.ts"
import type { Violation } from "./violations.ts"

export const invalidIdentifier = "The provided model identifier is invalid."

/**
 * The violations for which Bedrock would reject the body of this model, in Bedrock's words. Empty
 * for an accepted body. The model id may be a base id, a geo profile or an ARN, as for the
 * emulator.
 *
 * @example
 * checkBody("amazon.nova-canvas-v1:0", { taskType: "TEXT_IMAGE", textToImageParams: {} })
 * // [{ path: "#/textToImageParams", message: "required key [text] not found" }]
 */
export const checkBody = (modelId: string, body: unknown): readonly Violation[] => {
  const model = resolveModel(modelId, body)
  return model === undefined
    ? [{ path: "#", message: invalidIdentifier }]
    : checkModelBody(model, body)
}
