import { pngOf } from "./images.ts"

const image = pngOf(512, 512)
const prompt = "a red barn (old:1.2)"
const wide = pngOf(640, 256)

const word = (service: string): string => `us.stability.stable-${service}-v1:0`

/**
 * Bodies of Stability's image services; typed from
 * https://docs.aws.amazon.com/bedrock/latest/userguide/stable-image-services.html, seen 2026-11-20
 */
export const acceptedByServices: readonly (readonly [
  what: string,
  modelId: string,
  body: object,
])[] = [
  [
    "the documented example",
    word("creative-upscale"),
    {
      image,
      prompt,
      creativity: 0.3,
      seed: 0,
      output_format: "png",
      style_preset: "photographic",
      negative_prompt: "x",
    },
  ],
  ["the smallest picture", word("creative-upscale"), { image: pngOf(64, 64), prompt }],
  [
    "the largest picture",
    word("creative-upscale"),
    { image: pngOf(1024, 1024), prompt, creativity: 0.5 },
  ],
  [
    "the documented example",
    word("conservative-upscale"),
    {
      image,
      prompt,
      creativity: 0.35,
      negative_prompt: "x",
      seed: 4_294_967_294,
      output_format: "webp",
    },
  ],
  ["the largest picture", word("conservative-upscale"), { image: pngOf(3072, 3072), prompt }],
  ["a body without a format", word("fast-upscale"), { image }],
  ["the smallest picture", word("fast-upscale"), { image: pngOf(32, 32), output_format: "jpeg" }],
  ["a long picture", word("fast-upscale"), { image: pngOf(1536, 682), output_format: "png" }],
  [
    "the documented example",
    word("image-inpaint"),
    {
      image,
      mask: image,
      prompt,
      grow_mask: 5,
      style_preset: "anime",
      negative_prompt: "",
      seed: 1,
      output_format: "png",
    },
  ],
  [
    "a mask of another size",
    word("image-inpaint"),
    { image, mask: pngOf(60, 20), prompt, grow_mask: 0 },
  ],
  ["the picture's own alpha", word("image-inpaint"), { image: wide, prompt, grow_mask: 20 }],
  [
    "the documented example",
    word("outpaint"),
    {
      image,
      left: 512,
      right: 512,
      prompt,
      creativity: 0.5,
      seed: 0,
      output_format: "png",
      style_preset: "enhance",
    },
  ],
  ["a single margin", word("outpaint"), { image, up: 2000, down: 0 }],
  [
    "the documented example",
    word("image-search-recolor"),
    {
      image,
      prompt,
      select_prompt: "jacket",
      grow_mask: 5,
      negative_prompt: "x",
      style_preset: "cinematic",
      seed: 0,
    },
  ],
  [
    "the documented example",
    word("image-search-replace"),
    {
      image,
      prompt,
      search_prompt: "sweater",
      grow_mask: 5,
      negative_prompt: "x",
      output_format: "jpeg",
    },
  ],
  [
    "the documented example",
    word("image-erase-object"),
    { image, mask: image, grow_mask: 5, seed: 0, output_format: "png" },
  ],
  ["a picture alone", word("image-erase-object"), { image }],
  ["the documented example", word("image-remove-background"), { image, output_format: "png" }],
  [
    "the documented example",
    word("image-control-sketch"),
    { image, prompt, control_strength: 0.7, negative_prompt: "x", style_preset: "line-art" },
  ],
  [
    "the documented example",
    word("image-control-structure"),
    { image, prompt, control_strength: 0, seed: 0, output_format: "webp" },
  ],
  [
    "the documented example",
    word("image-style-guide"),
    { image, prompt, aspect_ratio: "21:9", fidelity: 0.5, style_preset: "origami", seed: 0 },
  ],
  [
    "the documented example",
    word("style-transfer"),
    {
      init_image: image,
      style_image: wide,
      prompt,
      negative_prompt: "x",
      composition_fidelity: 0.9,
      style_strength: 1,
      change_strength: 0.1,
      seed: 0,
      output_format: "png",
    },
  ],
  ["no words", word("style-transfer"), { init_image: image, style_image: image }],
]
