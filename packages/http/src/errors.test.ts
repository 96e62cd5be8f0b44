import type { HttpFamily } from "@pictor/core/adapter"
import { describe, expect, it } from "vitest"
import { connect, serve } from "./__fixtures__/connect.ts"
import { answerWith, call, family, key } from "./__fixtures__/server.ts"

const failureOf = async (
  status: number,
  body: unknown = { error: "no" },
  headers: Readonly<Record<string, string>> = {},
  wire: HttpFamily = family,
) => {
  const server = await serve(answerWith(status, body, headers))
  return connect(server.url)
    .invoke({ ...call, http: wire })
    .catch((error: unknown) => error)
}

describe("an error status", () => {
  it.each([
    [302, "misconfigured", false, false],
    [400, "invalid_request", false, false],
    [401, "unauthenticated", false, false],
    [402, "quota_exceeded", false, false],
    [403, "forbidden", false, false],
    [404, "model_not_found", false, false],
    [408, "timeout", false, true],
    [409, "unavailable", true, false],
    [410, "model_retired", false, false],
    [413, "invalid_request", false, false],
    [418, "invalid_request", false, false],
    [422, "invalid_request", false, false],
    [424, "provider_failed", false, false],
    [429, "rate_limited", true, false],
    [500, "provider_failed", true, false],
    [501, "provider_failed", false, false],
    [502, "unavailable", true, false],
    [503, "unavailable", true, false],
    [504, "timeout", false, true],
    [529, "unavailable", true, false],
  ])("%i is %s", async (status, code, retryable, maybeBilled) => {
    const error = await failureOf(status, undefined, { "x-request-id": "r-1" })
    expect(error).toMatchObject({ code, status, retryable, maybeBilled, requestId: "r-1" })
    expect((error as Error).message).not.toMatch(/\{\w+\}/)
    expect((error as Error).message).toMatch(/painter-1/)
  })

  it("500 with a page of HTML is a proxy's: unavailable", async () => {
    const page = Buffer.from("<html>Internal error</html>")
    expect(await failureOf(500, page, { "content-type": "text/html" })).toMatchObject({
      code: "unavailable",
      retryable: true,
    })
  })

  it("says when to try again", async () => {
    expect(await failureOf(429, {}, { "retry-after": "2" })).toMatchObject({ retryAfterMs: 2000 })
    expect(await failureOf(429, {}, { "x-ratelimit-reset-requests": "3s" })).toMatchObject({
      retryAfterMs: 3000,
    })
  })

  it("is what the family reads in it", async () => {
    const failure: HttpFamily["failure"] = (status, body) =>
      status === 400 && (body as { code?: string }).code === "blocked"
        ? { code: "content_filtered", message: "The prompt was blocked.", stage: "prompt" }
        : undefined
    const wire = { ...family, failure, requestId: "Acme-Id" }
    expect(await failureOf(400, { code: "blocked" }, { "acme-id": "a-7" }, wire)).toMatchObject({
      code: "content_filtered",
      message: "The prompt was blocked.",
      stage: "prompt",
      requestId: "a-7",
      retryable: false,
    })
    expect(await failureOf(400, { code: "other" }, {}, wire)).toMatchObject({
      code: "invalid_request",
    })
  })

  it("is repeated after the delay that the family reads, unless a header has one", async () => {
    const failure = () => ({ code: "rate_limited", message: "Later.", retryAfterMs: 250 }) as const
    const wire = { ...family, failure }
    expect(await failureOf(429, {}, {}, wire)).toMatchObject({ retryAfterMs: 250 })
    expect(await failureOf(429, {}, { "retry-after": "7" }, wire)).toMatchObject({
      retryAfterMs: 7000,
    })
  })

  it("gives the family the text of a reply that is no JSON, and nothing of a large one", async () => {
    const seen: unknown[] = []
    const failure = (_: number, body: unknown) => void seen.push(body)
    await failureOf(400, Buffer.from("plain"), {}, { ...family, failure })
    await failureOf(400, Buffer.alloc(65_537, "a"), {}, { ...family, failure })
    await failureOf(
      400,
      Buffer.from("<p>"),
      { "content-type": "text/html" },
      { ...family, failure },
    )
    expect(seen).toEqual(["plain", undefined])
  })

  it("never repeats the key, even behind JSON's escapes or in a header", async () => {
    const failure: HttpFamily["failure"] = (_, body) => ({
      code: "unauthenticated",
      message: String((body as { message: unknown }).message),
    })
    const escaped = Buffer.from(`{"message":"no \\u0061${key.slice(1)}"}`)
    const wire = { ...family, failure }
    expect(await failureOf(401, escaped, { "x-request-id": `r-${key}` }, wire)).toMatchObject({
      message: "no [removed]",
      requestId: "r-[removed]",
    })
  })

  it("names the provider of the options", async () => {
    const server = await serve(answerWith(401, {}))
    const transport = connect(server.url, { provider: "resold" })
    expect(transport.provider).toBe("resold")
    await expect(transport.invoke(call)).rejects.toThrow(/^resold rejected the key for painter-1;/)
  })
})
