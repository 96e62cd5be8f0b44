import { inputNames } from "@pictor/core/host"
import { z } from "zod"
import { litellmParameters } from "./litellm-parameters.ts"
import {
  accountText,
  anything,
  flag,
  integer,
  number,
  oneOf,
  type Parameter,
  seconds,
  text,
} from "./parameter-kinds.ts"

export type { Parameter } from "./parameter-kinds.ts"

const noAnimation = "The model does not generate animations."
const noVectors = "The model does not generate vector images."
const useRaster = "Use png, jpeg or webp."
const remove = "Remove the field."
const onlyWhere = "Rejected where the model has no such field."

/**
 * OpenAI's own parameters, as version 7.55.0 of its npm client types them.
 * https://developers.openai.com/api/docs/guides/image-generation
 */
const openaiParameters: Readonly<Record<string, Parameter>> = {
  model: {
    ...text,
    special: true,
    description: "A model from GET /v1/models. A model in the path takes precedence.",
  },
  prompt: { ...text, field: "prompt", description: "Text description of the image." },
  n: {
    ...integer(1),
    field: "n",
    description: "Number of images. A number above the model's limit is split over several calls.",
  },
  size: {
    ...text,
    allowed: `WIDTHxHEIGHT in pixels, such as "1024x1024", a tier such as "2K", or "auto"`,
    field: "size",
    defaults: ["auto"],
    description:
      "WIDTHxHEIGHT in pixels, a tier such as 2K, or auto. An unsupported size becomes the nearest one.",
  },
  quality: {
    ...text,
    field: "quality",
    defaults: ["auto"],
    description:
      "low, medium (the same as standard), high (hd, premium), xhigh, max or auto. An unsupported quality becomes the nearest one.",
  },
  output_format: {
    ...oneOf("png", "jpeg", "webp", "gif", "svg"),
    field: "outputFormat",
    unsupportedValues: { gif: `${noAnimation} ${useRaster}`, svg: `${noVectors} ${useRaster}` },
    description:
      "png, jpeg or webp; gif or svg where the model makes them. An unsupported format becomes a supported one.",
  },
  response_format: {
    ...oneOf("b64_json", "url"),
    special: true,
    description: "b64_json (default), or url if the server stores images.",
  },
  stream: {
    ...flag,
    special: true,
    description: "Sends server-sent events: a completed event per image as it is ready.",
  },
  user: {
    ...accountText,
    special: true,
    description: "The end user, unless the server sets one. See safety_identifier.",
  },
  safety_identifier: {
    ...accountText,
    special: true,
    description: "The end user, unless the server sets one. Takes precedence over user.",
  },
  background: {
    ...oneOf("auto", "opaque", "transparent"),
    field: "background",
    lossless: ["auto", "opaque"],
    description:
      "auto or opaque; transparent where the model makes transparent images, or the task removes the background.",
  },
  output_compression: {
    ...integer(0, 100),
    field: "compression",
    lossless: [100],
    description:
      "How much of the image jpeg and webp keep: 100 keeps most. No effect where the model has no such setting.",
  },
  moderation: {
    ...oneOf("auto", "low"),
    field: "moderation",
    lossless: ["auto"],
    description:
      "How strictly the provider filters. No effect where the model has no such setting.",
  },
  style: {
    ...oneOf("vivid", "natural"),
    allowed: "vivid or natural; use style_preset for a style of the model",
    ignored: "only DALL-E 3 has these two styles; use style_preset for a style of the model",
    description: "No effect. Use style_preset for a style of the model.",
  },
  complexity: {
    ...oneOf("low", "medium", "high"),
    ignored: "the model has no setting for planning effort",
    description: "Planning effort. No effect where the model has no such setting.",
  },
  input_fidelity: {
    ...oneOf("low", "high"),
    defaults: ["low"],
    ignored: "strength sets how much an edit may change its image",
    description: "No effect where the model has no such setting. Use strength.",
  },
  partial_images: {
    ...integer(0, 3),
    field: "partialImages",
    lossless: [0],
    description:
      "Preliminary images of a stream. No effect where the model makes none, or without stream.",
  },
  frame_count: {
    ...anything,
    unsupported: `${noAnimation} ${remove}`,
    description: onlyWhere,
  },
  frame_duration_ms: {
    ...anything,
    unsupported: `${noAnimation} ${remove}`,
    description: onlyWhere,
  },
  svg: { ...anything, unsupported: `${noVectors} ${remove}`, description: onlyWhere },
}

/** Fields that OpenAI does not have. Where LiteLLM has the field, it has LiteLLM's name. */
const extraParameters: Readonly<Record<string, Parameter>> = {
  task: {
    ...text,
    special: true,
    description: "text-to-image, image-to-image, inpaint, …. Default: what the inputs imply.",
  },
  policy: {
    ...oneOf("adapt", "strict"),
    field: "policy",
    description: "adapt (default) adapts unsupported values and reports it; strict rejects them.",
  },
  seed: { ...number, field: "seed", description: "Random seed. 0 is a seed like any other." },
  negative_prompt: {
    ...text,
    field: "negativePrompt",
    description: "What to avoid.",
  },
  aspect_ratio: {
    ...text,
    field: "aspectRatio",
    description: `Aspect ratio, such as "16:9". Excludes a size in pixels.`,
  },
  cfg_scale: {
    ...number,
    field: "guidance",
    description: "How closely to follow the prompt, on the model's own scale.",
  },
  steps: { ...number, field: "steps", description: "Number of diffusion steps." },
  style_preset: { ...text, field: "style", description: "A style of the model." },
  drop_params: {
    ...flag,
    special: true,
    description: "LiteLLM's: true means policy adapt, false means policy strict.",
  },
  tags: {
    schema: z.array(z.string()),
    allowed: "a list of strings",
    special: true,
    description: "Tags of the request in spend reports: name, or name=value.",
  },
  metadata: {
    schema: z.record(z.string(), z.unknown()),
    allowed: "an object of strings",
    special: true,
    description: "Tags with values. Its member tags is a list as in the field tags.",
  },
  timeout: {
    ...seconds,
    special: true,
    description: "Time limit in seconds. The server's own limit still applies.",
  },
  num_retries: {
    ...integer(0, 100),
    special: true,
    description: "LiteLLM's: number of retries. The server's own limit still applies.",
  },
  ...litellmParameters,
  strength: {
    ...number,
    field: "strength",
    description: "How much an edit may change its image, from 0 (nothing) to 1.",
  },
  pictor: {
    schema: z.record(z.string(), z.unknown()),
    allowed: "an object",
    special: true,
    description:
      "Pictor's other fields (maskPrompt, margins, colors, …), and options: the model's own fields.",
  },
}

const image = {
  ...anything,
  special: true,
  allowed: "an image as a file, base64 or a data URL",
} as const

const editParameters: Readonly<Record<string, Parameter>> = {
  image: {
    ...image,
    description: "One image or several: files, base64 or data URLs of PNG, JPEG, WebP or GIF.",
  },
  images: { ...image, description: "The images as a list of { image_url }." },
  mask: {
    ...image,
    description:
      "A PNG of the image's size, transparent where the image is to change. A black and white mask, white where the image is to change, goes as pictor.mask.",
  },
  markup: {
    ...anything,
    unsupported:
      "The model does not read markings in an image. Mark the area with mask, or describe it in pictor.maskPrompt.",
    description: onlyWhere,
  },
}

export type Kind = "generations" | "edits"

/** Names that OpenAI does not have. A model's own field of the same name takes precedence. */
export const extraNames: ReadonlySet<string> = new Set(Object.keys(extraParameters))

/** The known fields of each route. Any other field belongs to the model's own request body. */
export const parameters: Readonly<Record<Kind, Readonly<Record<string, Parameter>>>> = {
  generations: { ...openaiParameters, ...extraParameters },
  edits: { ...openaiParameters, ...extraParameters, ...editParameters },
}

/** The inputs of tasks beside the image itself. */
const otherInputs = inputNames.filter((name) => name !== "image" && name !== "images")

export const pictorFields: readonly string[] = [
  "options",
  "task",
  "policy",
  "tags",
  "prompts",
  "guidance",
  "style",
  ...otherInputs,
  "controlStrength",
]
