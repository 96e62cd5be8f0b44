import { z } from "zod"

/** One field of a request body, as data: the parser, the errors and the OpenAPI document are all made from it. */
export interface Parameter {
  readonly schema: z.ZodType
  /** What is allowed, as it ends "… must be". */
  readonly allowed: string
  readonly about: string
  /** The neutral field that it becomes. */
  readonly field?: string
  /** Values that ask for what happens anyway. */
  readonly same?: readonly unknown[]
  /** Why it has no effect: reported as a dropped change, and refused under the policy `strict`. */
  readonly dropped?: string
  /** What to do in its place: it is refused whatever its value is. */
  readonly refused?: string
  /** The same for some of its values. */
  readonly refuses?: Readonly<Record<string, string>>
  /** Read by a function of its own. */
  readonly special?: true
}

const word = (...values: readonly [string, ...string[]]) => ({
  schema: z.enum(values),
  allowed: `one of ${values.join(", ")}`,
})
const text = { schema: z.string(), allowed: "a text" }
const number = { schema: z.number(), allowed: "a number" }
const flag = { schema: z.boolean(), allowed: "true or false" }
const whole = (min: number, max?: number) => ({
  schema: max === undefined ? z.int().min(min) : z.int().min(min).max(max),
  allowed:
    max === undefined
      ? `a whole number of at least ${min}`
      : `a whole number from ${min} to ${max}`,
})
const anything = { schema: z.unknown(), allowed: "anything" }
const longestSeconds = 86_400
const onlyFrames =
  "No model here draws moving pictures. Leave it out, and ask for png, jpeg or webp."

/** OpenAI's own parameters, https://platform.openai.com/docs/api-reference/images, as its npm client 7.55.0 types them. */
const openaiParameters: Readonly<Record<string, Parameter>> = {
  model: {
    ...text,
    special: true,
    about: "The model's name, as GET /v1/models lists it. A name in the path goes before it.",
  },
  prompt: { ...text, field: "prompt", about: "What to draw." },
  n: {
    ...whole(1),
    field: "n",
    about: "How many images. More than the model makes in one call are split over several.",
  },
  size: {
    ...text,
    allowed: `width x height in pixels such as "1024x1024", or "auto"`,
    field: "size",
    same: ["auto"],
    about:
      "In pixels, WIDTHxHEIGHT, or auto. A size that the model lacks becomes the nearest that it has.",
  },
  quality: {
    ...text,
    field: "quality",
    same: ["auto"],
    about: "low, medium, standard, auto, or high, hd, xhigh, max, premium.",
  },
  output_format: {
    ...word("png", "jpeg", "webp", "gif", "svg"),
    field: "outputFormat",
    refuses: {
      gif: "No model here draws moving pictures. Ask for png, jpeg or webp.",
      svg: "No model here draws vectors. Ask for png, jpeg or webp.",
    },
    about: "png, jpeg or webp. A format that the model lacks becomes one that it has.",
  },
  response_format: {
    ...word("b64_json", "url"),
    special: true,
    about: "b64_json (default), or url where the server stores images.",
  },
  stream: {
    ...flag,
    special: true,
    about:
      "Answers as server-sent events, one completed event for each image, as its provider call ends.",
  },
  user: {
    ...text,
    special: true,
    about:
      "Whom the request is charged to, where the server does not know. safety_identifier goes before it.",
  },
  safety_identifier: {
    ...text,
    special: true,
    about: "Whom the request is charged to, where the server does not know.",
  },
  background: {
    ...word("auto", "opaque", "transparent"),
    same: ["auto", "opaque"],
    refuses: {
      transparent: `No model here draws transparency. Draw it opaque, then send the image to images/edits with a model that has the task "remove-background".`,
    },
    about: "auto or opaque.",
  },
  // Refusing would break clients that always send a value; the image is the model's best, and costs the same.
  output_compression: {
    ...whole(0, 100),
    same: [100],
    dropped: "images are answered as the model made them, without being compressed again",
    about: "Has no effect: images are answered as the model made them.",
  },
  moderation: {
    ...word("auto", "low"),
    same: ["auto"],
    dropped: "the model's provider filters as it always does",
    about: "Has no effect.",
  },
  style: {
    ...word("vivid", "natural"),
    allowed: "vivid or natural; a style of the model's own goes as style_preset",
    dropped: "only DALL-E 3 had these two styles; a style of the model's own goes as style_preset",
    about: "Has no effect: a style of the model's own goes as style_preset.",
  },
  complexity: {
    ...word("low", "medium", "high"),
    dropped: "the models here have no planning effort to set",
    about: "Has no effect.",
  },
  input_fidelity: {
    ...word("low", "high"),
    same: ["low"],
    dropped: "how far an edit keeps to its image is said by strength, from 0 (keeps it) to 1",
    about: "Has no effect: strength says how far an edit keeps to its image.",
  },
  partial_images: {
    ...whole(0, 3),
    same: [0],
    dropped: "the models here give whole images only, so that no partial one is sent",
    about: "Has no effect: only completed events are sent.",
  },
  frame_count: { ...anything, refused: onlyFrames, about: "Refused." },
  frame_duration_ms: { ...anything, refused: onlyFrames, about: "Refused." },
  svg: {
    ...anything,
    refused: "No model here draws vectors. Leave it out, and ask for png, jpeg or webp.",
    about: "Refused.",
  },
}

/** What OpenAI does not have, under names that LiteLLM's users know. */
const neutralParameters: Readonly<Record<string, Parameter>> = {
  task: {
    ...text,
    special: true,
    about:
      "What to do, where the inputs do not say it: text-to-image, image-to-image, inpaint, outpaint, upscale, …",
  },
  policy: {
    ...word("adapt", "strict"),
    field: "policy",
    about: "adapt (default) fits what the model cannot do and reports it; strict refuses it.",
  },
  seed: { ...number, field: "seed", about: "0 is a seed like any other." },
  negative_prompt: { ...text, field: "negativePrompt", about: "What to avoid." },
  aspect_ratio: { ...text, field: "aspectRatio", about: `In place of size: "16:9".` },
  cfg_scale: {
    ...number,
    field: "guidance",
    about: "How closely to follow the prompt, in the model's own numbers.",
  },
  steps: { ...number, field: "steps", about: "Steps of diffusion." },
  style_preset: { ...text, field: "style", about: "A style of the model's own." },
  drop_params: {
    ...flag,
    special: true,
    about: "LiteLLM's: true is the policy adapt, false is strict.",
  },
  tags: {
    schema: z.array(z.string()),
    allowed: "a list of texts",
    special: true,
    about: "What the request is booked under: names of tags, or name=value.",
  },
  metadata: {
    schema: z.record(z.string(), z.unknown()),
    allowed: "an object of texts",
    special: true,
    about: "The same as an object: its texts are tags with values, its tags are a list as above.",
  },
  timeout: {
    schema: z.number().positive().max(longestSeconds),
    allowed: `a number of seconds above 0, up to ${longestSeconds}`,
    special: true,
    about: "Seconds that the request may take, within what the server gives it.",
  },
  num_retries: {
    ...whole(0, 100),
    special: true,
    about: "LiteLLM's: how often the server may try again, within what it allows.",
  },
  strength: { ...number, field: "strength", about: "From 0 (keeps the image) to 1 (ignores it)." },
  pictor: {
    schema: z.record(z.string(), z.unknown()),
    allowed: "an object",
    special: true,
    about:
      "Further neutral fields by Pictor's names (maskPrompt, keepPrompt, margins, colors, …), and options: fields of the model's own body.",
  },
}

const picture = {
  ...anything,
  special: true,
  allowed: "an image as base64, a data URL or a file",
} as const

const editParameters: Readonly<Record<string, Parameter>> = {
  image: {
    ...picture,
    about: "The image or images to edit: files, base64 or data URLs of PNG, JPEG, WebP or GIF.",
  },
  images: { ...picture, about: "The same as a list of { image_url }." },
  mask: {
    ...picture,
    about:
      "A PNG of the image's size, transparent where it is to change. A mask in black and white goes as pictor.mask, white changes.",
  },
  markup: {
    ...anything,
    refused:
      "No model here reads marks on an image. Say the area with a mask, or in words with pictor.maskPrompt.",
    about: "Refused.",
  },
}

export type Kind = "generations" | "edits"

/** Names that OpenAI does not have: a model with a field of its own by such a name is sent that. */
export const neutralNames: ReadonlySet<string> = new Set(Object.keys(neutralParameters))

/** All fields that have a meaning of their own, by route. What is not here is a field of the model's own body. */
export const parameters: Readonly<Record<Kind, Readonly<Record<string, Parameter>>>> = {
  generations: { ...openaiParameters, ...neutralParameters },
  edits: { ...openaiParameters, ...neutralParameters, ...editParameters },
}

/** Neutral fields that have no name at the top level of a body: they stand in `pictor`. */
export const pictorFields: readonly string[] = [
  "options",
  "task",
  "policy",
  "tags",
  "prompts",
  "guidance",
  "style",
  "mask",
  "maskPrompt",
  "keepPrompt",
  "margins",
  "colors",
  "control",
  "controlStrength",
  "styleImage",
  "referenceImage",
  "garment",
  "upscale",
]
