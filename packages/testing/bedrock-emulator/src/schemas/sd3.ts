import {
  base64,
  closed,
  integer,
  type JsonSchema,
  number,
  oneOf,
  stylePreset,
  type TaskSchemas,
  text,
} from "./parts.ts"

// https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-diffusion-3-5-large.html,
// seen 2026-11-20

/** The fields of most models of Stability's newer generation. */
export const stabilityFields = {
  prompt: text(0, 10_000),
  negative_prompt: text(0, 10_000),
  seed: integer(0, 4_294_967_294),
  output_format: oneOf("jpeg", "png", "webp"),
  style_preset: stylePreset,
} as const satisfies { readonly [key: string]: JsonSchema }

export const aspectRatio: JsonSchema = oneOf(
  "16:9",
  "1:1",
  "21:9",
  "2:3",
  "3:2",
  "4:5",
  "5:4",
  "9:16",
  "9:21",
)

/** SD3 Large and SD3.5 Large. */
export const sd3Schemas: TaskSchemas = {
  "text-to-image": closed(
    {
      ...stabilityFields,
      aspect_ratio: aspectRatio,
      mode: oneOf("text-to-image", "image-to-image"),
      strength: number(0, 1),
    },
    ["prompt"],
  ),
  "image-to-image": closed(
    {
      ...stabilityFields,
      mode: oneOf("text-to-image", "image-to-image"),
      image: base64,
      strength: number(0, 1),
    },
    ["prompt", "image", "strength"],
  ),
}

/** Stable Image Core and Ultra, which accept only text. */
export const stableImageSchemas: TaskSchemas = {
  "text-to-image": closed(
    { ...stabilityFields, aspect_ratio: aspectRatio, mode: oneOf("text-to-image") },
    ["prompt"],
  ),
}
