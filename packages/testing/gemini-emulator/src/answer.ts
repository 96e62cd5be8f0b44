import type { Failure } from "./faults.ts"
import type { Violation } from "./violations.ts"

/** A complete HTTP answer. */
export type Answer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

const json = "application/json; charset=UTF-8"

export const jsonAnswer = (value: object, status = 200): Answer => ({
  status,
  headers: { "content-type": json },
  body: Buffer.from(JSON.stringify(value)),
})

/** A reply that ends in the middle of its JSON. */
export const brokenAnswer = ({ status, headers, body }: Answer): Answer => ({
  status,
  headers,
  body: body.subarray(0, Math.ceil(body.length / 2)),
})

/** An error in Google's envelope. https://google.aip.dev/193 */
export const errorAnswer = (
  failure: Failure,
  {
    model = "",
    retryAfterSeconds,
  }: { readonly model?: string; readonly retryAfterSeconds?: number | undefined } = {},
): Answer => {
  const { code, status, message } = failure
  const retry =
    retryAfterSeconds === undefined
      ? []
      : [
          {
            "@type": "type.googleapis.com/google.rpc.RetryInfo",
            retryDelay: `${retryAfterSeconds}s`,
          },
        ]
  const details = [...(failure.details ?? []), ...retry]
  const error = {
    code,
    message: message.replace("{model}", model),
    status,
    ...(details.length === 0 ? {} : { details }),
  }
  return jsonAnswer({ error }, code)
}

/** The answer to a body with violations: all of them, and as details those with a field. */
export const violationsAnswer = (violations: readonly Violation[]): Answer =>
  errorAnswer({
    code: 400,
    status: "INVALID_ARGUMENT",
    message: violations.map(({ message }) => message).join("\n"),
    details: [
      {
        "@type": "type.googleapis.com/google.rpc.BadRequest",
        fieldViolations: violations.map(({ field, message }) => ({
          ...(field === "" ? {} : { field }),
          description: message,
        })),
      },
    ],
  })

const page = (status: number, title: string): Answer => ({
  status,
  headers: { "content-type": "text/html; charset=UTF-8" },
  body: Buffer.from(
    `<!DOCTYPE html><html lang=en><title>Error ${status} (${title})</title></html>`,
  ),
})

/** A path that Google's host does not serve. */
export const notFoundPage = page(404, "Not Found")

/** A proxy's answer. */
export const badGatewayPage = page(502, "Server Error")
