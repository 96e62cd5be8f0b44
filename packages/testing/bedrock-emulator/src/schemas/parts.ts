/** A raw JSON Schema, draft-07. */
export type JsonSchema = { readonly [keyword: string]: unknown }

/** The schema of each task of one model, by the task's name. */
export type TaskSchemas = { readonly [task: string]: JsonSchema }

export const base64: JsonSchema = { type: "string", minLength: 1 }

export const text = (minLength: number, maxLength: number): JsonSchema => ({
  type: "string",
  minLength,
  maxLength,
})

export const oneOf = (...values: readonly string[]): JsonSchema => ({
  type: "string",
  enum: values,
})

export const number = (minimum: number, maximum: number): JsonSchema => ({
  type: "number",
  minimum,
  maximum,
})

export const integer = (minimum: number, maximum: number): JsonSchema => ({
  type: "integer",
  minimum,
  maximum,
})

/** An object that refuses every key it does not name. */
export const closed = (
  properties: { readonly [key: string]: JsonSchema },
  required: readonly string[] = [],
  further: JsonSchema = {},
): JsonSchema => ({ type: "object", properties, required, additionalProperties: false, ...further })

/**
 * https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-diffusion-1-0-text-image.html,
 * seen 2026-11-20
 */
export const stylePreset: JsonSchema = oneOf(
  "3d-model",
  "analog-film",
  "anime",
  "cinematic",
  "comic-book",
  "digital-art",
  "enhance",
  "fantasy-art",
  "isometric",
  "line-art",
  "low-poly",
  "modeling-compound",
  "neon-punk",
  "origami",
  "photographic",
  "pixel-art",
  "tile-texture",
)

type AmazonTask = {
  readonly task: string
  readonly key: string
  readonly parameters: JsonSchema
  readonly config?: JsonSchema
}

/**
 * The envelope that Titan and Nova Canvas share: `taskType`, one object of parameters,
 * `imageGenerationConfig`.
 */
export const amazonTask = ({ task, key, parameters, config }: AmazonTask): JsonSchema =>
  closed(
    {
      taskType: { const: task },
      [key]: parameters,
      ...(config === undefined ? {} : { imageGenerationConfig: config }),
    },
    ["taskType", key],
  )

/** The control fields of a text-to-image task that starts from a condition image. */
export const conditionFields: { readonly [key: string]: JsonSchema } = {
  conditionImage: base64,
  controlMode: oneOf("CANNY_EDGE", "SEGMENTATION"),
  controlStrength: number(0, 1),
}

export const conditionDependencies: JsonSchema = {
  dependencies: { controlMode: ["conditionImage"], controlStrength: ["conditionImage"] },
}

export const hexColors: JsonSchema = {
  type: "array",
  minItems: 1,
  maxItems: 10,
  items: { type: "string", pattern: "^#[0-9a-fA-F]{6}$" },
}

export const inputImages: JsonSchema = { type: "array", minItems: 1, maxItems: 5, items: base64 }
