import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { decode, partial } from "./response.ts"

const usage = {
  input_tokens: 50,
  input_tokens_details: { text_tokens: 10, image_tokens: 40 },
  output_tokens: 196,
  total_tokens: 246,
}

describe("decode", () => {
  it("reads pictures and what was counted", () => {
    expect(decode({ data: [{ b64_json: "AAAA" }], usage }, 1)).toEqual({
      outcomes: [{ status: "delivered", data: "AAAA" }],
      usage: { inputTextToken: 10, inputImageToken: 40, outputImageToken: 196 },
    })
  })

  it("counts cached input and texts of the output apart", () => {
    const details = {
      ...usage.input_tokens_details,
      cached_tokens_details: { text_tokens: 4, image_tokens: 30 },
    }
    const counted = {
      ...usage,
      input_tokens_details: details,
      output_tokens_details: { image_tokens: 190, text_tokens: 6 },
    }
    expect(decode({ data: [], usage: counted }, 0).usage).toEqual({
      inputTextToken: 6,
      cachedInputTextToken: 4,
      inputImageToken: 10,
      cachedInputImageToken: 30,
      outputImageToken: 190,
      outputTextToken: 6,
    })
  })

  it.each([
    [undefined],
    [{}],
    [{ input_tokens: 5, output_tokens: 3 }],
    [{ ...usage, output_tokens: -1 }],
    [{ ...usage, output_tokens: "196" }],
  ])("has no count where the usage is %j", (given) => {
    expect(decode({ data: [], usage: given }, 0)).not.toHaveProperty("usage")
  })

  it("reads the last event of a stream", () => {
    const event = { type: "image_edit.completed", b64_json: "AAAA", usage }
    expect(decode(event, 1)).toMatchObject({
      outcomes: [{ status: "delivered", data: "AAAA" }],
      usage: { outputImageToken: 196 },
    })
  })

  it("takes no preliminary picture for the image, which may have been charged", () => {
    const event = { type: "image_generation.partial_image", b64_json: "AAAA" }
    expect(decode(event, 1).outcomes).toMatchObject([{ status: "failed", billed: true }])
  })

  it("takes the file behind a URL, and fails for one that is gone", () => {
    const bytes = Uint8Array.of(1, 2, 3)
    const data = [{ url: { bytes } }, { url: "https://example.com/a.png" }]
    expect(decode({ data }, 2).outcomes).toMatchObject([
      { status: "delivered", data: { bytes } },
      { status: "failed", billed: true },
    ])
  })

  it("has an outcome for every slot of any reply", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.integer({ min: 0, max: 5 }), (reply, count) => {
        expect(decode(reply, count).outcomes.length).toBeGreaterThanOrEqual(Math.min(1, count))
      }),
    )
  })
})

describe("partial", () => {
  it("reads a preliminary picture and its step", () => {
    const type = "image_generation.partial_image"
    expect(partial({ type, b64_json: "AAAA", partial_image_index: 2 })).toEqual({
      index: 0,
      step: 2,
      data: "AAAA",
    })
  })

  it.each([
    [{ type: "image_generation.completed", b64_json: "AAAA" }],
    [{ type: "image_edit.partial_image" }],
    [{ b64_json: "AAAA" }],
    [null],
    ["text"],
  ])("is undefined for %j", (event) => {
    expect(partial(event)).toBeUndefined()
  })
})
