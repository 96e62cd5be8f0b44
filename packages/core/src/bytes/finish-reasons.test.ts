import { describe, expect, test } from "vitest"
import { decodeFinishReasons } from "./decode-reply.ts"

const image = "iVBORw0KGgo="

describe("a list of finish reasons", () => {
  test.each([
    ["Filter reason: prompt", "prompt"],
    ["Filter reason: input image", "input-image"],
    ["Filter reason: output image", "output"],
    ["filter reason: something new", "unknown"],
  ])("%s is filtered, even beside an image", (reason, stage) => {
    expect(decodeFinishReasons({ finish_reasons: [reason], images: [image] }, 1)).toEqual([
      { status: "filtered", stage, reason },
    ])
  })

  test("each slot has the reason, the image and the seed of its place", () => {
    expect(
      decodeFinishReasons(
        { finish_reasons: [null, "Filter reason: prompt"], images: [image], seeds: [7] },
        2,
      ),
    ).toEqual([
      { status: "delivered", data: image, seed: 7 },
      { status: "filtered", stage: "prompt", reason: "Filter reason: prompt" },
    ])
  })

  test.each([null, "", "SUCCESS", undefined])("delivers an image beside %j", (reason) => {
    expect(decodeFinishReasons({ finish_reasons: [reason], images: [image] }, 1)).toEqual([
      { status: "delivered", data: image },
    ])
  })

  test("delivers an image beside an unknown reason with a warning", () => {
    expect(decodeFinishReasons({ finish_reasons: ["odd"], images: [image] }, 1)).toEqual([
      { status: "delivered", data: image, warning: expect.any(String) },
    ])
  })

  test("an unknown reason without an image is a failure of the provider", () => {
    expect(decodeFinishReasons({ finish_reasons: ["odd"] }, 1)).toMatchObject([
      { status: "failed", code: "provider_failed" },
    ])
  })

  test("has one more outcome for one more image", () => {
    expect(decodeFinishReasons({ images: [image, image] }, 1)).toHaveLength(2)
  })

  test("only an inference error is worth another try", () => {
    const retryable = ["Inference error", "odd", null].map(
      (reason) => decodeFinishReasons({ finish_reasons: [reason] }, 1)[0],
    )
    expect(retryable).toMatchObject([
      { retryable: true },
      { retryable: false },
      { retryable: false },
    ])
  })

  test.each([undefined, null, 7, "text", [], { images: {}, finish_reasons: 1, seeds: null }])(
    "%j fails every slot",
    (reply) => {
      expect(decodeFinishReasons(reply, 2).map(({ status }) => status)).toEqual([
        "failed",
        "failed",
      ])
    },
  )
})
