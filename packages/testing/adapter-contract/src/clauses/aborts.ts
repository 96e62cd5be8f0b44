import { ImageError } from "@pictor/core"
import type { Reply, TransportCall } from "@pictor/core/adapter"
import { clientOf, failureOf, recording } from "../client.ts"
import type { Clause } from "../contract.ts"
import { requestWith, subjectsOf } from "../subject.ts"

const abortBefore: Clause = async (context) => {
  for (const subject of subjectsOf(context)) {
    const sent = recording(context.deliver)
    const running = clientOf(context, subject, sent.invoke).generate(requestWith(subject, {}), {
      signal: AbortSignal.abort(),
    })
    const error = await failureOf(context, running, subject.label)
    context
      .expect([error.code, error.maybeBilled], `${subject.label}: the error`)
      .toEqual(["aborted", false])
    context.expect(sent.calls, `${subject.label}: calls that were sent`).toEqual([])
  }
}

/** Never answers, and reports the abort. */
const hanging = ({ signal }: TransportCall, onAbort: () => void): Promise<Reply> =>
  new Promise((_, reject) => {
    const stop = (): void => {
      onAbort()
      reject(
        new ImageError({ code: "aborted", message: "The call was aborted.", maybeBilled: true }),
      )
    }
    if (signal?.aborted) stop()
    else signal?.addEventListener("abort", stop, { once: true })
  })

const abortDuring: Clause = async (context) => {
  const { expect } = context
  for (const subject of subjectsOf(context)) {
    const { limit, label } = subject
    const controller = new AbortController()
    let calls = 0
    let isAborted = false
    const client = clientOf(context, subject, (call) => {
      if (calls++ === 0) return context.deliver(call)
      queueMicrotask(() => controller.abort())
      return hanging(call, () => {
        isAborted = true
      })
    })
    const running = client.generate(requestWith(subject, { n: 2 * limit + 1 }), {
      signal: controller.signal,
    })
    const error = await failureOf(context, running, label)
    expect([error.code, error.retryable], `${label}: the error`).toEqual(["aborted", false])
    expect(isAborted, `${label}: the provider gets the abort`).toBe(true)
    const statuses = error.slots?.map(({ status }) => status)
    expect(statuses?.slice(limit, 2 * limit + 1), `${label}: the undelivered slots`).toEqual([
      ...Array.from({ length: limit }, () => "failed"),
      "not-attempted",
    ])
    expect(statuses, `${label}: the delivered slots`).toContain("delivered")
  }
}

export const abortClauses = { "abort-before": abortBefore, "abort-during": abortDuring } as const
