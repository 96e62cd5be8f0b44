import { describe, expect, it } from "vitest"
import { decodeImageList, isImageData } from "./decode-reply.ts"

const view = { base64: new Uint8Array(2) }
const delivered = (data: unknown) => ({ status: "delivered", data })
const failed = {
  status: "failed",
  code: "invalid_response",
  message: expect.any(String),
}
const filtered = (reason: string) => ({ status: "filtered", stage: "output", reason })

describe("a list of images", () => {
  it.each([
    ["all there", { images: ["a", view] }, 2, [delivered("a"), delivered(view)]],
    [
      "fewer, with an error",
      { images: ["a"], error: "no" },
      3,
      [delivered("a"), filtered("no"), filtered("no")],
    ],
    ["none, with an error", { error: "no" }, 1, [filtered("no")]],
    ["none at all, with an error", { images: null, error: "no" }, 1, [filtered("no")]],
    ["all there, with an error", { images: ["a"], error: "no" }, 1, [delivered("a")]],
    ["fewer, with no error", { images: ["a"] }, 2, [delivered("a"), failed]],
    ["fewer, with an empty error", { images: [], error: "" }, 1, [failed]],
    ["fewer, with null for an error", { images: [], error: null }, 1, [failed]],
    ["more", { images: ["a", "b", "c"] }, 2, [delivered("a"), delivered("b"), delivered("c")]],
    [
      "something else among them",
      { images: ["a", "", null, 5, {}] },
      5,
      [delivered("a"), failed, failed, failed, failed],
    ],
    ["no object", null, 1, [failed]],
    ["no list", { images: "a" }, 1, [failed]],
  ])("%s", (_, reply, count, outcomes) => {
    expect(decodeImageList(reply, count)).toEqual(outcomes)
  })

  it("comes with its mask", () => {
    expect(decodeImageList({ images: ["a"], maskImage: view }, 1)).toEqual([
      { ...delivered("a"), mask: view },
    ])
    expect(decodeImageList({ images: ["a"], maskImage: 5 }, 1)).toEqual([delivered("a")])
  })

  it("cuts a long error short", () => {
    expect(decodeImageList({ error: "x".repeat(1000) }, 1)).toEqual([filtered("x".repeat(300))])
  })
})

describe("image data", () => {
  it.each([
    ["a", true],
    [view, true],
    ["", false],
    [{ base64: "a" }, false],
    [null, false],
    [5, false],
  ])("%j: %s", (value, is) => {
    expect(isImageData(value)).toBe(is)
  })
})
