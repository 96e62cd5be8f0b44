import type { AdapterContract } from "@pictor/adapter-contract"
import { novaCanvas } from "../index.ts"
import filtered from "./filtered.json" with { type: "json" }
import partial from "./partial.json" with { type: "json" }

/** What both ways to the emulator are tested with. */
export const contract: Omit<AdapterContract, "provider"> = {
  create: novaCanvas,
  requests: { "text-to-image": { prompt: "a lighthouse", size: "320x320" } },
  outcomes: { filtered, partial: (_call, images) => ({ ...partial, images: images.slice(1) }), malformed: { images: [7] } },
}
