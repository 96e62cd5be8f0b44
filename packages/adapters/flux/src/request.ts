import { type CallDraft, type JsonObject, toBody } from "@pictor/core/adapter"
import { outpaintingId } from "./models/tools.ts"

/** A body as its card describes it. Margins become a canvas where the endpoint takes its sides. */
export const encode = (draft: CallDraft): JsonObject => {
  const body = toBody(draft)
  const { image, margins } = draft.fields
  if (draft.card.id !== outpaintingId || !image || !margins) return body
  const { left = 0, right = 0, up = 0, down = 0 } = margins
  return {
    ...body,
    width: left + image.width + right,
    height: up + image.height + down,
    // Without offsets the picture would be in the middle.
    reference_offset_x: left,
    reference_offset_y: up,
  }
}
