import type { AdapterContract } from "@pictor/adapter-contract"
import { stabilitySdxl } from "../index.ts"
import filtered from "./filtered.json" with { type: "json" }
import { cutOut, image, mask } from "./images.ts"

const prompt = "a lighthouse"

/** The contract kit's input, for any transport to the emulator. */
export const contract: Omit<AdapterContract, "provider"> = {
  create: stabilitySdxl,
  requests: {
    "text-to-image": { prompt },
    "image-to-image": [
      { prompt, image },
      { prompt, image, options: { step_schedule_start: 0.4 } },
    ],
    inpaint: [
      { prompt, image, mask },
      { prompt, image: cutOut },
    ],
  },
  outcomes: {
    filtered,
    malformed: { result: "success", artifacts: [{ seed: 1, base64: 7, finishReason: "SUCCESS" }] },
  },
}
