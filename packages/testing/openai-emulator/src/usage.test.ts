import { describe, expect, it } from "vitest"
import { chargeOf, usageOf } from "./usage.ts"

const work = {
  model: "gpt-image-2",
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
      output_tokens: 14_048,
      output_tokens_details: { image_tokens: 14_048, text_tokens: 0 },
      total_tokens: 14_055,
    })
  })

  it.each([
    ["gpt-image-2", "low", 1024, 1024, 196],
    ["gpt-image-2", "medium", 1024, 1024, 1756],
    ["gpt-image-2", "high", 1024, 1024, 7024],
    ["gpt-image-2", "high", 1536, 1024, 5488],
    ["gpt-image-2", "high", 1792, 1024, 5063],
    ["gpt-image-2", "high", 3584, 2048, 12_329],
    ["gpt-image-2.5-flare", "medium", 1024, 1024, 439],
    ["gpt-image-2.5-flare", "xhigh", 2560, 1440, 3276],
    ["gpt-image-2.5-flare", "max", 3840, 2160, 13_342],
    ["gpt-image-1.5", "low", 1024, 1536, 408],
  ])("counts a picture of %s at %s quality, %ix%i, as %i tokens", (...row) => {
    const [model, quality, width, height, tokens] = row
    const size = { width, height }
    expect(usageOf({ ...work, model, quality, size, count: 1 }).output_tokens).toBe(tokens)
  })

  it("counts partial images", () => {
    expect(usageOf({ ...work, count: 1, partials: 3 }).output_tokens).toBe(7324)
  })

  it("limits the tokens of an input picture", () => {
    const usage = usageOf({ ...work, inputs: [{ width: 8000, height: 8000 }] })
    expect(usage.input_tokens_details.image_tokens).toBe(1536)
  })
})

describe("chargeOf", () => {
  it("multiplies tokens by the model's prices, rounded half up to a micro-dollar", () => {
    const usage = usageOf({ ...work, inputs: [{ width: 64, height: 33 }] })
    expect(chargeOf("gpt-image-2", usage)).toBe(3 * 5 + 4 * 8 + 14_048 * 30)
    expect(chargeOf("gpt-image-1.5", usage)).toBe(3 * 5 + 4 * 8 + 14_048 * 32)
  })

  it("charges cached input at its own price", () => {
    const usage = usageOf({ ...work, inputs: [{ width: 64, height: 33 }], cached: true })
    expect(chargeOf("gpt-image-2", usage)).toBe(Math.round(3 * 1.25 + 4 * 2 + 14_048 * 30))
  })
})
