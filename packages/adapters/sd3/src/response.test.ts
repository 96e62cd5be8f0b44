import { describe, expect, test } from "vitest"
import delivered from "./__fixtures__/delivered.json" with { type: "json" }
import filtered from "./__fixtures__/filtered.json" with { type: "json" }
import { decode } from "./response.ts"

const image = delivered.images[0]

describe("SD3, Core and Ultra replies", () => {
  test.each([
    {
      name: "a null reason with an image",
      reply: delivered,
      expected: { status: "delivered", seed: 2130420379 },
    },
    {
      name: "an empty reason with an image",
      reply: { images: [image], finish_reasons: [""] },
      expected: { status: "delivered" },
    },
    {
      name: "SUCCESS with an image",
      reply: { images: [image], finish_reasons: ["SUCCESS"] },
      expected: { status: "delivered" },
    },
    { name: "no reasons at all", reply: { images: [image] }, expected: { status: "delivered" } },
    {
      name: "an unknown reason with an image",
      reply: { images: [image], finish_reasons: ["odd"] },
      expected: { status: "delivered", warning: expect.any(String) },
    },
    {
      name: "an unknown reason without one",
      reply: { finish_reasons: ["odd"] },
      expected: { status: "failed", code: "provider_failed" },
    },
    {
      name: "a filtered prompt, images and seeds absent",
      reply: filtered,
      expected: { status: "filtered", stage: "prompt" },
    },
    {
      name: "a filtered prompt, images empty",
      reply: { ...filtered, images: [], seeds: [] },
      expected: { status: "filtered", stage: "prompt" },
    },
    {
      name: "a filtered output",
      reply: { finish_reasons: ["Filter reason: output image"] },
      expected: { status: "filtered", stage: "output" },
    },
    {
      name: "a filtered input",
      reply: { finish_reasons: ["Filter reason: input image"] },
      expected: { status: "filtered", stage: "input-image" },
    },
    {
      name: "another filter",
      reply: { finish_reasons: ["Filter reason: new"] },
      expected: { status: "filtered", stage: "unknown" },
    },
    {
      name: "an inference error",
      reply: { finish_reasons: ["Inference error"] },
      expected: { status: "failed", code: "provider_failed", retryable: true },
    },
    {
      name: "nothing",
      reply: {},
      expected: { status: "failed", code: "invalid_response" },
    },
    { name: "no object", reply: "odd", expected: { status: "failed" } },
  ])("$name", ({ reply, expected }) => {
    expect(decode(reply, 1)).toEqual([
      expect.objectContaining(expected.status === "failed" ? { status: "failed" } : expected),
    ])
    expect(decode(reply, 1)[0]).toMatchObject(expected)
  })

  test("an image more than was ordered is one outcome more", () => {
    expect(decode({ images: [image, image] }, 1)).toHaveLength(2)
  })
})
