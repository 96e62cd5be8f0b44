import type { Change, Cost, Image, ModelCard, Plan, Recipe, Slot } from "@pictor/core"
import type { Outcome, Part } from "../outcome.ts"

export const cost = (microUsd: number, maybeMicroUsd = 0, unpricedImages = 0): Cost => ({
  microUsd,
  maybeMicroUsd,
  unpricedImages,
})

export const sizeChange: Change = {
  field: "size",
  action: "snapped",
  from: "1000x1000",
  to: "992x992",
  why: "sides are divisible by 16",
}

const recipe: Recipe = {
  v: 1,
  request: { prompt: "</pre><script>alert(2)</script>" },
  model: "m",
  modelId: "m",
  callImages: 1,
  index: 0,
  adapter: "a@1",
  replayable: true,
}

const image = (width: number, height: number, seed: number): Image => {
  const bytes = Uint8Array.of(1, 2, 3)
  return {
    mediaType: "image/png",
    extension: "png",
    width,
    height,
    seed,
    recipe,
    bytes: () => bytes,
    base64: () => "AQID",
    base64Bytes: () => new TextEncoder().encode("AQID"),
    blob: () => new Blob([bytes]),
    stream: () => new Blob([bytes]).stream(),
    sha256: async () => "f".repeat(64),
    detach: () => image(width, height, seed),
  }
}

export const delivered = (
  microUsd = 40_000,
  { width = 1024, height = 1024, seed = 7 } = {},
): Part => {
  const picture = image(width, height, seed)
  const slot: Slot = { status: "delivered", image: picture, cost: cost(microUsd) }
  return { slot, picture: { image: picture, sha256: "0".repeat(64), file: "picture-1.png" } }
}

const card = (id: string): ModelCard => ({
  id,
  regions: ["us-east-1"],
  lifecycle: { status: "active" },
  tasks: {},
  prices: [],
  sources: {},
})

export const plan = (changes: readonly Change[] = [], n = 1): Plan => ({
  adapter: "a",
  model: "m",
  task: "text-to-image",
  n,
  resolved: {},
  options: {},
  outputSize: { width: 1024, height: 1024 },
  calls: [],
  slots: Array.from({ length: n }, (_, index) => ({ call: 0, index })),
  changes,
  warnings: [],
  estimate: cost(40_000 * n),
})

/** A complete outcome of one picture, with changes. */
export const outcome = (model: string, given: Partial<Outcome> = {}): Outcome => ({
  choice: {
    model,
    card: card(model),
    lifecycle: "active",
    provider: "bedrock",
    region: "us-east-1",
  },
  plan: plan(),
  parts: [delivered()],
  warnings: [],
  problems: [],
  timeMs: 1234,
  ...given,
})
