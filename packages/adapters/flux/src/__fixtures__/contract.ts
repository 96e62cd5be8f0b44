import type { AdapterContract } from "@pictor/adapter-contract"
import { blue, mask, red } from "./pictures.ts"

const prompt = "a lighthouse"
const files = "Pictures are files, not base64."

/** The contract kit's input. */
export const contract: Omit<AdapterContract, "create" | "provider"> = {
  requests: {
    "text-to-image": [{ prompt, aspectRatio: "3:2", outputFormat: "jpeg" }],
    "image-to-image": [
      { model: "flux-2-pro", image: red, images: [blue], prompt },
      { model: "flux-2-pro-preview", image: red, prompt },
      { model: "flux-2-max", image: red, prompt, size: "256x256" },
      { model: "flux-2-flex", image: red, prompt },
      { model: "flux-2-klein-4b", images: [red, blue], prompt },
      { model: "flux-2-klein-9b", image: red, prompt },
      { model: "flux-2-klein-9b-preview", image: red, prompt },
      { model: "flux-3-image", images: [red, blue], prompt, size: "768sq" },
      { model: "flux-kontext-pro", image: red, prompt },
      { model: "flux-kontext-max", images: [red, blue], prompt, aspectRatio: "2:3" },
      { model: "flux-pro-1.1", image: red, size: "256x256" },
      { model: "flux-dev", image: red, prompt, size: "256x256" },
      { model: "flux-pro-1.1-ultra", image: red, prompt, strength: 0.5 },
      { model: "flux-tools/deblur-v1", image: red },
    ],
    inpaint: { image: red, mask, prompt },
    outpaint: { image: red, margins: { left: 64, down: 32 } },
    erase: { image: red, mask, options: { dilate_pixels: 0 } },
    "virtual-try-on": { image: red, referenceImage: blue },
  },
  outcomes: {
    filtered: { id: "1", status: "Content Moderated", result: null },
    malformed: { id: "1", status: "Ready", result: { sample: 7 } },
  },
  skip: {
    "lift-views": files,
    "lift-escapes": files,
    "lift-space": files,
    "lift-forms": files,
    "lift-chunks": files,
  },
}
