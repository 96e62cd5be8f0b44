import type { ModelCard, TaskCard } from "../../contract/card.ts"
import type { ImageRequest } from "../../contract/request.ts"
import { isRecord, type UnknownRecord, valueAt } from "../../lib/object.ts"
import { createDiagnostics, type Diagnostics } from "../diagnostics.ts"
import type { PlanningRules } from "../types.ts"
import { readBounded } from "./read-image.ts"
import { hasAlpha } from "./transparency.ts"

/** Fields that decide the task or the mask, or that inpainting does not take. */
const decisive = ["task", "mask", "maskPrompt", "images", "references"] as const

/**
 * The request with the task `inpaint`, if it names no task and its image has fully transparent
 * pixels: they are the mask. Any other request is returned unchanged. An image that cannot be read
 * is reported later, when the task's inputs are prepared.
 */
export const inferInpaint = async (
  request: ImageRequest,
  card: ModelCard,
  { imageOps, maxInputPixels }: Pick<PlanningRules, "imageOps" | "maxInputPixels">,
  diagnostics: Diagnostics,
): Promise<ImageRequest> => {
  const given = request as ImageRequest & UnknownRecord
  const { image, options } = given
  const inpaint = card.tasks.inpaint
  if (!imageOps || !inpaint?.fields.image || !inpaint.fields.mask) return request
  if (image === undefined || decisive.some((name) => given[name] !== undefined)) return request
  if (isRecord(options) && chooses(options, inpaint, card)) return request
  const ignored = createDiagnostics(false)
  const tools = { ops: imageOps, maxInputPixels, diagnostics: ignored }
  const input = await readBounded("image", image, tools)
  if (!input || !hasAlpha(input)) return request
  const holed = await imageOps.hasHole(input.bytes).catch(() => false)
  if (!holed) return request
  const why = "no task is given, and the image has transparent pixels"
  diagnostics.map("task", undefined, "inpaint", why)
  return { ...request, task: "inpaint", image: input.bytes }
}

/** Do the model's own fields name a task, or the area to change? */
const chooses = (options: UnknownRecord, inpaint: TaskCard, card: ModelCard): boolean => {
  const { mask, maskPrompt } = inpaint.fields
  const constants = Object.values(card.tasks).flatMap((each) => Object.keys(each.constants ?? {}))
  return [...constants, mask?.path, maskPrompt?.path].some(
    (path) => typeof path === "string" && valueAt(options, path) !== undefined,
  )
}
