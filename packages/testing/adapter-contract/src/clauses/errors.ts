import { type ErrorCode, ImageError, type ImageErrorOptions } from "@pictor/core"
import type { Reply } from "@pictor/core/adapter"
import { failureOf, generate, recording } from "../client.ts"
import type { Clause } from "../contract.ts"
import { exampleReply, firstCall } from "../examples.ts"
import { bytesOf, jsonReply, replyOf } from "../provider.ts"
import { subjectsOf } from "../subject.ts"

/** Failures of a transport, with the number of attempts for each. */
const failures: readonly (Omit<ImageErrorOptions, "message"> & { readonly attempts: number })[] = [
  { code: "invalid_request", status: 400, attempts: 1 },
  { code: "unauthenticated", status: 401, attempts: 1 },
  { code: "forbidden", status: 403, attempts: 1 },
  { code: "model_not_found", status: 404, attempts: 1 },
  { code: "model_retired", status: 404, attempts: 1 },
  { code: "quota_exceeded", status: 400, attempts: 1 },
  { code: "content_filtered", status: 400, stage: "prompt", attempts: 1 },
  { code: "rate_limited", status: 429, retryAfterMs: 1500, attempts: 3 },
  { code: "unavailable", status: 503, attempts: 3 },
  { code: "provider_failed", status: 500, retryable: true, attempts: 3 },
  { code: "provider_failed", status: 424, attempts: 1 },
  { code: "timeout", maybeBilled: true, attempts: 1 },
  { code: "unavailable", maybeBilled: true, attempts: 1 },
]

const errorCodes: Clause = async (context) => {
  const { expect } = context
  for (const subject of subjectsOf(context))
    for (const { attempts, ...failure } of failures) {
      const label = `${subject.label}: a provider's ${failure.code}`
      const sent = recording(() =>
        Promise.reject(
          new ImageError({
            ...failure,
            message: "The provider rejected the call.",
            requestId: "r-1",
          }),
        ),
      )
      const error = await failureOf(context, generate(context, subject, sent.invoke), label)
      const { code, maybeBilled = false, stage } = failure
      expect({ code: error.code, maybeBilled: error.maybeBilled }, label).toEqual({
        code,
        maybeBilled,
      })
      if (stage !== undefined) expect(error.stage, `${label}: its stage`).toBe(stage)
      else
        expect([error.status, error.retryAfterMs], `${label}: status and wait`).toEqual([
          failure.status,
          failure.retryAfterMs,
        ])
      expect(sent.calls.length, `${label}: attempts`).toBe(attempts)
    }
}

const encoder = new TextEncoder()

/** Replies that are not JSON. */
const unreadable = (reply: Reply): Readonly<Record<string, Reply>> => {
  const bytes = bytesOf(reply)
  return {
    "an empty reply": replyOf(new Uint8Array()),
    "a reply that is cut off": replyOf(bytes.slice(0, bytes.length - 2)),
    "a page of HTML": replyOf(encoder.encode("<html><body>502 Bad Gateway</body></html>")),
    "a reply that is not UTF-8": replyOf(Uint8Array.of(0x22, 0xff, 0xfe, 0x22)),
  }
}

const errorUnreadable: Clause = async (context) => {
  const { expect } = context
  for (const subject of subjectsOf(context)) {
    const delivered = await context.deliver(await firstCall(context, subject, 1))
    for (const [name, reply] of Object.entries(unreadable(delivered))) {
      const label = `${subject.label}: ${name}`
      const sent = recording(async () => reply)
      const error = await failureOf(context, generate(context, subject, sent.invoke), label)
      expect([error.code, error.maybeBilled], label).toEqual(["invalid_response", true])
      expect(sent.calls.length, `${label}: attempts`).toBe(1)
    }
  }
}

const imageless: readonly unknown[] = [
  null,
  {},
  [],
  0,
  "",
  "text",
  true,
  { images: null },
  { images: [] },
  { images: [null] },
  { images: [""] },
]

const unfit: readonly ErrorCode[] = ["invalid_response", "provider_failed"]

const errorMalformed: Clause = async (context) => {
  const { expect } = context
  const { malformed } = context.contract.outcomes ?? {}
  for (const subject of subjectsOf(context)) {
    const call = await firstCall(context, subject, 1)
    const own =
      malformed === undefined
        ? []
        : [["outcomes.malformed", await exampleReply(context, malformed, call, 1)] as const]
    const replies = [
      ...imageless.map((value) => [JSON.stringify(value), jsonReply(value)] as const),
      ...own,
    ]
    for (const [name, reply] of replies) {
      const label = `${subject.label}: the reply ${name}`
      const error = await failureOf(
        context,
        generate(context, subject, async () => reply),
        label,
      )
      expect(unfit, `${label}: ${error.code}`).toContain(error.code)
      expect(
        error.slots?.map(({ status }) => status),
        label,
      ).toEqual(["failed"])
    }
  }
}

export const errorClauses = {
  "error-codes": errorCodes,
  "error-unreadable": errorUnreadable,
  "error-malformed": errorMalformed,
} as const
