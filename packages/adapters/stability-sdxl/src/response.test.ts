import { describe, expect, test } from "vitest"
import delivered from "./__fixtures__/delivered.json" with { type: "json" }
import filtered from "./__fixtures__/filtered.json" with { type: "json" }
import { decode } from "./response.ts"

const [artifact] = delivered.artifacts

describe("SDXL replies", () => {
  test.each([
    { name: "SUCCESS", reply: delivered, expected: { status: "delivered", seed: 1853207141 } },
    {
      name: "an unknown verdict with an image",
      reply: { artifacts: [{ ...artifact, finishReason: "ODD" }] },
      expected: { status: "delivered", warning: expect.any(String) },
    },
    {
      name: "ERROR is free and may be tried again",
      reply: { artifacts: [{ finishReason: "ERROR" }] },
      expected: {
        status: "failed",
        code: "provider_failed",
        retryable: true,
      },
    },
    {
      name: "no artifact",
      reply: { artifacts: [] },
      expected: { status: "failed", code: "invalid_response" },
    },
    {
      name: "an artifact that is no object",
      reply: { artifacts: [null] },
      expected: { status: "failed", code: "invalid_response" },
    },
    {
      name: "no object",
      reply: [],
      expected: { status: "failed", code: "invalid_response" },
    },
  ])("$name", ({ reply, expected }) => {
    expect(decode(reply, 1)).toHaveLength(1)
    expect(decode(reply, 1)[0]).toMatchObject(expected)
  })

  test("a filtered image is charged, and its blurred bytes are a preview", () => {
    expect(decode(filtered, 1)[0]).toEqual({
      status: "filtered",
      stage: "output",
      reason: "CONTENT_FILTERED",
      preview: artifact?.base64,
      billed: true,
    })
  })

  test("a filtered image without bytes is free", () => {
    expect(decode({ artifacts: [{ finishReason: "CONTENT_FILTERED" }] }, 1)[0]).toEqual({
      status: "filtered",
      stage: "output",
      reason: "CONTENT_FILTERED",
    })
  })
})
