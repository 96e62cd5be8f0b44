import { createPictor } from "@pictor/core"
import type { Transport } from "@pictor/core/adapter"
import { type FluxOptions, flux } from "./index.ts"

declare const transport: Transport
const pictor = createPictor({ adapters: [flux(transport)] })
const image = "base64"

/** Types are exact, also for ids with slashes and behind prefixes. */
export const known = [
  pictor.plan({ model: "flux-3-image", prompt: "a", size: "768sq", aspectRatio: "16:9" }),
  pictor.plan({
    model: "flux-tools/erase-v1",
    task: "erase",
    image,
    mask: image,
    options: { dilate_pixels: 0 },
  }),
  pictor.plan({
    model: "eu/flux-tools/outpainting-v1",
    task: "outpaint",
    image,
    margins: { left: 8 },
    options: { mode: "fast" },
  }),
]

export const wrong = [
  pictor.plan({
    model: "flux-tools/vto-v1",
    task: "virtual-try-on",
    image,
    referenceImage: image,
    // @ts-expect-error an option of another tool
    options: { dilate_pixels: 0 },
  }),
  // @ts-expect-error a task of another tool
  pictor.plan({ model: "eu/flux-tools/erase-v1", task: "outpaint", image, margins: { left: 8 } }),
  // @ts-expect-error no size of any model
  pictor.plan({ model: "flux-3-image", prompt: "a", size: "huge" }),
]

export const options: FluxOptions<"flux-2-flex"> = { steps: 50, prompt_upsampling: false }
