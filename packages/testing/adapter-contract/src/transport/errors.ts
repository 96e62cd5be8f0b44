import type { ErrorCode } from "@pictor/core"
import { errorText } from "../error-text.ts"
import type { TransportClause } from "./contract.ts"
import { failureOf, open, verdictOf } from "./helpers.ts"
import { answer, type Respond } from "./server.ts"

const statuses: readonly (readonly [number, ErrorCode, boolean, boolean])[] = [
  [400, "invalid_request", false, false],
  [401, "unauthenticated", false, false],
  [403, "forbidden", false, false],
  [404, "model_not_found", false, false],
  [408, "timeout", false, true],
  [424, "provider_failed", false, false],
  [429, "rate_limited", true, false],
  [500, "provider_failed", true, false],
  [502, "unavailable", true, false],
  [503, "unavailable", true, false],
  [504, "timeout", false, true],
]

const errorStatus: TransportClause = async (context) => {
  for (const [status, code, retryable, maybeBilled] of statuses) {
    const { invoke } = await open(context, answer(status, { message: "no" }))
    const error = await failureOf(context, invoke(context.contract.call), `status ${status}`)
    context
      .expect({ ...verdictOf(error), status: error.status }, `status ${status}`)
      .toEqual({ code, retryable, maybeBilled, status })
  }
}

const page = Buffer.from("<html><body>502 Bad Gateway</body></html>")

const errorHtml: TransportClause = async (context) => {
  const { invoke } = await open(context, answer(502, page, { "content-type": "text/html" }))
  const error = await failureOf(context, invoke(context.contract.call), "a page of HTML")
  context
    .expect(verdictOf(error))
    .toEqual({ code: "unavailable", retryable: true, maybeBilled: false })
}

const errorWait: TransportClause = async (context) => {
  const waitOf = async (header: string): Promise<number | undefined> => {
    const { invoke } = await open(context, answer(429, {}, { "retry-after": header }))
    return (await failureOf(context, invoke(context.contract.call), header)).retryAfterMs
  }
  context.expect(await waitOf("7"), "retry-after: 7").toBe(7000)
  const date = new Date(Date.now() + 60_000).toUTCString()
  const wait = (await waitOf(date)) ?? 0
  context.expect(wait > 0 && wait <= 60_000, `retry-after as a date: ${wait} ms`).toBe(true)
}

const marker = "provider-text-5f1c77ab"

/** The texts of a body that are long enough to be recognized. */
const textsOf = (value: unknown): readonly string[] => {
  if (typeof value === "string") return value.length >= 8 ? [value] : []
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsOf) : []
}

const errorSecrets: TransportClause = async (context) => {
  const { call, secrets } = context.contract
  const hidden = [...secrets, ...textsOf(call.body), marker]
  const repeat =
    (status: number, asJson: boolean): Respond =>
    (response, received, cut) => {
      const text = `${marker} ${hidden.join(" ")} ${JSON.stringify(received)}`
      const body = asJson
        ? { message: text, error: { message: text, code: text, type: text }, detail: text }
        : Buffer.from(text)
      answer(status, body)(response, received, cut)
    }
  for (const status of [400, 401, 403, 404, 422, 429, 500, 503])
    for (const asJson of [true, false]) {
      const { invoke } = await open(context, repeat(status, asJson))
      const error = await failureOf(context, invoke(call), `status ${status}`)
      const text = `${errorText(error)} ${String(error.cause)} ${error.stack}`
      for (const each of hidden)
        context
          .expect(text.includes(each), `status ${status}: the error contains "${each}"`)
          .toBe(false)
    }
}

export const errorClauses = {
  "error-status": errorStatus,
  "error-html": errorHtml,
  "error-wait": errorWait,
  "error-secrets": errorSecrets,
} as const
