import { ImageError, isImageError } from "@pictor/core"
import { type HttpFamily, type HttpJobs, type Job, lift, type Reply } from "@pictor/core/adapter"
import { defined, valueAt } from "@pictor/core/host"
import { cancelUrl, pollUrl } from "./address.ts"
import type { HttpReply } from "./client.ts"
import { createExchange, lostResult, requestIdOf } from "./errors.ts"
import { runLimited, wait } from "./limits.ts"
import { failWith, type Session, sendWithKey } from "./session.ts"

const pollTimeoutMs = 30_000
const maxIdLength = 500
const maxUrlLength = 4096
/** Each wait is this many times as long as the one before. */
const growth = 1.5

/** The job in the answer to a submit. */
export const readJob = (session: Session, jobs: HttpJobs, reply: HttpReply): Job => {
  const { model } = session.call
  const answer = readJson(reply.body)
  const [id, url] = [jobs.id, jobs.url ?? ""].map((path) => path && textAt(answer, path))
  if (!id || id.length > maxIdLength)
    throw lostResult(
      "invalid_response",
      `${session.family.provider} accepted the call of ${model} without an id of its job, so its result cannot be fetched; it may have been billed`,
    )
  return { id, ...(url && url.length <= maxUrlLength && { url }) }
}

const readJson = (body: Uint8Array): unknown => {
  try {
    return lift(body)
  } catch {
    return undefined
  }
}

const textAt = (answer: unknown, path: string): string | undefined => {
  const value =
    typeof answer === "object" && answer !== null
      ? valueAt(answer as Readonly<Record<string, unknown>>, path)
      : undefined
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined
}

/** Polls a job until it has ended. A failed poll is repeated. */
export const awaitJob = async (
  session: Session,
  jobs: HttpJobs,
  job: Job,
  signal: AbortSignal,
): Promise<Reply> => {
  let waitMs = jobs.firstWaitMs
  let askedMs = 0
  for (;;) {
    await wait(Math.max(withJitter(waitMs), askedMs), signal)
    await session.shared.polls.turn(signal)
    const seen = await lookAt(session, jobs, job, signal).catch(passingError)
    if (seen === "lost") throw lostJob(session)
    if (seen !== "running" && !isImageError(seen)) return seen
    askedMs = isImageError(seen) ? (seen.retryAfterMs ?? 0) : 0
    waitMs = Math.min(waitMs * growth, jobs.longestWaitMs)
  }
}

/** Jobs that were submitted together are not polled together. */
const withJitter = (milliseconds: number): number => milliseconds * (0.75 + Math.random() / 2)

const lostJob = ({ family, call }: Session): ImageError =>
  lostResult(
    "provider_failed",
    `${family.provider} no longer knows the job of ${call.model}; it may have been billed, so check before you try again`,
  )

const passing: ReadonlySet<string> = new Set([
  "invalid_response",
  "provider_failed",
  "rate_limited",
  "timeout",
  "unavailable",
])

/** Returns the error of a poll that is repeated, and throws any other: the job was ordered. */
const passingError = (error: unknown): ImageError => {
  if (!isImageError(error)) throw error
  if (passing.has(error.code) && !isTooLarge(error)) return error
  const { code, message, status, stage, requestId } = error
  const maybeBilled = code !== "content_filtered"
  throw new ImageError({
    code,
    message,
    retryable: false,
    maybeBilled,
    ...defined({ status, stage, requestId }),
  })
}

/** The same reply would come again. */
const isTooLarge = ({ code, maybeBilled }: ImageError): boolean =>
  code === "invalid_response" && maybeBilled

/** Polls once. */
export const lookAt = async (
  session: Session,
  jobs: HttpJobs,
  job: Job,
  signal: AbortSignal | undefined,
): Promise<Reply | "running" | "lost"> => {
  const url = pollUrl(job, session.family, jobs, session.base)
  if (!url) throw foreignPoll(session, job)
  const exchange = createExchange()
  try {
    const reply = await runLimited(
      { signal, timeoutMs: pollTimeoutMs },
      (limited) => sendWithKey(session, { method: "GET", url }, { exchange, signal: limited }),
      // A poll is not billed, whether or not it was sent.
      failWith(session, { isSent: false, headers: {} }),
    )
    return stateOf(session, jobs, reply)
  } catch (error) {
    if (isImageError(error) && (error.status === 404 || error.status === 410)) return "lost"
    throw error
  }
}

const foreignPoll = ({ family, call }: Session, { url }: Job): ImageError => {
  const host = url !== undefined && URL.canParse(url) ? ` on ${new URL(url).host}` : ""
  return lostResult(
    "invalid_response",
    `The job of ${call.model} has to be polled${host || " at an address that is missing"}, where no key of ${family.provider} is sent; set http({ baseUrl }) to the API's own address. The job may have been billed`,
  )
}

const stateOf = (
  { family, call }: Session,
  { running, state, lost = [] }: HttpJobs,
  reply: HttpReply,
): Reply | "running" | "lost" => {
  const current = state === undefined ? undefined : textAt(readJson(reply.body), state)
  if (current !== undefined && lost.includes(current)) return "lost"
  const isRunning =
    "status" in running
      ? reply.statusCode === running.status
      : current !== undefined && running.includes(current)
  if (isRunning) return "running"
  if (state === undefined || current !== undefined) return toReply(reply, family)
  throw new ImageError({
    code: "invalid_response",
    message: `${family.provider} answered the poll of ${call.model} without the job's state`,
    status: reply.statusCode,
  })
}

export const toReply = (
  { body, statusCode, headers }: HttpReply,
  family: Pick<HttpFamily, "requestId">,
): Reply => ({
  body,
  status: statusCode,
  headers,
  ...defined({ requestId: requestIdOf(headers, family) }),
})

/** Asks the API to cancel a job. Unless the API confirms it, the job may be charged. */
export const cancelJob = async (
  session: Session,
  { cancel }: HttpJobs,
  job: Job,
  signal: AbortSignal | undefined,
): Promise<"cancelled" | "too-late"> => {
  if (!cancel) return "too-late"
  const url = cancelUrl(job, cancel.endpoint, session.base)
  try {
    await runLimited(
      { signal, timeoutMs: pollTimeoutMs },
      (limited) =>
        sendWithKey(
          session,
          { method: cancel.method, url },
          { exchange: createExchange(), signal: limited },
        ),
      failWith(session, { isSent: false, headers: {} }),
    )
    return "cancelled"
  } catch (error) {
    if (isImageError(error, "misconfigured") || isImageError(error, "unauthenticated")) throw error
    return "too-late"
  }
}
