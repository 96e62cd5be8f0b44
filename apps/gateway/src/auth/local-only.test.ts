import { expect, it } from "vitest"
import { isLoopback, strangerTo } from "./local-only.ts"

it.each([
  [{ host: "127.0.0.1:4000" }, true],
  [{ host: "localhost:4000" }, true],
  [{ host: "[::1]:4000" }, true],
  [{ host: "0.0.0.0:4000" }, true],
  [{ host: "localhost:4000", origin: "http://localhost:4000" }, true],
  [{ host: "localhost:4000", origin: "http://localhost:3000" }, false],
  [{ host: "localhost:4000", origin: "https://elsewhere.example" }, false],
  [{ host: "localhost:4000", origin: "null" }, false],
  [{ host: "rebound.example:4000" }, false],
  [{ host: "rebound.example:4000", origin: "http://rebound.example:4000" }, false],
  [{ host: "127.0.0.1.rebound.example" }, false],
  [{}, false],
])("%j gets in without a key: %s", (headers, expected) => {
  expect(strangerTo(headers) === undefined).toBe(expected)
})

it.each([
  ["127.0.0.1", true],
  ["127.8.9.1", true],
  ["localhost", true],
  ["::1", true],
  ["0.0.0.0", false],
  ["::", false],
  ["10.0.0.1", false],
  ["localhost.example.com", false],
])("%s is this machine's own: %s", (host, expected) => {
  expect(isLoopback(host)).toBe(expected)
})
