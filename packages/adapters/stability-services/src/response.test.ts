import { describe, expect, test } from "vitest"
import delivered from "./__fixtures__/delivered.json" with { type: "json" }
import filtered from "./__fixtures__/filtered.json" with { type: "json" }
import { decode } from "./response.ts"

const [image] = delivered.images

describe("replies of Stability's services", () => {
  test.each([
    {
      name: "a null reason with an image",
      reply: delivered,
      expected: { status: "delivered", data: image, seed: 2130420379 },
    },
    {
      name: "a filtered prompt, images and seeds absent",
      reply: filtered,
      expected: { status: "filtered", stage: "prompt" },
    },
    {
      name: "a filtered input",
      reply: { finish_reasons: ["Filter reason: input image"] },
      expected: { status: "filtered", stage: "input-image" },
    },
    {
      name: "an inference error",
      reply: { finish_reasons: ["Inference error"] },
      expected: { status: "failed", retryable: true },
    },
    {
      name: "nothing",
      reply: {},
      expected: { status: "failed", code: "invalid_response" },
    },
  ])("$name", ({ reply, expected }) => {
    expect(decode(reply, 1)).toMatchObject([expected])
  })
})
