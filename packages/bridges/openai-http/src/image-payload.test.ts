import { ImageError } from "@pictor/core"
import { describe, expect, it, vi } from "vitest"
import { errorOf } from "./__fixtures__/reading.ts"
import { file, form, picture, studio, wordOps } from "./__fixtures__/studio.ts"

const model = "acme.brush-v1:0"

/** Posts an edit of pictures of these sizes, over image operations that note their calls. */
const edit = async (image: readonly [number, number], mask: readonly [number, number]) => {
  const inspect = vi.fn(async () => ({
    mediaType: "image/png",
    width: mask[0],
    height: mask[1],
    transparent: true,
  }))
  const alphaToMask = vi.fn(async () => picture("white"))
  const made = studio({ bridge: { imageOps: { ...wordOps, inspect, alphaToMask } } })
  const body = form({
    model,
    prompt: "A",
    image: file(picture("it", ...image)),
    mask: file(picture("a hole", ...mask)),
  })
  const response = await made.send("/v1/images/edits", { method: "POST", body })
  return { response, decoded: inspect.mock.calls.length + alphaToMask.mock.calls.length }
}

describe("a mask", () => {
  it.each([
    [[64, 64], [10_000, 10_000], "mask has 10000x10000 pixels, more than 50,000,000."],
    [[64, 64], [64, 32], "mask has 64x32 pixels and the image 64x64."],
    [[64, 64], [5_000, 1], "mask has 5000x1 pixels and the image 64x64."],
  ] as const)(
    "of an image of %j is refused by its header if it has %j",
    async (image, mask, words) => {
      const { response, decoded } = await edit(image, mask)
      const error = await errorOf(response)
      expect(error).toMatchObject({ status: 400, param: "mask", code: "invalid_image" })
      expect(error.message).toBe(`${words} Send a mask of the image's size.`)
      expect(decoded).toBe(0)
    },
  )

  it.each([
    [
      [64, 64],
      [64, 64],
    ],
    [
      [64, 64],
      [128, 128],
    ],
    [
      [64, 32],
      [32, 64],
    ],
    [
      [640, 480],
      [641, 480],
    ],
  ] as const)("of an image of %j is looked at if it has %j", async (image, mask) => {
    expect((await edit(image, mask)).decoded).toBe(2)
  })
})

it("a picture for which the host has no memory now is answered with 429", async () => {
  const inspect = async () => {
    throw new ImageError({ code: "rate_limited", message: "No memory.", retryAfterMs: 1500 })
  }
  const made = studio({ bridge: { imageOps: { ...wordOps, inspect } } })
  const body = form({ model, prompt: "A", image: file(), mask: file(picture("a hole")) })
  const response = await made.send("/v1/images/edits", { method: "POST", body })
  expect(response.headers.get("retry-after")).toBe("2")
  expect(await errorOf(response)).toMatchObject({
    status: 429,
    code: "rate_limit_exceeded",
    message: "No memory.",
  })
})
