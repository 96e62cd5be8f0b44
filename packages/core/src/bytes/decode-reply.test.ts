import { describe, expect, it } from "vitest"
import { decodeFinishReasons, decodeImageList } from "./decode-reply.ts"

const view = { base64: new Uint8Array(2) }
const delivered = (data: unknown) => ({ status: "delivered", data })
const failed = {
  status: "failed",
  code: "invalid_response",
  message: expect.any(String),
  retryable: false,
}
const filtered = (reason: string) => ({ status: "filtered", stage: "output", reason })

describe("decodeImageList", () => {
  it.each([
    ["all images", { images: ["a", view] }, 2, [delivered("a"), delivered(view)]],
    [
      "fewer images and an error",
      { images: ["a"], error: "no" },
      3,
      [delivered("a"), filtered("no"), filtered("no")],
    ],
    ["no images and an error", { error: "no" }, 1, [filtered("no")]],
    ["null images and an error", { images: null, error: "no" }, 1, [filtered("no")]],
    ["all images and an error", { images: ["a"], error: "no" }, 1, [delivered("a")]],
    ["fewer images and no error", { images: ["a"] }, 2, [delivered("a"), failed]],
    ["fewer images and an empty error", { images: [], error: "" }, 1, [failed]],
    ["fewer images and a null error", { images: [], error: null }, 1, [failed]],
    [
      "more images",
      { images: ["a", "b", "c"] },
      2,
      [delivered("a"), delivered("b"), delivered("c")],
    ],
    [
      "values that are no images",
      { images: ["a", "", null, 5, {}] },
      5,
      [delivered("a"), failed, failed, failed, failed],
    ],
    ["no object", null, 1, [failed]],
    ["no list", { images: "a" }, 1, [failed]],
  ])("reads a reply with %s", (_, reply, count, outcomes) => {
    expect(decodeImageList(reply, count)).toEqual(outcomes)
  })

  it("returns the mask with each image", () => {
    expect(decodeImageList({ images: ["a"], maskImage: view }, 1)).toEqual([
      { ...delivered("a"), mask: view },
    ])
    expect(decodeImageList({ images: ["a"], maskImage: 5 }, 1)).toEqual([delivered("a")])
  })

  it("truncates a long error", () => {
    expect(decodeImageList({ error: "x".repeat(1000) }, 1)).toEqual([filtered("x".repeat(300))])
  })
})

const image = "iVBORw0KGgo="

describe("decodeFinishReasons", () => {
  it.each([
    ["Filter reason: prompt", "prompt"],
    ["Filter reason: input image", "input-image"],
    ["Filter reason: output image", "output"],
    ["filter reason: something new", "unknown"],
  ])("filters %s, even with an image", (reason, stage) => {
    expect(decodeFinishReasons({ finish_reasons: [reason], images: [image] }, 1)).toEqual([
      { status: "filtered", stage, reason },
    ])
  })

  it("matches reasons, images and seeds by position", () => {
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

  it.each([null, "", "SUCCESS", undefined])("delivers an image beside %j", (reason) => {
    expect(decodeFinishReasons({ finish_reasons: [reason], images: [image] }, 1)).toEqual([
      { status: "delivered", data: image },
    ])
  })

  it("delivers an image beside an unknown reason with a warning", () => {
    expect(decodeFinishReasons({ finish_reasons: ["odd"], images: [image] }, 1)).toEqual([
      { status: "delivered", data: image, warning: expect.any(String) },
    ])
  })

  it("fails an unknown reason without an image", () => {
    expect(decodeFinishReasons({ finish_reasons: ["odd"] }, 1)).toMatchObject([
      { status: "failed", code: "provider_failed" },
    ])
  })

  it("has one more outcome for one more image", () => {
    expect(decodeFinishReasons({ images: [image, image] }, 1)).toHaveLength(2)
  })

  it("makes only an inference error retryable", () => {
    const retryable = ["Inference error", "odd", null].map(
      (reason) => decodeFinishReasons({ finish_reasons: [reason] }, 1)[0],
    )
    expect(retryable).toMatchObject([
      { retryable: true },
      { retryable: false },
      { retryable: false },
    ])
  })

  it.each([undefined, null, 7, "text", [], { images: {}, finish_reasons: 1, seeds: null }])(
    "fails every slot of %j",
    (reply) => {
      expect(decodeFinishReasons(reply, 2).map(({ status }) => status)).toEqual([
        "failed",
        "failed",
      ])
    },
  )
})
