import {
  type Drawing,
  imageHeader,
  type JsonObject,
  numberAt,
  type Size,
  textAt,
} from "@pictor/emulator-kit"
import { sd3Edits } from "../editing/sd3.ts"
import { sd3Rules } from "../rules/stability.ts"
import { type DrawingContext, type Family, guardrailIntervened, type Picture } from "./family.ts"

/**
 * https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-diffusion-3-5-large.html,
 * seen 2026-11-20
 */
const finished = (reason: string): { readonly body: JsonObject } => ({
  body: { finish_reasons: [reason] },
})

/** SD3 Large and SD3.5 Large: text-to-image and image-to-image. */
export const sd3Family: Family = {
  taskOf: (body) => {
    const mode = textAt(body, "mode")
    if (mode === undefined) return body["image"] === undefined ? "text-to-image" : "image-to-image"
    return mode === "image-to-image" ? mode : "text-to-image"
  },
  rules: sd3Rules,
  drawings: (body, context) => [stabilityDrawing(body, context)],
  reply: (pictures) => reply(pictures),
  returnsWithheld: false,
  edits: sd3Edits,
  pixelRule: () => [],
  returnedMask: () => undefined,
  filteredPrompt: finished("Filter reason: prompt"),
  filteredInputImage: finished("Filter reason: input image"),
  blocked: { seeds: [], finish_reasons: [], images: [], ...guardrailIntervened },
}

/** Stable Image Core and Ultra: only text-to-image. */
export const stableImageFamily: Family = { ...sd3Family, taskOf: () => "text-to-image", edits: {} }

const reply = (pictures: readonly Picture[]): JsonObject => {
  if (pictures.some(({ verdict }) => verdict === "filtered"))
    return finished("Filter reason: output image").body
  if (pictures.some(({ verdict }) => verdict === "failed")) return finished("Inference error").body
  return {
    seeds: pictures.map((picture) => picture.drawing.seed),
    finish_reasons: pictures.map(() => null),
    images: pictures.map((picture) => picture.base64),
  }
}

/** The size of a picture in the ratio that a body requests. */
export const ratioSize = (body: JsonObject): Size =>
  sizes[textAt(body, "aspect_ratio") ?? "1:1"] ?? { width: 1024, height: 1024 }

/** About one megapixel in the requested ratio, with sides that are multiples of 64. */
const sizes: { readonly [ratio: string]: Size } = {
  "16:9": { width: 1344, height: 768 },
  "1:1": { width: 1024, height: 1024 },
  "21:9": { width: 1536, height: 640 },
  "2:3": { width: 832, height: 1216 },
  "3:2": { width: 1216, height: 832 },
  "4:5": { width: 896, height: 1088 },
  "5:4": { width: 1088, height: 896 },
  "9:16": { width: 768, height: 1344 },
  "9:21": { width: 640, height: 1536 },
}

const formats: { readonly [name: string]: Drawing["format"] } = {
  png: "png",
  jpeg: "jpeg",
  webp: "webp",
}

/** The fields of a body of Stability's newer generation. */
export const stabilityDrawing = (body: JsonObject, context: DrawingContext): Drawing => {
  const size = imageHeader(textAt(body, "image") ?? "") ?? ratioSize(body)
  return {
    model: context.model,
    task: context.task,
    prompt: textAt(body, "prompt") ?? "",
    detail: [textAt(body, "negative_prompt"), textAt(body, "style_preset")].join("|"),
    colors: [],
    seed: numberAt(body, "seed") || context.randomSeed(),
    index: 0,
    width: size.width,
    height: size.height,
    format: formats[textAt(body, "output_format") ?? "png"] ?? "png",
  }
}
