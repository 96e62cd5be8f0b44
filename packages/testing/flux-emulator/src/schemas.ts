/** A raw JSON Schema, draft-07. */
export type JsonSchema = { readonly [keyword: string]: unknown }

type Fields = { readonly [field: string]: JsonSchema }

/** An object that rejects every key it does not name. */
const closed = (properties: Fields, required: readonly string[] = []): JsonSchema => ({
  type: "object",
  properties,
  required,
  additionalProperties: false,
})

const text: JsonSchema = { type: "string" }
const flag: JsonSchema = { type: "boolean" }
/** Base64, a data URL or a URL. */
const picture: JsonSchema = { type: "string", minLength: 1 }
const integer = (minimum: number, maximum: number): JsonSchema => ({
  type: "integer",
  minimum,
  maximum,
})
const number = (minimum: number, maximum: number): JsonSchema => ({
  type: "number",
  minimum,
  maximum,
})
const oneOf = (...values: readonly string[]): JsonSchema => ({ type: "string", enum: values })

// The fields are those of a published client that compares itself with the API's OpenAPI document
// (2026-09-20), and of a client's table revised from that document on 2026-10-06. The two agree.

const seed = integer(0, 4_294_967_295)
const webhook: Fields = {
  webhook_url: { type: "string", minLength: 1, maxLength: 2083, pattern: "^https?://" },
  webhook_secret: text,
}
const user: Fields = { user: text }

/** The last fields of most schemas. */
const output = (mostTolerant: number): Fields => ({
  seed,
  safety_tolerance: integer(0, mostTolerant),
  output_format: oneOf("jpeg", "png", "webp"),
  ...user,
  ...webhook,
})

/** `input_image`, `input_image_2` and so on. */
const inputImages = (count: number): Fields =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      index === 0 ? "input_image" : `input_image_${index + 1}`,
      picture,
    ]),
  )

const flux2Side: JsonSchema = { type: "integer", minimum: 64, multipleOf: 16 }
const flux2 = (images: number, further: Fields = {}): JsonSchema =>
  closed(
    {
      prompt: text,
      ...inputImages(images),
      width: flux2Side,
      height: flux2Side,
      ...output(5),
      ...further,
    },
    ["prompt"],
  )
const flux2Upsampled = flux2(8, { disable_pup: flag })
const flux2Klein = flux2(4)

const flux1: Fields = { prompt: text, prompt_upsampling: flag, ...output(6) }
const flux1Side: JsonSchema = { type: "integer", minimum: 256, maximum: 1440, multipleOf: 32 }
const flux1Sized: Fields = {
  ...flux1,
  image_prompt: picture,
  width: flux1Side,
  height: flux1Side,
}
/** The range, 21:9 to 9:21, is a rule. */
const ratio: JsonSchema = { type: "string", pattern: "^[1-9][0-9]{0,3}:[1-9][0-9]{0,3}$" }
const kontext = closed({ ...flux1, ...inputImages(4), aspect_ratio: ratio }, ["prompt"])
const painted: Fields = { steps: integer(15, 50), guidance: number(1.5, 100) }
const margin = integer(0, 2048)

const tryOn = closed({ prompt: text, person: picture, garment: picture, ...output(5) }, [
  "prompt",
  "person",
  "garment",
])

/** The body of each endpoint, by its path below `/v1/`. */
export const schemas = {
  "flux-2-pro": flux2Upsampled,
  "flux-2-pro-preview": flux2Upsampled,
  "flux-2-max": flux2Upsampled,
  "flux-2-flex": flux2(8, {
    prompt_upsampling: flag,
    steps: integer(1, 50),
    guidance: number(1.5, 10),
  }),
  "flux-2-klein-4b": flux2Klein,
  "flux-2-klein-9b": flux2Klein,
  "flux-2-klein-9b-preview": flux2Klein,
  // https://docs.bfl.ai/flux_3/flux3_image_generate, published 2026-10-01.
  "flux-3-image": closed(
    {
      prompt: text,
      images: { type: "array", minItems: 1, maxItems: 10, items: picture },
      aspect_ratio: oneOf(
        ..."auto 21:9 2:1 16:9 3:2 7:5 4:3 5:4 1:1 4:5 3:4 5:7 2:3 9:16 1:2 9:21".split(" "),
      ),
      resolution: oneOf("768sq", "1k", "1.5k", "2k", "4k"),
      grounding: flag,
      safety_tolerance: integer(0, 4),
      version: oneOf("latest"),
      ...webhook,
    },
    ["prompt"],
  ),
  "flux-kontext-pro": kontext,
  "flux-kontext-max": kontext,
  "flux-pro-1.1": closed(flux1Sized),
  "flux-dev": closed({ ...flux1Sized, steps: integer(1, 50), guidance: number(1.5, 5) }),
  "flux-pro-1.1-ultra": closed({
    ...flux1,
    aspect_ratio: ratio,
    raw: flag,
    image_prompt: picture,
    image_prompt_strength: number(0, 1),
  }),
  "flux-pro-1.0-fill": closed({ ...flux1, ...painted, image: picture, mask: picture }, ["image"]),
  "flux-pro-1.0-expand": closed(
    {
      ...flux1,
      ...painted,
      image: picture,
      top: margin,
      bottom: margin,
      left: margin,
      right: margin,
    },
    ["image"],
  ),
  // Neither a seed nor webhooks.
  "flux-tools/outpainting-v1": closed(
    {
      prompt: text,
      input_image: picture,
      width: { type: "integer", minimum: 64 },
      height: { type: "integer", minimum: 64 },
      reference_offset_x: { type: "integer" },
      reference_offset_y: { type: "integer" },
      mode: oneOf("high", "fast"),
      auto_crop: flag,
      disable_pup: flag,
      safety_tolerance: integer(0, 5),
      output_format: oneOf("jpeg", "png", "webp"),
      ...user,
    },
    ["input_image", "width", "height"],
  ),
  "flux-tools/erase-v1": closed(
    { image: picture, mask: picture, dilate_pixels: integer(0, 25), ...output(5) },
    ["image", "mask"],
  ),
  "flux-tools/vto-v1": tryOn,
  "flux-tools/vto-v2": tryOn,
  "flux-tools/deblur-v1": closed({ image: picture, ...output(5) }, ["image"]),
} as const satisfies { readonly [endpoint: string]: JsonSchema }

/** An endpoint, by its path below `/v1/`. */
export type EndpointName = keyof typeof schemas

export const isEndpoint = (name: string): name is EndpointName => Object.hasOwn(schemas, name)
