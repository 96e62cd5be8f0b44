import { describe, expect, it } from "vitest"
import { isLoopback, rejectNonLocal } from "./local-only.ts"

describe("rejectNonLocal", () => {
  it.each([
    { host: "127.0.0.1:4000" },
    { host: "localhost:4000" },
    { host: "[::1]:4000" },
    { host: "0.0.0.0:4000" },
    { host: "localhost:4000", origin: "http://localhost:4000" },
  ])("accepts %j", (headers) => {
    expect(() => rejectNonLocal(headers)).not.toThrow()
  })

  it.each([
    { host: "localhost:4000", origin: "http://localhost:3000" },
    { host: "localhost:4000", origin: "https://elsewhere.example" },
    { host: "localhost:4000", origin: "null" },
    { host: "rebound.example:4000" },
    { host: "rebound.example:4000", origin: "http://rebound.example:4000" },
    { host: "127.0.0.1.rebound.example" },
    {},
  ])("throws forbidden for %j", (headers) => {
    expect(() => rejectNonLocal(headers)).toThrow(expect.objectContaining({ code: "forbidden" }))
  })
})

describe("isLoopback", () => {
  it.each([
    ["127.0.0.1", true],
    ["127.8.9.1", true],
    ["localhost", true],
    ["::1", true],
    ["0.0.0.0", false],
    ["::", false],
    ["10.0.0.1", false],
    ["localhost.example.com", false],
  ])("maps %s to %s", (host, expected) => {
    expect(isLoopback(host)).toBe(expected)
  })
})
