import {
  draw,
  finish,
  hash,
  numberAt,
  resized,
  type Size,
  textAt,
  vary,
} from "@pictor/emulator-kit"
import type { Checked } from "./check.ts"
import type { Fault } from "./faults.ts"
import { xaiModels } from "./models.ts"
import type { Inputs } from "./picture.ts"
import type { Operation } from "./schemas.ts"

/** A reply of xAI's, and what it costs. */
export type XaiReply = { readonly body: object; readonly images: number; readonly microUsd: number }

type Context = {
  readonly operation: Operation
  readonly checked: Checked
  readonly inputs: Inputs
  readonly fault: Fault | undefined
  readonly seed: number
  /** Keeps a picture and returns its URL. */
  readonly store: (bytes: Uint8Array) => string
}

/** Ten billion ticks are a dollar; recalled, on no page that was read. */
const ticksPerMicroUsd = 10_000

/**
 * The JSON reply of an xAI model. A moderated picture is empty and has `respect_moderation: false`,
 * as the npm package @ai-sdk/xai 3.0.138 reads it.
 */
export const xaiReply = async (context: Context): Promise<XaiReply> => {
  const { checked, inputs, fault, store } = context
  const { fields, model } = checked
  const ordered = numberAt(fields, "n") ?? 1
  const count =
    fault?.kind === "missing-images" ? Math.max(0, ordered - (fault.count ?? 1)) : ordered
  const data: object[] = []
  for (let index = 0; index < count; index += 1) {
    if (fault?.kind === "moderation-output") {
      data.push({ respect_moderation: false })
      continue
    }
    const bytes = await drawPicture(context, index)
    data.push({
      ...(textAt(fields, "response_format") === "b64_json"
        ? { b64_json: bytes.toString("base64") }
        : { url: store(bytes) }),
      mime_type: "image/jpeg",
      revised_prompt: "",
      respect_moderation: true,
    })
  }
  const prices = xaiModels[model]
  const quality = textAt(fields, "quality") === "low" ? "low" : "medium"
  const dollars =
    (prices?.[quality][resolutionOf(fields)] ?? 0) * count +
    (prices?.input ?? 0) * inputs.images.length
  const microUsd = Math.round(dollars * 1_000_000)
  return {
    body: { data, usage: { cost_in_usd_ticks: microUsd * ticksPerMicroUsd } },
    images: count,
    microUsd,
  }
}

const resolutionOf = (fields: Checked["fields"]): "1k" | "2k" =>
  textAt(fields, "resolution") === "2k" ? "2k" : "1k"

const drawPicture = async (
  { operation, checked: { fields, model }, inputs, seed }: Context,
  index: number,
): Promise<Buffer> => {
  const [image, second] = inputs.images
  const prompt = textAt(fields, "prompt") ?? ""
  const drawing = {
    model,
    task: operation,
    prompt,
    detail: textAt(fields, "quality") ?? "",
    colors: [],
    seed: hash(`${seed}\n${prompt}`),
    index,
    ...sizeOf(textAt(fields, "aspect_ratio"), resolutionOf(fields), image),
    format: "jpeg",
  } as const
  if (image === undefined) return draw(drawing)
  const source = await resized(image, drawing.width, drawing.height)
  return finish(await vary(source, second, drawing, 0.5), drawing)
}

/** About one or four megapixels in a ratio, with sides that are multiples of 16. */
const sizeOf = (
  ratio: string | undefined,
  resolution: "1k" | "2k",
  image: Size | undefined,
): Size => {
  const [across = 1, down = 1] =
    ratio === undefined || ratio === "auto"
      ? [image?.width, image?.height]
      : ratio.split(":").map(Number)
  const side = resolution === "2k" ? 2048 : 1024
  const grid = (value: number): number => Math.max(16, Math.round(value / 16) * 16)
  return {
    width: grid(side * Math.sqrt(across / down)),
    height: grid(side * Math.sqrt(down / across)),
  }
}
