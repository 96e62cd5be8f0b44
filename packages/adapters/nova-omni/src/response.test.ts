import { describe, expect, it } from "vitest"
import { red } from "./__fixtures__/pictures.ts"
import { decode } from "./response.ts"

const picture = { image: { format: "png", source: { bytes: red } } }
const words = { text: "I cannot draw that." }

const replyOf = (
  content: readonly object[],
  stopReason: unknown = "end_turn",
  usage: object = { inputTokens: 5, outputTokens: 1000, totalTokens: 1005 },
) => ({ output: { message: { role: "assistant", content } }, stopReason, usage })

const asPicture = { inputTextToken: 5, outputImageToken: 1000 }
const asWords = { inputTextToken: 5, outputTextToken: 1000 }

describe("decode", () => {
  it.each([
    ["a picture", [picture]],
    ["words before a picture", [words, picture]],
  ])("delivers %s, and counts the reply as a picture", (_, content) => {
    expect(decode(replyOf(content), 1)).toEqual({
      outcomes: [{ status: "delivered", data: red }],
      usage: asPicture,
    })
  })

  it("delivers the first picture of a reply that has several, and warns", () => {
    const other = { image: { format: "png", source: { bytes: "eA==" } } }
    expect(decode(replyOf([picture, other]), 1).outcomes).toEqual([
      { status: "delivered", data: red, warning: expect.stringContaining("2 pictures") },
    ])
  })

  it("charges words instead of a picture as words", () => {
    expect(decode(replyOf([words]), 1)).toEqual({
      outcomes: [
        {
          status: "filtered",
          stage: "output",
          reason: "The model answered with words instead of a picture.",
          billed: true,
        },
      ],
      usage: asWords,
    })
  })

  it.each([
    ["content_filtered", { status: "filtered", stage: "unknown" }],
    ["max_tokens", { status: "failed", code: "provider_failed", retryable: false }],
    ["malformed_model_output", { status: "failed", code: "provider_failed" }],
    [undefined, { status: "failed", code: "invalid_response" }],
  ])("reads a reply without parts and with the stop reason %s", (stopReason, outcome) => {
    const reply = replyOf([], stopReason ?? null)
    expect(decode(reply, 1)).toEqual({
      outcomes: [expect.objectContaining({ ...outcome, billed: true })],
      usage: asPicture,
    })
  })

  it("charges nothing for a refused prompt that counts nothing", () => {
    const free = decode(replyOf([], "content_filtered", { inputTokens: 0, outputTokens: 0 }), 1)
    expect(free).toEqual({ outcomes: [expect.not.objectContaining({ billed: true })] })
  })

  it("does not repeat a stop reason that is no name", () => {
    const { outcomes } = decode(replyOf([], "A lamp in fog"), 1)
    expect(outcomes).toEqual([
      expect.objectContaining({ message: "The reply has no picture and the stop reason other." }),
    ])
  })
})
