import { createPictor } from "@pictor/core"
import type { Transport } from "@pictor/core/adapter"
import { flux } from "@pictor/flux"
import { novaCanvas } from "@pictor/nova-canvas"
import { sd3 } from "@pictor/sd3"
import { stabilityServices } from "@pictor/stability-services"
import { titan } from "@pictor/titan"
import { generateImage, type ImagePart } from "@tanstack/ai"
import { createPictorImage } from "./adapter.ts"

declare const transport: Transport
declare const picture: ImagePart<{ role?: "mask" }>
const pictor = createPictor({
  adapters: [
    novaCanvas(transport),
    titan(transport),
    sd3(transport),
    stabilityServices(transport),
    flux(transport),
  ],
})
const pictorImage = createPictorImage(pictor)
const nova = pictorImage("amazon.nova-canvas-v1:0")
const titanV2 = pictorImage("amazon.titan-image-generator-v2:0")
const core = pictorImage("stability.stable-image-core-v1:1")
const upscaler = pictorImage("us.stability.stable-fast-upscale-v1:0")
const prompt = "Sri lanka tea plantation."

/** Sizes, prompt parts and options are those of the model's card. */
export const known = [
  generateImage({ adapter: core, prompt, size: "16:9" }),
  generateImage({ adapter: nova, prompt: [picture], size: "1280x720" }),
  generateImage({ adapter: titanV2, prompt, size: "1152x640" }),
  generateImage({ adapter: pictorImage("flux-3-image"), prompt, size: "768sq" }),
  generateImage({ adapter: upscaler, prompt: [picture] }),
  generateImage({
    adapter: nova,
    prompt,
    modelOptions: { seed: 0, margins: { left: 8 }, options: { taskType: "TEXT_IMAGE" } },
  }),
]

export const wrong = [
  // @ts-expect-error not a ratio of the model
  generateImage({ adapter: core, prompt, size: "7:5" }),
  // @ts-expect-error not a size of the model
  generateImage({ adapter: titanV2, prompt, size: "1000x1000" }),
  // @ts-expect-error a model without sizes
  generateImage({ adapter: upscaler, prompt: [picture], size: "512x512" }),
  // @ts-expect-error a model without images
  generateImage({ adapter: core, prompt: [picture] }),
  // @ts-expect-error not a field
  generateImage({ adapter: nova, prompt, modelOptions: { qualtiy: "hd" } }),
  // @ts-expect-error not an option of the model
  generateImage({ adapter: nova, prompt, modelOptions: { options: { taskTyp: "TEXT_IMAGE" } } }),
]

/** A name that no adapter knows takes any size and part. */
export const loose = [
  generateImage({ adapter: pictorImage("eu/my-model"), prompt: [picture], size: "7:5" }),
  generateImage({ adapter: pictorImage<string>("my-model"), prompt: [picture], size: "7:5" }),
]
