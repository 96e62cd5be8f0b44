import { defineAdapter } from "../adapter.ts"
import { createPictor } from "../client.ts"
import type { Decoded, ImageAdapter, Outcome } from "../contract/adapter.ts"
import type { ModelCard, PriceRow } from "../contract/card.ts"
import type { Pictor, PictorOptions } from "../contract/client.ts"
import type { Transport } from "../contract/transport.ts"
import { type Answer, png, reply, scripted, stillRuntime } from "./client.ts"

export const counted = "acme.counted-v1"

export const delivered: Outcome = { status: "delivered", data: png }

const sizes = ["1024x1024", "1024x1025", "1536x1536", "1792x1792", "2048x2048"]

const picture = {
  kind: "image",
  limits: { types: ["image/png"] },
} as const

/** A model that takes texts and pictures and makes up to five images a call. */
const countedCard = (prices: readonly PriceRow[]): ModelCard => ({
  id: counted,
  regions: [],
  sources: { page: { url: "https://example.com/counted", seen: "2026-11-20" } },
  lifecycle: { status: "active" },
  tasks: {
    "text-to-image": {
      imagesPerCall: 5,
      fields: {
        prompt: { kind: "text", path: "prompt", min: 1, max: 1000, required: true },
        negativePrompt: { kind: "text", path: "negative", max: 1000 },
        n: { kind: "count", path: "count", max: 5 },
        size: { kind: "sizes", path: "size", values: sizes },
        referenceImage: { ...picture, path: "reference" },
        styleImage: { ...picture, path: "style" },
      },
      options: { note: { kind: "text", path: "note", max: 1000 } },
    },
  },
  prices,
})

/** A client of a model with these price rows. A reply is the JSON of what `decode` returns. */
export const countedClient = (
  prices: readonly PriceRow[],
  answer: Answer | Decoded,
  options: Partial<PictorOptions<readonly ImageAdapter[]>> = {},
  transport: Partial<Transport> = {},
) => {
  const wire = scripted(typeof answer === "function" ? answer : () => reply(answer), transport)
  const adapter = defineAdapter({
    name: "counted",
    models: [countedCard(prices)],
    decode: (json) => json as Decoded,
  })
  const pictor: Pictor = createPictor<readonly ImageAdapter[]>({
    adapters: [adapter(wire.transport)],
    runtime: stillRuntime(),
    ...options,
  })
  return { pictor, calls: wire.calls }
}
