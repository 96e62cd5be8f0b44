import { describe, expect, test } from "vitest"
import delivered from "./__fixtures__/delivered.json" with { type: "json" }
import filtered from "./__fixtures__/filtered.json" with { type: "json" }
import masked from "./__fixtures__/masked.json" with { type: "json" }
import partial from "./__fixtures__/partial.json" with { type: "json" }
import { decode } from "./response.ts"

const statuses = (reply: unknown, count: number): readonly string[] =>
  decode(reply, count).map(({ status }) => status)

describe("Titan replies", () => {
  test.each([
    { name: "all delivered", reply: delivered, count: 2, expected: ["delivered", "delivered"] },
    { name: "more than ordered", reply: delivered, count: 1, expected: ["delivered", "delivered"] },
    {
      name: "fewer, with no reason",
      reply: delivered,
      count: 3,
      expected: ["delivered", "delivered", "failed"],
    },
    {
      name: "fewer, with an error",
      reply: partial,
      count: 3,
      expected: ["delivered", "filtered", "filtered"],
    },
    { name: "none, with an error", reply: filtered, count: 2, expected: ["filtered", "filtered"] },
    {
      name: "an empty list, with an error",
      reply: { ...filtered, images: [] },
      count: 1,
      expected: ["filtered"],
    },
    { name: "null in place of images", reply: { images: null }, count: 1, expected: ["failed"] },
    { name: "an image that is no text", reply: { images: [7] }, count: 1, expected: ["failed"] },
    { name: "no object at all", reply: null, count: 1, expected: ["failed"] },
  ])("$name", ({ reply, count, expected }) => {
    expect(statuses(reply, count)).toEqual(expected)
  })

  test("what was filtered says at which stage, and is free", () => {
    expect(decode(filtered, 1)[0]).toEqual({
      status: "filtered",
      stage: "output",
      reason: filtered.error,
    })
  })

  test("a returned mask comes with the image, and its absence is tolerated", () => {
    expect(decode(masked, 1)[0]).toMatchObject({ mask: masked.maskImage })
    expect(decode(delivered, 2)[0]).not.toHaveProperty("mask")
  })

  test("a readable reply without an image was not charged", () => {
    const [outcome] = decode({}, 1)
    expect(outcome).toMatchObject({
      status: "failed",
      code: "invalid_response",
    })
  })
})
