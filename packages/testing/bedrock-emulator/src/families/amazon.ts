import {
  at,
  type Drawing,
  imageHeader,
  isJsonObject,
  type JsonObject,
  numberAt,
  textAt,
  textsAt,
} from "@pictor/emulator-kit"
import { amazonEdits } from "../editing/amazon.ts"
import { novaCanvasRules } from "../rules/nova-canvas.ts"
import { binaryMasks, opaqueImages } from "../rules/pixels.ts"
import { titanRules } from "../rules/titan.ts"
import {
  blockedBy,
  type DrawingContext,
  type Family,
  guardrailIntervened,
  type Picture,
} from "./family.ts"

const titanPolicy =
  "Our filters automatically flagged this prompt because it may conflict our AUP or AWS Responsible AI Policy."

const titanWords = {
  prompt: `${blockedBy.filters} ${titanPolicy} Please adjust your text prompt ${blockedBy.submit}`,
  inputImage: `${blockedBy.filters} ${titanPolicy} Please adjust your input image ${blockedBy.submit}`,
  all: "Content in the all of the generated image(s) has been blocked and has been filtered from the response.",
  some: "Content in the some of the generated image(s) has been blocked and has been filtered from the response.",
}

/** https://docs.aws.amazon.com/nova/latest/userguide/image-gen-errors.html, seen 2026-11-20 */
const novaWords = {
  prompt: `${blockedBy.filters} Please adjust your text prompt ${blockedBy.submit}`,
  inputImage: `${blockedBy.filters} Please adjust your input image ${blockedBy.submit}`,
  all: "All of the generated images have been blocked by our content filters.",
  some: "Some of the generated images have been blocked by our content filters.",
}

type Variant = {
  readonly rules: Family["rules"]
  readonly pixelRule: Family["pixelRule"]
  readonly words: typeof titanWords
  /** The seed of a body without one. Undefined if the model chooses one. */
  readonly defaultSeed: number | undefined
}

const amazonFamily = ({ rules, pixelRule, words, defaultSeed }: Variant): Family => ({
  taskOf: (body) => textAt(body, "taskType") ?? "",
  rules,
  drawings: (body, context) => drawings(body, context, defaultSeed),
  reply: (pictures) => reply(pictures, words),
  returnsWithheld: false,
  edits: amazonEdits,
  pixelRule,
  returnedMask: (body) =>
    at(parameters(body), "returnMask") === true ? changedColor(body) : undefined,
  filteredPrompt: { refusal: words.prompt },
  filteredInputImage: { refusal: words.inputImage },
  blocked: { images: [], ...guardrailIntervened },
})

const titan = { rules: titanRules, pixelRule: binaryMasks, words: titanWords }

export const titanV1Family: Family = amazonFamily({ ...titan, defaultSeed: undefined })

export const titanV2Family: Family = amazonFamily({ ...titan, defaultSeed: 42 })

export const novaCanvasFamily: Family = amazonFamily({
  rules: novaCanvasRules,
  pixelRule: (inputs) => [...opaqueImages(inputs), ...binaryMasks(inputs)],
  words: novaWords,
  defaultSeed: 12,
})

/** Black in a mask marks the area to change, except in outpainting. */
const changedColor = (body: JsonObject): "black" | "white" =>
  textAt(body, "taskType") === "OUTPAINTING" ? "white" : "black"

const drawings = (
  body: JsonObject,
  context: DrawingContext,
  defaultSeed: number | undefined,
): readonly Drawing[] => {
  const seed =
    numberAt(body, "imageGenerationConfig", "seed") ?? defaultSeed ?? context.randomSeed()
  const drawing = {
    model: context.model,
    task: context.task,
    prompt: textAt(parameters(body), "text") ?? textAt(parameters(body), "maskPrompt") ?? "",
    detail: detail(parameters(body)),
    colors: textsAt(parameters(body), "colors"),
    seed,
    ...outputSize(body),
    format: "png" as const,
  }
  const count = numberAt(body, "imageGenerationConfig", "numberOfImages") ?? 1
  return Array.from({ length: count }, (_, index) => ({ ...drawing, index }))
}

const detail = (fields: JsonObject): string => {
  const manners = [textAt(fields, "outPaintingMode"), textAt(fields, "mergeStyle")].filter(
    (manner) => manner !== undefined,
  )
  return [textAt(fields, "negativeText"), textAt(fields, "style"), ...manners].join("|")
}

const parameters = (body: JsonObject): JsonObject => {
  const key = Object.keys(body).find((name) => name.endsWith("Params"))
  const found = at(body, key ?? "")
  return isJsonObject(found) ? found : {}
}

/** The input picture that sets the output size. */
const sizedBy: { readonly [task: string]: string } = {
  INPAINTING: "image",
  OUTPAINTING: "image",
  BACKGROUND_REMOVAL: "image",
  VIRTUAL_TRY_ON: "sourceImage",
}

const outputSize = (body: JsonObject): { readonly width: number; readonly height: number } => {
  const input = textAt(parameters(body), sizedBy[textAt(body, "taskType") ?? ""] ?? "")
  const header = input === undefined ? undefined : imageHeader(input)
  return {
    width: header?.width ?? numberAt(body, "imageGenerationConfig", "width") ?? 1024,
    height: header?.height ?? numberAt(body, "imageGenerationConfig", "height") ?? 1024,
  }
}

const reply = (pictures: readonly Picture[], words: typeof titanWords): JsonObject => {
  const images = pictures
    .filter(({ verdict }) => verdict === "delivered")
    .map(({ base64 }) => base64)
  if (pictures.every(({ verdict }) => verdict !== "filtered")) return { images }
  return { images, error: images.length === 0 ? words.all : words.some }
}
