import { describe, expect, it } from "vitest"
import { chargeOf, usageOf } from "./usage.ts"

const work = {
  prompt: "twelve bytes",
  size: { width: 1024, height: 1024 },
  quality: "high",
  count: 2,
  partials: 0,
  inputs: [],
  highFidelity: false,
  cached: false,
}

describe("usageOf", () => {
  it("counts text, pictures and totals", () => {
    expect(usageOf({ ...work, inputs: [{ width: 64, height: 33 }] })).toEqual({
      input_tokens: 7,
      input_tokens_details: { text_tokens: 3, image_tokens: 4 },
      output_tokens: 8320,
      output_tokens_details: { image_tokens: 8320, text_tokens: 0 },
      total_tokens: 8327,
    })
  })

  it.each([
    ["low", 272],
    ["medium", 1056],
    ["high", 4160],
    ["xhigh", 6240],
    ["max", 8320],
  ])("takes %s for %i tokens", (quality, tokens) => {
    expect(usageOf({ ...work, quality, count: 1 }).output_tokens).toBe(tokens)
  })

  it("grows with pixels and partial images", () => {
    const size = { width: 1536, height: 1024 }
    expect(usageOf({ ...work, size, count: 1, partials: 3 }).output_tokens).toBe(6540)
  })

  it("limits the tokens of an input picture", () => {
    const usage = usageOf({ ...work, inputs: [{ width: 8000, height: 8000 }] })
    expect(usage.input_tokens_details.image_tokens).toBe(1536)
  })
})

describe("chargeOf", () => {
  it("multiplies tokens by the model's prices, rounded up to a micro-dollar", () => {
    const usage = usageOf({ ...work, inputs: [{ width: 64, height: 33 }] })
    expect(chargeOf("gpt-image-2", usage)).toBe(3 * 5 + 4 * 8 + 8320 * 30)
    expect(chargeOf("gpt-image-1.5", usage)).toBe(3 * 5 + 4 * 8 + 8320 * 32)
  })

  it("charges cached input at its own price", () => {
    const usage = usageOf({ ...work, inputs: [{ width: 64, height: 33 }], cached: true })
    expect(chargeOf("gpt-image-2", usage)).toBe(Math.ceil(3 * 1.25 + 4 * 2 + 8320 * 30))
  })
})
