import {
  base64,
  closed,
  integer,
  type JsonSchema,
  number,
  type TaskSchemas,
  text,
} from "./parts.ts"
import { aspectRatio, stabilityFields } from "./sd3.ts"

// https://docs.aws.amazon.com/bedrock/latest/userguide/stable-image-services.html, seen 2026-11-20

type Fields = { readonly [key: string]: JsonSchema }

const { prompt, negative_prompt, seed, output_format, style_preset } = stabilityFields

const words = text(0, 10_000)

const output: Fields = { seed, output_format }

/** What the services that draw from words have in common. */
const drawn: Fields = { prompt, negative_prompt, ...output, style_preset }

const area: Fields = { grow_mask: integer(0, 20) }

const margin = integer(0, 2000)

/** Stability's image services, by the name each has in its model id. */
export const serviceSchemas = {
  "creative-upscale": closed({ ...drawn, image: base64, creativity: number(0.1, 0.5) }, [
    "prompt",
    "image",
  ]),
  "conservative-upscale": closed(
    { prompt, negative_prompt, ...output, image: base64, creativity: number(0.1, 0.5) },
    ["prompt", "image"],
  ),
  "fast-upscale": closed({ image: base64, output_format }, ["image"]),
  inpaint: closed({ ...drawn, ...area, image: base64, mask: base64 }, ["prompt", "image"]),
  outpaint: closed(
    {
      ...output,
      prompt,
      style_preset,
      image: base64,
      creativity: number(0.1, 1),
      left: margin,
      right: margin,
      up: margin,
      down: margin,
    },
    ["image"],
  ),
  "search-recolor": closed({ ...drawn, ...area, image: base64, select_prompt: words }, [
    "prompt",
    "image",
    "select_prompt",
  ]),
  "search-replace": closed({ ...drawn, ...area, image: base64, search_prompt: words }, [
    "prompt",
    "image",
    "search_prompt",
  ]),
  "erase-object": closed({ ...output, ...area, image: base64, mask: base64 }, ["image"]),
  "remove-background": closed({ image: base64, output_format }, ["image"]),
  "control-sketch": closed({ ...drawn, image: base64, control_strength: number(0, 1) }, [
    "prompt",
    "image",
  ]),
  "control-structure": closed({ ...drawn, image: base64, control_strength: number(0, 1) }, [
    "prompt",
    "image",
  ]),
  "style-guide": closed(
    { ...drawn, image: base64, aspect_ratio: aspectRatio, fidelity: number(0, 1) },
    ["prompt", "image"],
  ),
  "style-transfer": closed(
    {
      prompt,
      negative_prompt,
      ...output,
      init_image: base64,
      style_image: base64,
      composition_fidelity: number(0, 1),
      style_strength: number(0, 1),
      change_strength: number(0.1, 1),
    },
    ["init_image", "style_image"],
  ),
} as const satisfies TaskSchemas

export type Service = keyof typeof serviceSchemas
