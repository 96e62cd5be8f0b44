import {
  amazonTask,
  base64,
  closed,
  conditionDependencies,
  conditionFields,
  hexColors,
  inputImages,
  integer,
  number,
  oneOf,
  type TaskSchemas,
  text,
} from "./parts.ts"

// https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-image.html, seen
// 2026-11-20

const words = text(0, 512)

const config = closed({
  numberOfImages: integer(1, 5),
  quality: oneOf("standard", "premium"),
  cfgScale: number(1.1, 10),
  width: { type: "integer" },
  height: { type: "integer" },
  seed: integer(0, 2_147_483_646),
})

const prompts = { text: words, negativeText: words }

const masked = {
  image: base64,
  maskPrompt: { type: "string" },
  maskImage: base64,
  returnMask: { type: "boolean" },
}

const inpainting = amazonTask({
  task: "INPAINTING",
  key: "inPaintingParams",
  parameters: closed({ ...prompts, ...masked }, ["image"]),
  config,
})

const outpainting = amazonTask({
  task: "OUTPAINTING",
  key: "outPaintingParams",
  parameters: closed({ ...prompts, ...masked, outPaintingMode: oneOf("DEFAULT", "PRECISE") }, [
    "image",
    "text",
  ]),
  config,
})

const variation = amazonTask({
  task: "IMAGE_VARIATION",
  key: "imageVariationParams",
  parameters: closed({ ...prompts, images: inputImages, similarityStrength: number(0.2, 1) }, [
    "images",
  ]),
  config,
})

/** Titan Image Generator G1, v1. */
export const titanV1Schemas: TaskSchemas = {
  TEXT_IMAGE: amazonTask({
    task: "TEXT_IMAGE",
    key: "textToImageParams",
    parameters: closed(prompts, ["text"]),
    config,
  }),
  INPAINTING: inpainting,
  OUTPAINTING: outpainting,
  IMAGE_VARIATION: variation,
}

/** Titan Image Generator G1, v2: v1 with condition images, colours and background removal. */
export const titanV2Schemas: TaskSchemas = {
  ...titanV1Schemas,
  TEXT_IMAGE: amazonTask({
    task: "TEXT_IMAGE",
    key: "textToImageParams",
    parameters: closed({ ...prompts, ...conditionFields }, ["text"], conditionDependencies),
    config,
  }),
  COLOR_GUIDED_GENERATION: amazonTask({
    task: "COLOR_GUIDED_GENERATION",
    key: "colorGuidedGenerationParams",
    parameters: closed({ ...prompts, colors: hexColors, referenceImage: base64 }, [
      "text",
      "colors",
    ]),
    config,
  }),
  BACKGROUND_REMOVAL: amazonTask({
    task: "BACKGROUND_REMOVAL",
    key: "backgroundRemovalParams",
    parameters: closed({ image: base64 }, ["image"]),
  }),
}
