import { describe, expect, it } from "vitest"
import type { Drawing } from "../drawing/types.ts"
import { paintIsolated } from "./isolate.ts"

const drawing: Drawing = {
  model: "Model",
  task: "text-to-image",
  prompt: "A kettle",
  detail: "",
  colors: [],
  seed: 1,
  index: 0,
  width: 200,
  height: 100,
  format: "png",
}

describe("paintIsolated", () => {
  it("is transparent at the corners and opaque in the middle", () => {
    const { pixels } = paintIsolated(drawing)
    const alphas = [0, 199, 50 * 200 + 100, 200 * 100 - 1].map((index) => pixels.alpha?.[index])
    expect(alphas).toEqual([0, 0, 255, 0])
  })
})
