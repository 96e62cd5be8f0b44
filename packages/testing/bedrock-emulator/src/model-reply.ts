import type { JsonObject } from "./body.ts"
import { draw, drawBlurred, drawMask } from "./drawing/drawing.ts"
import type { ModelReply, Picture } from "./families/family.ts"
import type { Fault } from "./faults/fault.ts"
import { type Slot, slotsAfter } from "./faults/slots.ts"
import type { Model } from "./models.ts"

/** What a model replies to a body that it accepts. */
export const modelReply = async (
  model: Model,
  body: JsonObject,
  { fault, randomSeed }: { readonly fault: Fault | undefined; readonly randomSeed: () => number },
): Promise<ModelReply> => {
  const { family } = model
  if (fault?.kind === "filtered-input") return family.filteredPrompt
  if (fault?.kind === "filtered-input-image") return family.filteredInputImage
  if (fault?.kind === "guardrail") return { body: { ...family.blocked, "amazon-bedrock-guardrailAction": "INTERVENED" } }
  const drawings = family.drawings(body, { model: model.label, task: family.taskOf(body), randomSeed })
  const pictures: Picture[] = []
  for (const slot of slotsAfter(drawings, fault)) pictures.push(await render(slot, model))
  const reply = family.reply(pictures)
  const mask = family.returnedMask(body)
  if (mask === undefined) return { body: reply }
  return { body: { ...reply, maskImage: (await drawMask(mask.width, mask.height)).toString("base64") } }
}

const render = async ({ drawing, verdict }: Slot, { family }: Model): Promise<Picture> => {
  if (verdict !== "delivered" && !family.returnsWithheld) return { drawing, verdict, base64: "" }
  const bytes = await (verdict === "filtered" ? drawBlurred : draw)(drawing)
  return { drawing, verdict, base64: bytes.toString("base64") }
}
