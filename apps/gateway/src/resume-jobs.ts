import type { Pictor, ResumeResult, UnfinishedRow } from "@pictor/core"
import type { Logger } from "pino"
import { reasonOf } from "./observability/log.ts"
import type { Metrics } from "./observability/metrics.ts"

const everyMs = 20_000

/** Jobs that are resumed at the same time: each may hold its images in memory. */
const parallel = 4

/** Of one job, with the download of its images. */
const timeoutMs = 120_000

const longestWaitMs = 3_600_000

/** A row whose job gave no final answer, and when it is tried again. */
interface Retry {
  readonly failures: number
  readonly nextMs: number
}

export interface ResumeJobsOptions {
  readonly pictor: Pick<Pictor, "unfinished" | "resume">
  readonly log: Logger
  readonly metrics: Pick<Metrics, "jobResumed">
  /** Milliseconds. */
  readonly now: () => number
}

/**
 * Resumes the jobs that a crash, an abort or a deadline left behind, now and every 20 s. Their
 * images go to the image store, where a repeated idempotency key finds them.
 */
export const startResumingJobs = (options: ResumeJobsOptions) => {
  const { pictor, log } = options
  const stop = new AbortController()
  let retries: ReadonlyMap<string, Retry> = new Map()
  let timer: NodeJS.Timeout | undefined

  const resumeAll = async (): Promise<void> => {
    const rows = (await pictor.unfinished()).filter(isAbandoned)
    const former = retries
    const next = new Map<string, Retry>()
    retries = next
    const queue = rows.values()
    const work = async (): Promise<void> => {
      for (const row of queue) {
        const retry = former.get(row.id)
        if (stop.signal.aborted) return
        const isDue = retry === undefined || options.now() >= retry.nextMs
        const isOpen = isDue ? await resumeOne(row, options, stop.signal) : undefined
        // A row that is still listed next time had no final answer.
        if (isOpen === undefined && retry) next.set(row.id, retry)
        if (isOpen === false) next.set(row.id, nextRetry(retry, options.now()))
      }
    }
    await Promise.all(Array.from({ length: parallel }, work))
  }

  const run = async (): Promise<void> => {
    try {
      await resumeAll()
    } catch (thrown) {
      log.warn(reasonOf(thrown), "unfinished jobs could not be listed")
    }
    if (!stop.signal.aborted)
      timer = setTimeout(() => {
        running = run()
      }, everyMs).unref()
  }

  let running = run()
  return {
    close: async (): Promise<void> => {
      stop.abort()
      clearTimeout(timer)
      await running
    },
  }
}

/** A reserved row belongs to a process that runs, or did until a minute ago. */
const isAbandoned = ({ state, resumable }: UnfinishedRow): boolean =>
  resumable && state !== "reserved"

const nextRetry = (retry: Retry | undefined, nowMs: number): Retry => {
  const failures = (retry?.failures ?? 0) + 1
  return { failures, nextMs: nowMs + Math.min(longestWaitMs, everyMs * 2 ** failures) }
}

/** Is the job still running? */
const resumeOne = async (
  row: UnfinishedRow,
  { pictor, log, metrics }: ResumeJobsOptions,
  stop: AbortSignal,
): Promise<boolean> => {
  const { id, model, provider } = row
  const facts = { row: id, model, provider, deployment: row.job?.adapter, job: row.job?.id }
  try {
    const signal = AbortSignal.any([stop, AbortSignal.timeout(timeoutMs)])
    const result = await pictor.resume(id, { signal })
    metrics.jobResumed(row, result)
    if (result.status === "running") return true
    const isClean = "slots" in result && result.warnings.length === 0
    log[isClean ? "info" : "warn"]({ ...facts, ...linesOf(result) }, "job resumed")
  } catch (thrown) {
    if (stop.aborted) return true
    metrics.jobResumed(row, { status: "error" })
    log.warn({ ...facts, ...reasonOf(thrown) }, "job could not be resumed")
  }
  return false
}

const linesOf = (result: ResumeResult) => {
  if (!("slots" in result)) return { status: result.status }
  const { status, slots, cost, warnings } = result
  const delivered = slots.filter((slot) => slot.status === "delivered").length
  return { status, images: delivered, cost, ...(warnings.length > 0 && { warnings }) }
}
