import type { AdapterContract } from "@pictor/adapter-contract"
import { novaOmni } from "../index.ts"
import { blue, red } from "./pictures.ts"

/** The contract kit's input, for any transport to the emulator. */
export const contract: Omit<AdapterContract, "provider"> = {
  create: novaOmni,
  requests: {
    "text-to-image": [
      { prompt: "a lighthouse" },
      {
        prompt: "a lighthouse",
        options: {
          system: [{ text: "Draw in ink." }],
          inferenceConfig: { temperature: 0.5 },
        },
      },
    ],
    "image-to-image": [
      { image: red, prompt: "a lighthouse" },
      { images: [red, blue], prompt: "a lighthouse" },
    ],
  },
  outcomes: {
    filtered: {
      output: { message: { role: "assistant", content: [] } },
      stopReason: "content_filtered",
      usage: { inputTokens: 3, outputTokens: 0, totalTokens: 3 },
    },
    malformed: {
      output: { message: { content: [{ image: { format: "png", source: { bytes: 7 } } }] } },
      stopReason: "end_turn",
    },
  },
}
