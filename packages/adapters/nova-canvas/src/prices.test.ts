import { createPictor, type Loose } from "@pictor/core"
import { describe, expect, test } from "vitest"
import { novaCanvas } from "./index.ts"

const model = "amazon.nova-canvas-v1:0"
const pictor = createPictor({ adapters: [novaCanvas({ name: "none", invoke: () => Promise.reject(new Error("no network")) })] })

const planOf = (request: Loose) => pictor.plan({ model, seed: 7, ...request })

describe("prices", () => {
  test.each([
    { size: "1024x1024", quality: "standard", microUsd: 40_000 },
    { size: "1024x1024", quality: "premium", microUsd: 60_000 },
    { size: "2048x512", quality: "standard", microUsd: 40_000 },
    { size: "1040x1024", quality: "standard", microUsd: 60_000 },
    { size: "2048x2048", quality: "premium", microUsd: 80_000 },
  ])("$microUsd micro-USD at $size $quality", async ({ size, quality, microUsd }) => {
    expect((await planOf({ prompt: "tea", size, quality })).estimate).toEqual({ microUsd, maybeMicroUsd: 0, unknownImages: 0 })
  })
})
