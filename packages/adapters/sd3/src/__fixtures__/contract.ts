import type { AdapterContract } from "@pictor/adapter-contract"
import { sd3 } from "../index.ts"
import filtered from "./filtered.json" with { type: "json" }
import { image } from "./images.ts"

/** The contract kit's input, for any transport to the emulator. */
export const contract: Omit<AdapterContract, "provider"> = {
  create: sd3,
  requests: {
    "text-to-image": { prompt: "a lighthouse" },
    "image-to-image": { prompt: "a lighthouse", image },
  },
  outcomes: { filtered, malformed: { seeds: [1], finish_reasons: [null], images: [7] } },
}
