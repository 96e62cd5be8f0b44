import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { retryAfterOf } from "./retry-after.ts"

const now = Date.parse("2026-11-30T12:00:00Z")
const inSeconds = (seconds: number) => String(now / 1000 + seconds)

describe("retryAfterOf", () => {
  it.each([
    ["nothing", {}, undefined],
    ["seconds", { "retry-after": "7" }, 7000],
    ["a part of a second", { "retry-after": "0.25" }, 250],
    ["no wait", { "retry-after": "0" }, 0],
    ["milliseconds", { "retry-after-ms": "120", "retry-after": "7" }, 120],
    ["an HTTP date", { "retry-after": "Mon, 30 Nov 2026 12:00:05 GMT" }, 5000],
    ["a date in the past", { "retry-after": "Mon, 30 Nov 2026 11:00:00 GMT" }, 0],
    ["a word", { "retry-after": "soon" }, undefined],
    ["a negative number", { "retry-after": "-5" }, undefined],
    ["more than a day", { "retry-after": "999999" }, 86_400_000],
    ["the reset of one limit", { "x-ratelimit-reset-requests": "1s" }, 1000],
    ["a reset in minutes and seconds", { "x-ratelimit-reset-requests": "6m0s" }, 360_000],
    ["a reset in milliseconds", { "x-ratelimit-reset-tokens": "20ms" }, 20],
    ["a reset in seconds", { "x-ratelimit-reset": "3" }, 3000],
    ["a reset as a Unix time", { "x-ratelimit-reset": inSeconds(9) }, 9000],
    ["a reset as an ISO date", { "x-ratelimit-reset-images": "2026-11-30T12:00:02Z" }, 2000],
    ["a reset that is no time", { "x-ratelimit-reset": "later" }, undefined],
    [
      "the last reset of the limits that are used up",
      {
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "2s",
        "x-ratelimit-remaining-tokens": "0",
        "x-ratelimit-reset-tokens": "8s",
        "x-ratelimit-remaining-images": "3",
        "x-ratelimit-reset-images": "60s",
      },
      8000,
    ],
    [
      "the first reset where no limit says what is left",
      { "x-ratelimit-reset-requests": "2s", "x-ratelimit-reset-tokens": "8s" },
      2000,
    ],
    [
      "retry-after before limits",
      { "retry-after": "1", "x-ratelimit-reset-requests": "60s" },
      1000,
    ],
  ])("reads %s", (_, headers, expected) => {
    expect(retryAfterOf(429, headers, now)).toBe(expected)
  })

  it("reads limits with status 429 alone, and retry-after with any", () => {
    const limits = { "x-ratelimit-reset": "3" }
    expect(retryAfterOf(500, limits, now)).toBeUndefined()
    expect(retryAfterOf(503, { ...limits, "retry-after": "2" }, now)).toBe(2000)
  })

  it("is a whole number of milliseconds up to a day for any headers", () => {
    const names = ["retry-after", "retry-after-ms", "x-ratelimit-reset", "x-ratelimit-remaining"]
    const values = fc.oneof(
      fc.string(),
      fc.double().map(String),
      fc.nat().map((count) => `${count}s`),
      fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
    )
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), values), (headers) => {
        const wait = retryAfterOf(429, headers, now) ?? 0
        expect(Number.isInteger(wait) && wait >= 0 && wait <= 86_400_000).toBe(true)
      }),
      { seed: 20261130, numRuns: 500 },
    )
  })
})
