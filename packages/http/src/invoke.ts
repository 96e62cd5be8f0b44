import type { HttpJobs, Job, Reply, TransportCall } from "@pictor/core/adapter"
import { callUrl } from "./address.ts"
import { type EncodedBody, encodeBody } from "./body.ts"
import type { HttpReply } from "./client.ts"
import { createExchange, type Exchange, lostResult } from "./errors.ts"
import { withFiles } from "./files.ts"
import { awaitJob, readJob, toReply } from "./jobs.ts"
import { least, runLimited } from "./limits.ts"
import { defaultMaxBodyBytes, defaultTimeoutMs } from "./options.ts"
import { failWith, openSession, type Session, type Shared, sendWithKey } from "./session.ts"

/** Makes one attempt of one call. Throws only `ImageError`. */
export const invoke = async (call: TransportCall, shared: Shared): Promise<Reply> => {
  const { timeoutMs = defaultTimeoutMs, maxBodyBytes = defaultMaxBodyBytes } = shared.options
  const endsAt = performance.now() + least(call.timeoutMs)
  const limitsOf = (limitMs: number) => ({
    signal: call.signal,
    timeoutMs: least(limitMs, endsAt - performance.now()),
  })
  const session = await openSession(call, shared, limitsOf(timeoutMs))
  const body = await encodeBody(call, maxBodyBytes)
  const exchange = createExchange()
  const sending: Sending = { session, call, body, exchange }
  const { jobs } = session.family
  const fail = failWith(session, exchange)
  if (!jobs) {
    const reply = await runLimited(limitsOf(timeoutMs), (signal) => send(sending, signal), fail)
    return withFiles(session, toReply(reply, session.family), limitsOf(longest))
  }
  const job = await runLimited(limitsOf(timeoutMs), (signal) => submit(sending, jobs, signal), fail)
  const reply = await runLimited(
    limitsOf(jobs.timeoutMs),
    (signal) => awaitJob(session, jobs, job, signal),
    failWith(session, { isSent: true, headers: exchange.headers }),
  )
  return withFiles(session, reply, limitsOf(longest))
}

/** The step has its own limit. */
const longest = Number.POSITIVE_INFINITY

interface Sending {
  readonly session: Session
  readonly call: TransportCall
  readonly body: EncodedBody
  readonly exchange: Exchange
}

const send = async (
  { session, call, body, exchange }: Sending,
  signal: AbortSignal,
): Promise<HttpReply> => {
  const url = callUrl(session.base, call)
  const { onEvent } = call
  // A stream repeats its images, and keeps its last event only.
  const maxReplyBytes = onEvent ? undefined : call.maxReplyBytes
  const reply = await sendWithKey(
    session,
    { method: "POST", url, body },
    { exchange, signal, maxReplyBytes, onEvent },
  )
  if (!/^text\/html/i.test(reply.headers["content-type"] ?? "")) return reply
  throw lostResult(
    "invalid_response",
    `${url.host} answered the call of ${call.model} with a page of HTML; check http({ baseUrl }). The call may have been billed`,
  )
}

/** How long the answer to a submit is awaited after the caller has left. */
const graceMs = 10_000

/**
 * Orders a job. A submit that was sent is not cut when the signal aborts: its job is reported, and
 * can be resumed.
 */
const submit = (sending: Sending, jobs: HttpJobs, signal: AbortSignal): Promise<Job> => {
  const { session, call, exchange } = sending
  const { pending } = session.shared
  const controller = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const leave = (): void => {
    if (!exchange.isSent) {
      controller.abort()
      return
    }
    timer = setTimeout(() => controller.abort(), graceMs)
    pending.add(answered)
  }
  signal.addEventListener("abort", leave, { once: true })
  const answered = send(sending, controller.signal)
    .then(async (reply) => {
      const job = readJob(session, jobs, reply)
      // The order is paid for, so its result is delivered even when the job cannot be recorded.
      await call.onSubmitted?.(job).catch(() => {})
      return job
    })
    .finally(() => {
      clearTimeout(timer)
      pending.delete(answered)
    })
  return answered
}
