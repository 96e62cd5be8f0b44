import type { Generation } from "./models.ts"

/** A JSON Schema. */
export type JsonSchema = { readonly [keyword: string]: unknown }

export type Operation = "generations" | "edits"

const text: JsonSchema = { type: ["string", "null"] }

const flag: JsonSchema = { type: ["boolean", "null"] }

const words = (...values: readonly string[]): JsonSchema => ({
  type: ["string", "null"],
  enum: [...values, null],
})

const whole = (minimum: number, maximum?: number): JsonSchema => ({
  type: ["integer", "null"],
  minimum,
  ...(maximum === undefined ? {} : { maximum }),
})

const object = (
  properties: Readonly<Record<string, JsonSchema>>,
  required: readonly string[] = [],
): JsonSchema => ({ type: "object", properties, required, additionalProperties: false })

const svg: JsonSchema = {
  ...object({
    model: { type: "string" },
    reasoning: {
      ...object({ effort: words("none", "minimal", "low", "medium", "high", "xhigh", "max") }),
      type: ["object", "null"],
    },
  }),
  type: ["object", "null"],
}

/** A picture in a JSON body. */
const picture = object({ image_url: { type: "string" } }, ["image_url"])

/**
 * The fields of a JSON body; a form has the same, except `images`. From the types of the npm
 * package openai 7.59.0 (resources/images.d.ts), seen 2026-11-30.
 */
export const bodySchema = (operation: Operation, generation: Generation): JsonSchema => {
  const shared = {
    prompt: { type: "string", minLength: 1, maxLength: 32_000 },
    model: text,
    n: whole(1, 10),
    size: text,
    quality: words(...generation.qualities),
    complexity: words("low", "medium", "high"),
    background: words("transparent", "opaque", "auto"),
    output_format: words("png", "jpeg", "webp", "gif", "svg"),
    output_compression: whole(0, 100),
    stream: flag,
    partial_images: whole(0, 3),
    frame_count: whole(2, 16),
    frame_duration_ms: whole(0),
    svg,
    safety_identifier: text,
    user: { type: "string" },
  }
  if (operation === "generations")
    return object({ ...shared, moderation: words("auto", "low") }, ["prompt"])
  const fidelity =
    generation.fidelities.length === 0 ? {} : { input_fidelity: words(...generation.fidelities) }
  return object(
    {
      ...shared,
      ...fidelity,
      images: { type: "array", items: picture, minItems: 1, maxItems: 16 },
      mask: picture,
      markup: picture,
    },
    ["prompt"],
  )
}

/** Width to height, for xAI's models. */
const xaiRatios = [
  "1:1",
  "16:9",
  "9:16",
  "4:3",
  "3:4",
  "3:2",
  "2:3",
  "2:1",
  "1:2",
  "19.5:9",
  "9:19.5",
  "20:9",
  "9:20",
  "21:9",
  "5:2",
]

const xaiPicture = object({ url: { type: "string" }, type: { type: "string" } }, ["url"])

/**
 * xAI's fields, with pictures in JSON only. From the npm package @ai-sdk/xai 3.0.138, which sends
 * them, and https://docs.x.ai/developers/migration/imagine-image-quality-nov-2, both seen
 * 2026-11-30.
 */
export const xaiSchema = (operation: Operation): JsonSchema =>
  object(
    {
      model: { type: "string" },
      prompt: { type: "string", minLength: 1 },
      n: whole(1, 10),
      aspect_ratio: words(...xaiRatios, "auto"),
      resolution: words("1k", "2k"),
      quality: words("low", "medium", "high"),
      response_format: words("url", "b64_json"),
      user: { type: "string" },
      ...(operation === "generations"
        ? {}
        : {
            image: xaiPicture,
            images: { type: "array", items: xaiPicture, minItems: 1, maxItems: 5 },
          }),
    },
    ["model", "prompt"],
  )
