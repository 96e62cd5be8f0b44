import {
  amazonTask,
  base64,
  closed,
  conditionDependencies,
  conditionFields,
  hexColors,
  inputImages,
  integer,
  type JsonSchema,
  number,
  oneOf,
  type TaskSchemas,
  text,
} from "./parts.ts"
import { tryOnParameters } from "./try-on.ts"

// https://docs.aws.amazon.com/nova/latest/userguide/image-gen-req-resp-structure.html, seen
// 2026-11-20

const words = text(1, 1024)

const prompts = { text: words, negativeText: words }

const settings = {
  numberOfImages: integer(1, 5),
  quality: oneOf("standard", "premium"),
  cfgScale: number(1.1, 10),
  seed: integer(0, 2_147_483_646),
}

// https://docs.aws.amazon.com/nova/latest/userguide/image-gen-access.html, "image resolutions",
// seen 2026-11-20
const side: JsonSchema = { ...integer(320, 4096), multipleOf: 16 }

const sized = closed({ ...settings, width: side, height: side })

/** The configuration of the tasks whose output has the size of their input. */
const unsized = closed(settings)

const style = oneOf(
  "3D_ANIMATED_FAMILY_FILM",
  "DESIGN_SKETCH",
  "FLAT_VECTOR_ILLUSTRATION",
  "GRAPHIC_NOVEL_ILLUSTRATION",
  "MAXIMALISM",
  "MIDCENTURY_RETRO",
  "PHOTOREALISM",
  "SOFT_DIGITAL_PAINTING",
)

const masked = { image: base64, maskPrompt: { type: "string" }, maskImage: base64 }

/** Amazon Nova Canvas. */
export const novaCanvasSchemas: TaskSchemas = {
  TEXT_IMAGE: amazonTask({
    task: "TEXT_IMAGE",
    key: "textToImageParams",
    parameters: closed({ ...prompts, ...conditionFields, style }, ["text"], conditionDependencies),
    config: sized,
  }),
  COLOR_GUIDED_GENERATION: amazonTask({
    task: "COLOR_GUIDED_GENERATION",
    key: "colorGuidedGenerationParams",
    parameters: closed({ ...prompts, colors: hexColors, referenceImage: base64 }, [
      "text",
      "colors",
    ]),
    config: sized,
  }),
  IMAGE_VARIATION: amazonTask({
    task: "IMAGE_VARIATION",
    key: "imageVariationParams",
    parameters: closed({ ...prompts, images: inputImages, similarityStrength: number(0.2, 1) }, [
      "images",
    ]),
    config: sized,
  }),
  INPAINTING: amazonTask({
    task: "INPAINTING",
    key: "inPaintingParams",
    parameters: closed({ ...prompts, ...masked }, ["image"]),
    config: unsized,
  }),
  OUTPAINTING: amazonTask({
    task: "OUTPAINTING",
    key: "outPaintingParams",
    parameters: closed({ ...prompts, ...masked, outPaintingMode: oneOf("DEFAULT", "PRECISE") }, [
      "image",
      "text",
    ]),
    config: unsized,
  }),
  BACKGROUND_REMOVAL: amazonTask({
    task: "BACKGROUND_REMOVAL",
    key: "backgroundRemovalParams",
    parameters: closed({ image: base64 }, ["image"]),
  }),
  VIRTUAL_TRY_ON: amazonTask({
    task: "VIRTUAL_TRY_ON",
    key: "virtualTryOnParams",
    parameters: tryOnParameters,
    config: unsized,
  }),
}
