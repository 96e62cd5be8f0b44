import {
  at,
  type Drawing,
  imageHeader,
  isJsonObject,
  type JsonObject,
  numberAt,
  textAt,
} from "@pictor/emulator-kit"
import { sdxlEdits } from "../editing/sdxl.ts"
import { type SdxlSizes, sdxlRules } from "../rules/stability.ts"
import {
  blockedBy,
  type DrawingContext,
  type Family,
  guardrailIntervened,
  type Verdict,
} from "./family.ts"

const finishReasons: { readonly [verdict in Verdict]: string } = {
  delivered: "SUCCESS",
  filtered: "CONTENT_FILTERED",
  failed: "ERROR",
}

/** Stable Diffusion XL. Its versions differ in their sizes. */
export const sdxlFamily = (sizes: SdxlSizes): Family => ({
  taskOf,
  rules: (body) => sdxlRules(body, sizes),
  drawings: (body, context) => [drawing(body, context, sizes)],
  reply: (pictures) => ({
    result: "success",
    artifacts: pictures.map((picture) => ({
      seed: picture.drawing.seed,
      base64: picture.base64,
      finishReason: finishReasons[picture.verdict],
    })),
  }),
  returnsWithheld: true,
  edits: sdxlEdits,
  pixelRule: () => [],
  returnedMask: () => undefined,
  filteredPrompt: {
    refusal: `${blockedBy.filters} Please adjust your text prompt ${blockedBy.submit}`,
  },
  filteredInputImage: {
    refusal: `${blockedBy.filters} Please adjust your input image ${blockedBy.submit}`,
  },
  blocked: { result: "success", artifacts: [], ...guardrailIntervened },
})

const taskOf = (body: JsonObject): string => {
  if (body["mask_source"] !== undefined || body["mask_image"] !== undefined) return "masking"
  return body["init_image"] === undefined ? "text-to-image" : "image-to-image"
}

const drawing = (
  body: JsonObject,
  context: DrawingContext,
  { defaultSide }: SdxlSizes,
): Drawing => {
  const input = imageHeader(textAt(body, "init_image") ?? "")
  return {
    model: context.model,
    task: context.task,
    prompt: prompts(body, (weight) => weight >= 0),
    detail: [prompts(body, (weight) => weight < 0), textAt(body, "style_preset")].join("|"),
    colors: [],
    seed: numberAt(body, "seed") || context.randomSeed(),
    index: 0,
    width: numberAt(body, "width") ?? input?.width ?? defaultSide,
    height: numberAt(body, "height") ?? input?.height ?? defaultSide,
    format: "png",
  }
}

const prompts = (body: JsonObject, wanted: (weight: number) => boolean): string => {
  const items = at(body, "text_prompts")
  return (Array.isArray(items) ? items : [])
    .filter((item) => isJsonObject(item) && wanted(numberAt(item, "weight") ?? 1))
    .map((item) => textAt(item, "text") ?? "")
    .join(", ")
}
