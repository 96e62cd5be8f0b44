import { createPictor, type ImageError } from "@pictor/core"
import { emulated, type FaultKind } from "@pictor/gemini-emulator"
import { http } from "@pictor/http"
import { describe, expect, it } from "vitest"
import { geminiApi, vertexAi } from "./http.ts"
import { geminiImage } from "./index.ts"

const prompt = "a secret lighthouse"

const errorOf = async (kind: FaultKind): Promise<ImageError> => {
  const pictor = createPictor({
    adapters: [geminiImage(http(emulated({ faults: [{ kind }] })))],
    retry: false,
  })
  try {
    return await pictor
      .generate({ model: "gemini-3.1-flash-lite-image", prompt })
      .then(() => Promise.reject(new Error("no error")))
  } catch (error) {
    return error as ImageError
  } finally {
    await pictor.close()
  }
}

describe("an error of the API", () => {
  it.each<[FaultKind, string, RegExp, object?]>([
    ["invalid-argument", "invalid_request", /rejected the request/],
    ["invalid-key", "unauthenticated", /http\(\{ key \}\)/],
    ["location", "forbidden", /location/],
    ["unauthenticated", "unauthenticated", /vertexGemini\(\{ token \}\)/],
    ["no-credit", "quota_exceeded", /prepaid credit/],
    ["permission-denied", "forbidden", /Vertex AI User/],
    ["retired", "model_not_found", /shut down/],
    ["throttle", "rate_limited", /too many/, { retryable: true, retryAfterMs: 30_000 }],
    ["quota", "quota_exceeded", /of the day/, { retryable: false }],
    ["cancelled", "unavailable", /cancelled/, { retryable: true }],
    ["internal", "provider_failed", /gemini-3\.1-flash-lite-image/, { retryable: true }],
    ["unavailable", "unavailable", /google/, { retryable: true }],
    ["html-502", "unavailable", /google/, { retryable: true }],
    ["deadline", "timeout", /gemini-3\.1-flash-lite-image/, { maybeBilled: true }],
    ["reset-after", "unavailable", /may have been billed/, { maybeBilled: true }],
    ["blocked-safety", "content_filtered", /filtered/],
    ["refused-image-safety", "content_filtered", /filtered/],
    ["words-only", "content_filtered", /filtered/],
    ["max-tokens", "provider_failed", /maxOutputTokens/, { retryable: false, maybeBilled: true }],
  ])("of the kind %s is %s", async (kind, code, message, more = {}) => {
    const error = await errorOf(kind)
    expect(error).toMatchObject({ code, maybeBilled: false, ...more })
    expect(error.message).toMatch(message)
    expect(JSON.stringify([error, error.message])).not.toContain("secret")
  })
})

const failureOf = (status: number, error: unknown) => geminiApi.failure(status, { error })

describe("failure", () => {
  it.each(["API key expired. Please renew the API key.", "API key not valid."])(
    "recognises a key by the message: %s",
    (message) => {
      expect(failureOf(400, { status: "INVALID_ARGUMENT", message })).toMatchObject({
        code: "unauthenticated",
      })
    },
  )

  it("names rejected fields, and not their values", () => {
    const fieldViolations = [
      { field: "generation_config.image_config.image_size", description: "a secret" },
      { field: "a secret: 7" },
      { field: 7 },
    ]
    const details = [{ "@type": "type.googleapis.com/google.rpc.BadRequest", fieldViolations }]
    const failure = failureOf(400, { status: "INVALID_ARGUMENT", message: "a secret", details })
    expect(failure?.message).toBe(
      "Google rejected the request as invalid: generation_config.image_config.image_size.",
    )
  })

  it.each([
    ["34.074824224s", 34_075],
    ["0s", 0],
    ["999999s", 86_400_000],
    ["soon", undefined],
    [7, undefined],
  ])("reads the delay %s", (retryDelay, retryAfterMs) => {
    const details = [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay }]
    expect(failureOf(429, { status: "RESOURCE_EXHAUSTED", details })).toMatchObject({
      code: "rate_limited",
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    })
  })

  it.each([undefined, null, "<html>", [], {}, { error: "text" }, { error: { status: 7 } }])(
    "leaves an unknown reply to its status: %j",
    (body) => {
      expect(geminiApi.failure(400, body)).toBeUndefined()
    },
  )

  it("leaves an unknown name to the status", () => {
    expect(failureOf(503, { status: "UNAVAILABLE" })).toBeUndefined()
    expect(failureOf(400, { status: "toString" })).toBeUndefined()
  })

  it("is the same on Vertex AI", () => {
    expect(vertexAi.failure).toBe(geminiApi.failure)
  })
})
