import type { IncomingHttpHeaders } from "node:http"
import type { Problem } from "./problem.ts"

const retriesHeader = "x-litellm-num-retries"

const wrong: Problem = {
  status: 400,
  code: "invalid_num_retries",
  param: retriesHeader,
  message: `${retriesHeader} is a whole number of retries, such as 0 or 2. Leave it out for the gateway's own.`,
}

/** How often a request asks to be retried; undefined where it does not say. */
export const askedRetriesOf = (headers: IncomingHttpHeaders): number | undefined | Problem => {
  const asked = headers[retriesHeader]
  if (asked === undefined) return undefined
  return typeof asked === "string" && /^\d{1,6}$/.test(asked.trim()) ? Number(asked) : wrong
}

const prefix = "x-litellm-"

/** https://docs.litellm.ai/docs/proxy/request_headers, seen 2026-11-21. No message is ever logged, so that redaction needs nothing more. */
const honoured: ReadonlySet<string> = new Set(
  [
    "api-key",
    "call-id",
    "customer-id",
    "enable-message-redaction",
    "end-user-id",
    "num-retries",
    "tags",
    "timeout",
  ].map((name) => prefix + name),
)

const mostNames = 10

/** LiteLLM's headers of a request that have no effect, as a list for its answer. */
export const ignoredOf = (headers: IncomingHttpHeaders): string | undefined => {
  const ignored: string[] = []
  for (const name in headers)
    if (name.startsWith(prefix) && !honoured.has(name) && name.length <= 100) ignored.push(name)
  return ignored.length === 0 ? undefined : ignored.slice(0, mostNames).join(", ")
}
