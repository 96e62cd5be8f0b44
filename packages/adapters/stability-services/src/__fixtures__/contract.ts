import type { AdapterContract } from "@pictor/adapter-contract"
import { stabilityServices } from "../index.ts"
import filtered from "./filtered.json" with { type: "json" }
import { cutOut, image, mask } from "./images.ts"

const prompt = "a lighthouse"
const sketch = "stability.stable-image-control-sketch-v1:0"
const structure = "stability.stable-image-control-structure-v1:0"

/** The contract kit's input, for any transport to the emulator. */
export const contract: Omit<AdapterContract, "provider"> = {
  create: stabilityServices,
  requests: {
    inpaint: [
      { prompt, image, mask },
      { prompt, image: cutOut },
    ],
    erase: [{ image, mask }, { image: cutOut }],
    replace: { prompt, image, maskPrompt: "the disc" },
    recolor: { prompt, image, maskPrompt: "the disc" },
    "remove-background": { image },
    control: [
      { model: sketch, prompt, image, control: "sketch" },
      { model: structure, prompt, image, control: "structure" },
    ],
    "style-guide": { prompt, styleImage: image },
    "style-transfer": { image, styleImage: cutOut },
    outpaint: { image, margins: { left: 16, down: 8 } },
    upscale: [
      { model: "stability.stable-fast-upscale-v1:0", image },
      { model: "stability.stable-conservative-upscale-v1:0", prompt, image },
      { model: "stability.stable-creative-upscale-v1:0", prompt, image, upscale: "creative" },
    ],
  },
  outcomes: { filtered, malformed: { seeds: [1], finish_reasons: [null], images: [7] } },
}
