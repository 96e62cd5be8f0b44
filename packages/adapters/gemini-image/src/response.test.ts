import type { JsonObject } from "@pictor/core"
import { describe, expect, it } from "vitest"
import { decode } from "./response.ts"

const picture = (data: string, more: JsonObject = {}): JsonObject => ({
  inlineData: { mimeType: "image/jpeg", data },
  ...more,
})

const answer = (parts: readonly JsonObject[], candidate: JsonObject = {}): JsonObject => ({
  candidates: [{ content: { role: "model", parts }, finishReason: "STOP", index: 0, ...candidate }],
})

const outcomeOf = (reply: unknown) => decode(reply, 1).outcomes[0]

describe("decode", () => {
  it("delivers the last picture, and none of the thoughts", () => {
    const thought = picture("AAAA", { thought: true })
    expect(outcomeOf(answer([thought, { text: "Here" }, picture("BBBB")]))).toEqual({
      status: "delivered",
      data: "BBBB",
    })
    expect(outcomeOf(answer([picture("AAAA"), picture("BBBB"), picture("CCCC")]))).toEqual({
      status: "delivered",
      data: "CCCC",
      warning: expect.stringMatching(/3 pictures/) as string,
    })
  })

  it("delivers bytes of a long picture, and warns of an unusual finish reason", () => {
    const data = { base64: new Uint8Array(4) }
    const part = { inlineData: { mimeType: "image/png", data } }
    expect(outcomeOf(answer([part], { finishReason: "OTHER" }))).toEqual({
      status: "delivered",
      data,
      warning: "The model returned a picture with the finish reason OTHER.",
    })
  })

  it.each(["SAFETY", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "IMAGE_SAFETY", "JAILBREAK"])(
    "filters a prompt that was blocked for %s, free",
    (blockReason) => {
      expect(
        outcomeOf({ promptFeedback: { blockReason }, usageMetadata: { promptTokenCount: 9 } }),
      ).toEqual({
        status: "filtered",
        stage: "prompt",
        reason: `The prompt was blocked: ${blockReason}.`,
      })
    },
  )

  it.each([
    "SAFETY",
    "RECITATION",
    "SPII",
    "IMAGE_SAFETY",
    "IMAGE_OTHER",
    "NO_IMAGE",
    "MODEL_ARMOR",
  ])("filters a picture that was refused for %s, charged for what is counted", (finishReason) => {
    const reply = answer([], { finishReason })
    expect(outcomeOf(reply)).toEqual({
      status: "filtered",
      stage: "output",
      reason: `The picture was refused: ${finishReason}.`,
    })
    expect(decode({ ...reply, usageMetadata: { promptTokenCount: 9 } }, 1)).toMatchObject({
      outcomes: [{ status: "filtered", billed: true }],
      usage: { inputTextToken: 9 },
    })
  })

  it("filters words without a picture, charged", () => {
    expect(outcomeOf(answer([{ text: "I cannot draw a secret." }]))).toEqual({
      status: "filtered",
      stage: "output",
      reason: "The model answered with words instead of a picture.",
      billed: true,
    })
  })

  it.each([
    ["MAX_TOKENS", "provider_failed", /maxOutputTokens/],
    ["MALFORMED_RESPONSE", "provider_failed", /MALFORMED_RESPONSE/],
    ["STOP", "provider_failed", /no picture/],
    [undefined, "invalid_response", /no picture/],
  ])("fails for the finish reason %s, and does not try again", (finishReason, code, message) => {
    expect(outcomeOf(answer([{ text: "" }], { finishReason }))).toEqual({
      status: "failed",
      code,
      message: expect.stringMatching(message) as string,
      retryable: false,
    })
  })

  it("passes on no text of the provider", () => {
    const secret = "a secret\nprompt"
    const replies = [
      { promptFeedback: { blockReason: secret, blockReasonMessage: secret } },
      answer([], { finishReason: secret, finishMessage: secret }),
      answer([picture("AAAA")], { finishReason: secret }),
      answer([{ text: secret }]),
    ]
    expect(JSON.stringify(replies.map(outcomeOf))).not.toContain("secret")
  })
})

describe("usage", () => {
  it("is counted by modality, thoughts as words", () => {
    const usageMetadata = {
      promptTokenCount: 1130,
      promptTokensDetails: [
        { modality: "TEXT", tokenCount: 10 },
        { modality: "IMAGE", tokenCount: 1120 },
      ],
      candidatesTokenCount: 1140,
      candidatesTokensDetails: [{ modality: "IMAGE", tokenCount: 1120 }],
      thoughtsTokenCount: 240,
      toolUsePromptTokenCount: 3,
      totalTokenCount: 2513,
    }
    expect(decode({ ...answer([picture("AAAA")]), usageMetadata }, 1).usage).toEqual({
      inputTextToken: 13,
      inputImageToken: 1120,
      outputTextToken: 260,
      outputImageToken: 1120,
    })
  })

  it("without details is that of words before a call, and of the picture after it", () => {
    const usageMetadata = { promptTokenCount: 10, candidatesTokenCount: 1120 }
    const counted = { inputTextToken: 10, inputImageToken: 0 }
    expect(decode({ ...answer([picture("AAAA")]), usageMetadata }, 1).usage).toEqual({
      ...counted,
      outputTextToken: 0,
      outputImageToken: 1120,
    })
    expect(decode({ ...answer([{ text: "No." }]), usageMetadata }, 1).usage).toEqual({
      ...counted,
      outputTextToken: 1120,
      outputImageToken: 0,
    })
  })

  it.each([
    undefined,
    {},
    { promptTokenCount: -1 },
    { promptTokenCount: "9" },
    { promptTokenCount: 0.5 },
  ])("is absent where nothing is counted: %j", (usageMetadata) => {
    expect(decode({ ...answer([picture("AAAA")]), usageMetadata }, 1)).not.toHaveProperty("usage")
  })
})
