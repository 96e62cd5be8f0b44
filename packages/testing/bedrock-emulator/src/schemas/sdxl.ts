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

// https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-diffusion-1-0-text-image.html,
// seen 2026-11-20

const textPrompts: JsonSchema = {
  type: "array",
  minItems: 1,
  items: closed({ text: text(0, 2000), weight: { type: "number" } }, ["text"]),
}

const settings = (maxCfgScale: number): { readonly [key: string]: JsonSchema } => ({
  text_prompts: textPrompts,
  cfg_scale: number(0, maxCfgScale),
  clip_guidance_preset: oneOf(
    "FAST_BLUE",
    "FAST_GREEN",
    "NONE",
    "SIMPLE",
    "SLOW",
    "SLOWER",
    "SLOWEST",
  ),
  sampler: oneOf(
    "DDIM",
    "DDPM",
    "K_DPMPP_2M",
    "K_DPMPP_2S_ANCESTRAL",
    "K_DPM_2",
    "K_DPM_2_ANCESTRAL",
    "K_EULER",
    "K_EULER_ANCESTRAL",
    "K_HEUN",
    "K_LMS",
  ),
  samples: integer(1, 1),
  seed: integer(0, 4_294_967_295),
  // Bedrock's price list has a bracket above 50 steps, so more than the 50 of the parameter page is
  // served.
  steps: integer(10, 150),
  style_preset: stylePreset,
  extras: { type: "object" },
  width: { type: "integer" },
  height: { type: "integer" },
})

const strengthFields: { readonly [key: string]: JsonSchema } = {
  init_image: base64,
  init_image_mode: oneOf("IMAGE_STRENGTH", "STEP_SCHEDULE"),
  image_strength: number(0, 1),
  step_schedule_start: number(0, 1),
  step_schedule_end: number(0, 1),
}

const maskFields: { readonly [key: string]: JsonSchema } = {
  mask_source: oneOf("MASK_IMAGE_WHITE", "MASK_IMAGE_BLACK", "INIT_IMAGE_ALPHA"),
  mask_image: base64,
}

const schemas = (maxCfgScale: number): TaskSchemas => {
  const common = settings(maxCfgScale)
  return {
    "text-to-image": closed(common, ["text_prompts"]),
    "image-to-image": closed({ ...common, ...strengthFields }, ["text_prompts", "init_image"]),
    masking: closed({ ...common, ...strengthFields, ...maskFields }, [
      "text_prompts",
      "init_image",
      "mask_source",
    ]),
  }
}

/** Stable Diffusion XL 1.0. */
export const sdxlV1Schemas: TaskSchemas = schemas(35)

/**
 * https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-diffusion-0-8.html, seen
 * 2026-11-20
 */
export const sdxlV0Schemas: TaskSchemas = schemas(30)
