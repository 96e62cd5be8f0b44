import { checkModelBody } from "./check.ts"
import { resolveModel } from "./identifier.ts"
import type { Violation } from "./violations.ts"

export const invalidIdentifier = "The provided model identifier is invalid."

/**
 * What Bedrock would refuse in the body of this model, in Bedrock's words; empty when it would be accepted.
 * Takes the same model ids as the emulator: base ids, geo profiles and ARNs.
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
