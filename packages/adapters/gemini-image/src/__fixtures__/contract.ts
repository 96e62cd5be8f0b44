import type { AdapterContract } from "@pictor/adapter-contract"
import { blue, red } from "./pictures.ts"

/** The contract kit's input, for either API. */
export const contract: Omit<AdapterContract, "create" | "provider"> = {
  requests: {
    "text-to-image": [
      { prompt: "a lighthouse", aspectRatio: "3:2" },
      {
        prompt: "a lighthouse",
        size: "1K",
        seed: 0,
        options: { generationConfig: { temperature: 0.5 } },
      },
    ],
    "image-to-image": [
      { image: red, prompt: "a lighthouse" },
      { images: [red, blue], prompt: "a lighthouse", aspectRatio: "1:1" },
    ],
  },
  outcomes: {
    filtered: {
      candidates: [{ finishReason: "IMAGE_SAFETY", index: 0 }],
      usageMetadata: { promptTokenCount: 3, totalTokenCount: 3 },
    },
    malformed: { candidates: [{ content: { parts: [{ inlineData: { data: 7 } }] } }] },
  },
}
