import { createPictor, type ImageError } from "@pictor/core"
import { http } from "@pictor/http"
import { emulated } from "@pictor/openai-emulator"
import { afterAll, describe, expect, it } from "vitest"
import { openaiImages } from "./index.ts"
import { failure } from "./response.ts"

const pictor = createPictor({
  adapters: [openaiImages(http(emulated({ seed: 1 })))],
  retry: false,
})
afterAll(() => pictor.close())

const failing = async (words: string, model = "gpt-image-2"): Promise<ImageError> => {
  const prompt = `a secret lighthouse ${words}`
  const request = { model, prompt, size: "1024x1024", quality: "low" }
  const result = await pictor.generate(request as never).catch((error: unknown) => error)
  return result as ImageError
}

const faulty = (fault: string): Promise<ImageError> => failing(`[[fault:${fault}]]`)

describe("an error of the provider", () => {
  it.each([
    ["invalid-key", "unauthenticated", false],
    ["not-verified", "forbidden", false],
    ["retired", "model_retired", false],
    ["rate-limit", "rate_limited", true],
    ["insufficient-quota", "quota_exceeded", false],
    ["internal", "provider_failed", true],
    ["unavailable", "unavailable", true],
    ["moderation-input", "content_filtered", false],
    ["moderation-output", "content_filtered", false],
    ["html-502", "unavailable", true],
    ["malformed", "invalid_response", false],
  ])("%s is %s", async (fault, code, retryable) => {
    const error = await faulty(fault)
    expect([error.code, error.retryable]).toEqual([code, retryable])
    expect(error.message).not.toMatch(/secret/)
  })

  it.each([
    ["moderation-input", "prompt"],
    ["moderation-output", "output"],
    ["moderation-unknown", "unknown"],
  ])("%s says at which stage moderation blocked", async (fault, stage) => {
    const { slots, cost } = await faulty(fault)
    expect(slots).toMatchObject([{ status: "filtered", stage }])
    expect(cost?.microUsd).toBe(0)
  })

  it("for a model that was shut down names the successor", async () => {
    const error = await failing("", "gpt-image-1")
    expect(error.code).toBe("model_retired")
    expect(error.message).toMatch(/gpt-image-2\.5-sunburst/)
  })

  it("for an organization that is not verified says where to verify it", async () => {
    expect((await faulty("not-verified")).message).toMatch(/must be verified/)
  })

  it("has the provider's request id", async () => {
    expect((await faulty("internal")).requestId).toMatch(/^req_/)
  })

  it("names the field that was rejected, without the provider's own text", () => {
    const error = { code: "invalid_value", param: "size", message: "the secret prompt" }
    expect(failure(400, { error })).toEqual({
      code: "invalid_request",
      message: "The provider rejected the field size (invalid_value)",
    })
  })

  it("without credit is no rate limit, whatever its status", () => {
    for (const [status, code] of [
      [429, "insufficient_quota"],
      [400, "billing_hard_limit_reached"],
    ] as const)
      expect(failure(status, { error: { code } })).toMatchObject({
        code: "quota_exceeded",
        retryable: false,
      })
  })

  it.each([
    [{ error: "text" }],
    [{ detail: [{ msg: "no" }] }],
    ["text"],
    [null],
    [undefined],
    [{ code: "x", error: "y" }],
  ])("of another shape, %j, is left to the status", (body) => {
    expect(failure(500, body)).toBeUndefined()
  })

  it("repeats no category that is not a word", () => {
    const error = {
      code: "moderation_blocked",
      moderation_details: { moderation_stage: "input", categories: ["violence", "a secret text"] },
    }
    expect(failure(400, { error })?.message).toBe(
      "The provider's moderation blocked the request: violence",
    )
  })
})
