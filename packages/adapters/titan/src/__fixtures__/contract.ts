import type { AdapterContract } from "@pictor/adapter-contract"
import { titan } from "../index.ts"
import filtered from "./filtered.json" with { type: "json" }
import { image, mask } from "./images.ts"
import partial from "./partial.json" with { type: "json" }

const size = "320x704"

/** The contract kit's input, for any transport to the emulator. */
export const contract: Omit<AdapterContract, "provider"> = {
  create: titan,
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
        options: { outPaintingParams: { outPaintingMode: "PRECISE", returnMask: true } },
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
  },
  outcomes: {
    filtered,
    partial: (_call, images) => ({ ...partial, images: images.slice(1) }),
    malformed: { images: [7] },
  },
}
