import type { AdapterContract } from "@pictor/adapter-contract"
import { stabilitySdxl } from "../index.ts"
import filtered from "./filtered.json" with { type: "json" }

/** What both ways to the emulator are tested with. */
export const contract: Omit<AdapterContract, "provider"> = {
  create: stabilitySdxl,
  requests: { "text-to-image": { prompt: "a lighthouse" } },
  outcomes: { filtered, malformed: { result: "success", artifacts: [{ seed: 1, base64: 7, finishReason: "SUCCESS" }] } },
}
