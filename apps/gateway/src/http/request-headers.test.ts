import type { IncomingHttpHeaders } from "node:http"
import { expect, it } from "vitest"
import { originOf } from "./request-headers.ts"

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
