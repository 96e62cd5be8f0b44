import type { AdapterContract } from "@pictor/adapter-contract"
import { titan } from "../index.ts"
import filtered from "./filtered.json" with { type: "json" }
import partial from "./partial.json" with { type: "json" }

/** What both ways to the emulator are tested with. */
export const contract: Omit<AdapterContract, "provider"> = {
  create: titan,
  requests: { "text-to-image": { prompt: "a lighthouse", size: "320x704" } },
  outcomes: { filtered, partial: (_call, images) => ({ ...partial, images: images.slice(1) }), malformed: { images: [7] } },
}
