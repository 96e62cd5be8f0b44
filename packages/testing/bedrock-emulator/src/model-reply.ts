import {
  encode,
  finish,
  finishBlurred,
  type JsonObject,
  maskPicture,
  type Painted,
  paint,
} from "@pictor/emulator-kit"
import type { Edit } from "./editing/edit.ts"
import { editingOf, type Inputs, readInputs } from "./editing/inputs.ts"
import type { ModelReply, Picture } from "./families/family.ts"
import type { Fault } from "./faults/fault.ts"
import { type Slot, slotsAfter } from "./faults/slots.ts"
import type { Model } from "./model.ts"
import { malformed } from "./violations.ts"

/** A model's reply to an accepted body. */
export const modelReply = async (
  model: Model,
  body: JsonObject,
  { fault, randomSeed }: { readonly fault: Fault | undefined; readonly randomSeed: () => number },
): Promise<ModelReply> => {
  const { family } = model
  const task = family.taskOf(body)
  const edit = Object.hasOwn(family.edits, task) ? family.edits[task] : undefined
  const inputs = edit === undefined ? noInputs : await readInputs(body, edit)
  const violations = "message" in inputs ? [inputs] : family.pixelRule(inputs)
  if ("message" in inputs || violations.length > 0) return { refusal: malformed(violations) }
  if (fault?.kind === "filtered-input") return family.filteredPrompt
  if (fault?.kind === "filtered-input-image") return family.filteredInputImage
  if (fault?.kind === "guardrail") return { body: family.blocked }
  const drawings = family.drawings(body, { model: model.label, task, randomSeed })
  const rendered: Rendered[] = []
  for (const slot of slotsAfter(drawings, fault))
    rendered.push(await render(slot, { model, body, edit, inputs }))
  const reply = family.reply(
    rendered.map(({ picture }) => picture),
    body,
  )
  const mask = await returnedMask(rendered, family.returnedMask(body))
  return { body: mask === undefined ? reply : { ...reply, maskImage: mask } }
}

const noInputs: Inputs = new Map()

type Context = {
  readonly model: Model
  readonly body: JsonObject
  readonly edit: Edit | undefined
  readonly inputs: Inputs
}

type Rendered = { readonly picture: Picture; readonly painted?: Painted }

const render = async (
  { drawing, verdict }: Slot,
  { model, body, edit, inputs }: Context,
): Promise<Rendered> => {
  if (verdict !== "delivered" && !model.family.returnsWithheld)
    return { picture: { drawing, verdict, base64: "" } }
  const editing = edit === undefined ? undefined : editingOf(body, edit, inputs)
  const painted =
    edit === undefined || editing === undefined
      ? { pixels: paint(drawing) }
      : await edit.paint({ ...editing, drawing })
  const bytes = await (verdict === "filtered" ? finishBlurred : finish)(painted, drawing)
  return { picture: { drawing, verdict, base64: bytes.toString("base64") }, painted }
}

/** The mask of the first picture, encoded. */
const returnedMask = async (
  rendered: readonly Rendered[],
  color: "black" | "white" | undefined,
): Promise<string | undefined> => {
  const changed = rendered[0]?.painted?.changed
  if (changed === undefined || color === undefined) return undefined
  return (await encode(maskPicture(changed, color), "png")).toString("base64")
}
