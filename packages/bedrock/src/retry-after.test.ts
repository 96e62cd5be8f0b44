import { expect, it } from "vitest"
import { parseRetryAfter } from "./retry-after.ts"

const now = Date.UTC(2026, 10, 20, 12, 0, 0)

it.each([
  ["2", 2000],
  [" 30 ", 30_000],
  ["0", 0],
  ["Fri, 20 Nov 2026 12:00:05 GMT", 5000],
  ["Fri, 20 Nov 2026 11:00:00 GMT", 0],
  ["soon", undefined],
  ["-1", undefined],
  ["1.5", undefined],
  ["2026-11-20", undefined],
  ["", undefined],
  [undefined, undefined],
])("reads Retry-After %j as %j ms", (header, milliseconds) => {
  expect(parseRetryAfter(header, now)).toBe(milliseconds)
})
