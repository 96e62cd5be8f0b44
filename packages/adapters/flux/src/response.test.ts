import { decodedOf } from "@pictor/core/adapter"
import { describe, expect, it } from "vitest"
import { flux } from "./index.ts"

const { decode } = flux({ name: "none", invoke: () => Promise.reject(new Error("no network")) })
const one = (reply: unknown) => decodedOf(decode(reply, 1))

const bytes = new Uint8Array([1, 2])
const url = "https://delivery.bfl.ai/results/1.jpeg?sig=1"
const ready = { id: "1", status: "Ready", cost: 4.5, result: { sample: { bytes }, seed: 7 } }

describe("decode", () => {
  it("delivers the fetched picture with its seed and the stated cost", () => {
    expect(one(ready)).toEqual({
      outcomes: [{ status: "delivered", data: { bytes }, seed: 7 }],
      usage: { credit: 4.5 },
      microUsd: 45_000,
    })
  })

  it("reports counted megapixels, and states no cost where the reply has none", () => {
    const { cost: _cost, ...reply } = { ...ready, input_mp: 0, output_mp: 1.98 }
    expect(one(reply)).toMatchObject({ usage: { inputMegapixel: 0, outputMegapixel: 1.98 } })
    expect(one(reply).microUsd).toBeUndefined()
  })

  it("fails a picture that is gone, and charges it", () => {
    const gone = one({ ...ready, result: { sample: url } })
    expect(gone).toMatchObject({
      outcomes: [{ status: "failed", code: "provider_failed", retryable: false, billed: true }],
      microUsd: 45_000,
    })
    expect(JSON.stringify(gone)).not.toContain("delivery")
  })

  it.each([
    ["Request Moderated", undefined, "prompt"],
    ["Request Moderated", { "Moderation Reasons": ["Safety Filter"] }, "prompt"],
    ["Request Moderated", { "Moderation Reasons": ["Input Image Filter"] }, "input-image"],
    ["Content Moderated", { "Moderation Reasons": ["Input Image Filter"] }, "output"],
  ])("filters %s with the details %j at the stage %s", (status, details, stage) => {
    expect(one({ status, details, result: null }).outcomes).toMatchObject([
      { status: "filtered", stage },
    ])
  })

  it("never passes on the words of a refusal", () => {
    const reply = { status: "Request Moderated", details: { prompt: "a secret lighthouse" } }
    expect(JSON.stringify(one(reply))).not.toContain("lighthouse")
  })

  it.each([
    ["Error", "provider_failed", true],
    ["Failed", "provider_failed", true],
    ["Exploded", "invalid_response", false],
    [undefined, "invalid_response", false],
  ])("fails %s with %s", (status, code, retryable) => {
    expect(one({ status }).outcomes).toEqual([
      expect.objectContaining({ status: "failed", code, retryable }),
    ])
  })

  it.each([[{}], [{ sample: "" }], [{ sample: 7 }], [null]])(
    "fails a job that is ready without a picture: %j",
    (result) => {
      expect(one({ status: "Ready", result }).outcomes).toMatchObject([
        { status: "failed", code: "invalid_response", retryable: false },
      ])
    },
  )

  it.each([[-1], [Number.NaN], ["4"], [Number.MAX_VALUE]])("ignores a cost of %s", (cost) => {
    expect(one({ ...ready, cost })).not.toHaveProperty("microUsd")
  })

  it("counts a cost of 0", () => {
    expect(one({ ...ready, cost: 0 })).toMatchObject({ microUsd: 0, usage: { credit: 0 } })
  })
})
