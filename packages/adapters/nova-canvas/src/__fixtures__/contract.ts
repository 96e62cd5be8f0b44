import type { AdapterContract } from "@pictor/adapter-contract"
import { novaCanvas } from "../index.ts"
import filtered from "./filtered.json" with { type: "json" }
import { garment, image, mask } from "./images.ts"
import partial from "./partial.json" with { type: "json" }

const size = "320x320"

/** The contract kit's input, for any transport to the emulator. */
export const contract: Omit<AdapterContract, "provider"> = {
  create: novaCanvas,
  requests: {
    "text-to-image": { prompt: "a lighthouse", size },
    "image-to-image": { images: [image, mask], prompt: "a lighthouse", strength: 0.5, size },
    inpaint: { image, maskPrompt: "the disc", prompt: "a lighthouse" },
    erase: { image, maskPrompt: "the disc" },
    replace: { image, maskPrompt: "the disc", prompt: "a lighthouse" },
    outpaint: [
      { image, keepPrompt: "the disc", prompt: "a lighthouse" },
      {
        image,
        mask,
        prompt: "a lighthouse",
        options: { outPaintingParams: { outPaintingMode: "PRECISE" } },
      },
    ],
    "color-guided": {
      colors: ["#102030", "#f0E0d0"],
      referenceImage: image,
      prompt: "a lighthouse",
      size,
    },
    control: { image, control: "segmentation", controlStrength: 0.4, prompt: "a lighthouse", size },
    "remove-background": { image },
    "virtual-try-on": [
      {
        image,
        referenceImage: garment,
        garment: {
          class: "upper-body",
          longSleeve: "sleeve-up",
          preserve: { face: "on" },
          merge: "seamless",
        },
      },
      {
        image,
        referenceImage: garment,
        maskPrompt: "the disc",
        garment: { shape: "bounding-box" },
      },
    ],
  },
  outcomes: {
    filtered,
    partial: (_call, images) => ({ ...partial, images: images.slice(1) }),
    malformed: { images: [7] },
  },
}
