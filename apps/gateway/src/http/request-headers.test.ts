import type { IncomingHttpHeaders } from "node:http"
import { expect, it } from "vitest"
import { anyone } from "./__fixtures__/server.ts"
import { originOf, readHeaders } from "./request-headers.ts"

const host = "10.0.0.1:4000"
const forwarded = { host, "x-forwarded-proto": "https", "x-forwarded-host": "images.example.com" }

it.each<readonly [IncomingHttpHeaders, boolean, string]>([
  [forwarded, false, "http://10.0.0.1:4000"],
  [forwarded, true, "https://images.example.com"],
  [{ host }, true, "http://10.0.0.1:4000"],
  [{}, false, "http://localhost"],
  [{ host, "x-forwarded-proto": "HTTPS" }, true, "https://10.0.0.1:4000"],
  [
    {
      host,
      "x-forwarded-proto": "https, http",
      "x-forwarded-host": "images.example.com:8443, inner",
    },
    true,
    "https://images.example.com:8443",
  ],
  [{ host, "x-forwarded-host": "[2001:db8::1]:8443" }, true, "http://[2001:db8::1]:8443"],
  [{ host, "x-forwarded-proto": "javascript" }, true, "http://10.0.0.1:4000"],
  ...["evil.example/path", "ann@evil.example", "evil example", "evil.example\\", '"', "?", ""].map(
    (odd) => [{ host, "x-forwarded-host": odd }, true, "http://10.0.0.1:4000"] as const,
  ),
])("derives the origin of %j (trusted proxy: %s) as %s", (headers, trusted, origin) => {
  expect(originOf(headers, trusted)).toBe(origin)
})

const settings = { requestMs: 1000, trustProxy: false, endUserHeaders: [] }
const read = (tags: string) => readHeaders({ "x-litellm-tags": tags }, anyone, settings).tags
const many = (count: number): string => Array.from({ length: count }, (_, at) => `t${at}`).join(",")

it("takes as many tags as a body", () => {
  expect(Object.keys(read(many(100)))).toHaveLength(100)
  expect(read(`a=${"v".repeat(500)}`)).toEqual({ a: "v".repeat(500) })
})

it.each([
  ["101 tags", many(101)],
  ["3,500 tags", many(3500)],
  ["a long name", "n".repeat(501)],
  ["a long value", `a=${"v".repeat(501)}`],
])("refuses %s in a header", (_name, tags) => {
  expect(() => read(tags)).toThrow(
    expect.objectContaining({
      status: 400,
      param: "x-litellm-tags",
      message:
        "x-litellm-tags may have 100 tags, each with a name of 1 to 500 characters and a value of at most 500. Send fewer or shorter tags.",
    }),
  )
})

it("leaves out empty names between the commas of the tags", () => {
  expect(read("a,, b=1 ,")).toEqual({ a: "", b: "1" })
})

it.each([
  ["0.0001", 1],
  ["0.5", 500],
  ["9999", 1000],
])("reads a timeout of %s s as %i ms, at least 1 and at most the gateway's", (seconds, wanted) => {
  const { timeoutMs } = readHeaders({ "x-litellm-timeout": seconds }, anyone, settings)
  expect(timeoutMs).toBe(wanted)
})
