import { type ErrorCode, type FilterStage, ImageError, type ImageErrorOptions } from "@pictor/core"
import { describe, expect, it } from "vitest"
import { errorOf } from "./__fixtures__/reading.ts"
import { base64, healthy, picture, reply, studio } from "./__fixtures__/studio.ts"
import { unknown } from "./errors.ts"

const model = "acme.brush-v1:0"
const order = { model, prompt: "A lighthouse" }

const failing = (error: Partial<ImageErrorOptions> & { readonly code: ErrorCode }) =>
  studio({
    provider: () => {
      throw new ImageError({ message: "It failed.", ...error })
    },
    client: { retry: false },
  })

const rows: readonly (readonly [
  Partial<ImageErrorOptions> & { readonly code: ErrorCode },
  number,
  string,
  string,
  boolean,
  string | null,
])[] = [
  [{ code: "invalid_request" }, 400, "invalid_request_error", "invalid_request", false, null],
  [{ code: "unsupported" }, 400, "invalid_request_error", "unsupported_parameter", false, null],
  [
    { code: "model_not_found", status: 404 },
    404,
    "invalid_request_error",
    "model_not_found",
    false,
    null,
  ],
  [{ code: "model_retired" }, 404, "invalid_request_error", "model_retired", false, null],
  [
    { code: "content_filtered" },
    400,
    "image_generation_user_error",
    "moderation_blocked",
    false,
    null,
  ],
  [{ code: "rate_limited" }, 429, "rate_limit_error", "rate_limit_exceeded", true, "1"],
  [
    { code: "rate_limited", retryAfterMs: 2001 },
    429,
    "rate_limit_error",
    "rate_limit_exceeded",
    true,
    "3",
  ],
  [{ code: "quota_exceeded" }, 429, "rate_limit_error", "quota_exceeded", false, null],
  [{ code: "budget_exceeded" }, 429, "budget_exceeded", "budget_exceeded", false, null],
  [
    { code: "unauthenticated", status: 403 },
    502,
    "server_error",
    "provider_unauthenticated",
    false,
    null,
  ],
  [{ code: "forbidden", status: 403 }, 502, "server_error", "provider_forbidden", false, null],
  [{ code: "forbidden" }, 403, "permission_error", "permission_denied", false, null],
  [{ code: "timeout", maybeBilled: true }, 504, "server_error", "timeout", false, null],
  [{ code: "timeout", retryable: true }, 504, "server_error", "timeout", true, null],
  [{ code: "aborted" }, 499, "invalid_request_error", "request_aborted", false, null],
  [{ code: "unavailable", retryAfterMs: 5000 }, 503, "server_error", "unavailable", true, "5"],
  [{ code: "unavailable", retryable: false }, 503, "server_error", "unavailable", false, null],
  [{ code: "misconfigured" }, 503, "server_error", "misconfigured", false, null],
  [{ code: "unavailable", maybeBilled: true }, 503, "server_error", "unavailable", false, null],
  [{ code: "provider_failed" }, 502, "server_error", "provider_failed", false, null],
  [
    { code: "provider_failed", retryable: true },
    502,
    "server_error",
    "provider_failed",
    true,
    null,
  ],
  [{ code: "invalid_response" }, 502, "server_error", "invalid_response", false, null],
  [
    { code: "idempotency_in_progress", retryAfterMs: 4000 },
    409,
    "idempotency_error",
    "idempotency_in_progress",
    true,
    "4",
  ],
  [{ code: "idempotency_replayed" }, 409, "idempotency_error", "idempotency_replayed", false, null],
  [
    { code: "idempotency_unresolved" },
    409,
    "idempotency_error",
    "idempotency_unresolved",
    false,
    null,
  ],
  [{ code: "idempotency_mismatch" }, 422, "idempotency_error", "idempotency_mismatch", false, null],
]

describe("an ImageError", () => {
  it.each(rows)(
    "%j becomes %d %s %s, x-should-retry: %s",
    async (options, status, type, code, again, wait) => {
      for (const extra of [{}, { stream: true }]) {
        const response = await failing(options).generate({ ...order, ...extra })
        const { headers } = response
        expect(await errorOf(response)).toMatchObject({ status, type, code, param: null })
        expect(headers.get("x-should-retry")).toBe(String(again))
        expect(headers.get("retry-after")).toBe(wait)
        expect(headers.get("content-type")).toBe("application/json")
      }
    },
  )

  it.each<[FilterStage | undefined, string]>([
    ["prompt", "input"],
    ["input-image", "input"],
    ["output", "output"],
    ["guardrail", "unknown"],
    [undefined, "unknown"],
  ])("with filter stage %s has moderation_stage %s", async (stage, expected) => {
    const error = await errorOf(
      await failing({ code: "content_filtered", ...(stage ? { stage } : {}) }).generate(order),
    )
    expect(error.moderation_details).toEqual({ categories: [], moderation_stage: expected })
  })

  it("is never retried when it may be charged twice", async () => {
    const error = new ImageError({
      code: "unavailable",
      message: "It failed.",
      retryable: true,
      maybeBilled: true,
    })
    const broken = { name: "broken", request: () => Promise.reject(error) }
    const { headers } = await studio({ client: { middleware: [broken] } }).generate(order)
    expect(headers.get("x-should-retry")).toBe("false")
  })

  it.each([
    [{ code: "unauthenticated" }, "rejects the credentials of this server"],
    [{ code: "misconfigured" }, "not fully configured"],
  ] as const)("hides the host's setup from the client: %j", async (options, said) => {
    const error = await errorOf(
      await failing({ ...options, message: "The key AKIA of account 1234 is wrong." }).generate(
        order,
      ),
    )
    expect(JSON.stringify(error)).not.toMatch(/AKIA|1234/)
    expect(error.message).toContain(said)
  })

  it("reports each missing image and the cost", async () => {
    const made = studio({ provider: () => reply({ guardrail: "INTERVENED" }) })
    const response = await made.generate({ ...order, n: 2 })
    expect(response.headers.get("x-pictor-cost-usd")).toBe("0")
    const { pictor, code } = await errorOf(response)
    expect(code).toBe("moderation_blocked")
    expect(pictor).toMatchObject({
      maybe_billed: true,
      cost: { usd: "0", maybe_micro_usd: 80_000 },
    })
    expect(pictor?.slots?.map(({ index, status, stage }) => [index, status, stage])).toEqual([
      [0, "filtered", "guardrail"],
      [1, "filtered", "guardrail"],
    ])
  })

  it("is in the response for the host", async () => {
    const { respond } = failing({ code: "budget_exceeded" }).openai
    const body = JSON.stringify(order)
    const request = new Request("http://bridge.test/v1/images/generations", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    })
    expect((await respond(request)).error?.code).toBe("budget_exceeded")
  })
})

describe("a reply without a readable image", () => {
  it.each([
    ["nothing", ""],
    ["no JSON", "<html>"],
    ["no list", {}],
    ["an empty list", { images: [] }],
    ["nulls", { images: [null] }],
    ["another type", { images: [5] }],
    ["no base64", { images: ["-- not base64 --"] }],
    ["a long text", { images: ["?".repeat(5000)] }],
  ])("is an error when it is %s", async (_, body) => {
    const made = studio({ provider: () => reply(body), client: { retry: false } })
    expect(await errorOf(await made.generate(order))).toMatchObject({
      status: 502,
      code: "invalid_response",
    })
  })

  it("keeps the readable images", async () => {
    const made = studio({
      provider: () => reply({ images: [base64(picture("it")), "-- not base64 --"] }),
    })
    const body = await (await made.generate({ ...order, n: 2 })).json()
    expect(body).toMatchObject({
      data: [{ b64_json: base64(picture("it")) }],
      pictor: {
        warnings: ["acme.brush-v1:0 sent an image in an unknown format.", "1 image is unreadable."],
      },
    })
  })
})

describe("an unexpected error", () => {
  it("becomes a 500 without details, and has its cause for the host", async () => {
    const thrown = new Error("canary")
    const { openai } = studio({
      bridge: {
        models: () => {
          throw thrown
        },
      },
    })
    const answer = await openai.respond(new Request("http://bridge.test/v1/models"))
    expect(answer.status).toBe(500)
    expect(answer.error?.cause).toBe(thrown)
    expect(Buffer.concat(answer.parts as Uint8Array[]).toString()).not.toContain("canary")
  })

  it("in middleware is hidden from the client", async () => {
    const made = studio({
      provider: healthy,
      client: {
        middleware: [
          {
            name: "broken",
            request: () => {
              throw new TypeError("canary")
            },
          },
        ],
      },
    })
    const error = await errorOf(await made.generate(order))
    expect(error).toMatchObject({ status: 500, code: "internal_error" })
    expect(JSON.stringify(error)).not.toContain("canary")
  })
})

describe("the error of an unknown field", () => {
  it("names each similar field once, if the model has a name that the API has too", () => {
    expect(unknown("sise", "sise", ["size", "seed", "seed"]).message).toBe(
      '"sise" is not a known field. Similar fields: size, seed.',
    )
  })
})
