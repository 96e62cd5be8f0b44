import { type Clock, type Format, requestId } from "@pictor/emulator-kit"
import { endpoints } from "./endpoints.ts"
import { endingOf, type Fault, type FaultKind, type Status } from "./faults.ts"
import { type Charge, microUsdPerCredit } from "./prices.ts"
import type { EndpointName } from "./schemas.ts"

/**
 * What moves a job on: its polls, of which so many are answered `Pending`, or the clock, so long
 * after the submit.
 */
type Pace = { readonly pendingPolls: number } | { readonly jobMs: number }

/** An accepted order. */
export type Order = {
  readonly endpoint: EndpointName
  readonly format: Format
  readonly charge: Charge
  readonly seed: number
  readonly fault: Fault | undefined
  readonly render: Render
}

/** Draws the result: equal orders give equal bytes. */
type Render = () => Promise<Buffer>

export type Job = Omit<Order, "render"> & {
  readonly id: string
  readonly submittedAt: number
  /** Polls that were answered with a status. */
  polls: number
  downloads: number
  /** How many times the job's fault has struck. */
  struck: number
  finishedAt: number | undefined
  /** Undefined once the result is gone. */
  render: Render | undefined
}

/** One row of the bill. */
export type BillEntry = {
  readonly id: string
  readonly endpoint: EndpointName
  /** A moderated or failed job costs nothing; an open one will cost its price if it ends well. */
  readonly state: "open" | "charged" | "released"
  readonly credits: number
  readonly microUsd: number
  readonly inputMegapixels: number
  readonly outputMegapixels: number
  readonly polls: number
  readonly downloads: number
}

export type Bill = {
  readonly entries: readonly BillEntry[]
  /** Of all open and charged entries. */
  readonly credits: number
  readonly microUsd: number
}

export type JobTable = {
  readonly submit: (order: Order) => Job
  readonly find: (id: string) => Job | undefined
  /** Where a job has got to. A poll has to be counted before. */
  readonly status: (job: Job) => Status
  /** Jobs that have not ended, of one endpoint or of all. */
  readonly active: (endpoint?: EndpointName) => number
  /** When the result of a finished job can no longer be downloaded. */
  readonly expiresAt: (job: Job) => number
  /** Counts one strike of the job's fault. False if the job has another fault or it is over. */
  readonly strikes: (job: Job, kind: FaultKind) => boolean
  readonly bill: () => Bill
}

/** Jobs end after this time even where nobody polls. */
const longestJobMs = 600_000

/** The latest results that can be downloaded: each holds the pictures of its order. */
const maxResults = 1000

type TableOptions = {
  readonly clock: Clock
  readonly pace: Pace
  readonly seed: number
  readonly sampleMs: number | undefined
}

export const createJobTable = (options: TableOptions): JobTable => {
  const { clock, pace, seed, sampleMs } = options
  const jobs = new Map<string, Job>()
  const running = new Set<Job>()
  const results: Job[] = []
  const status = (job: Job): Status => {
    const stage = stageOf(job, pace, clock.now())
    if (stage < endOf(job))
      return endpoints[job.endpoint].stages ? (stages[stage] ?? "Generating") : "Pending"
    job.finishedAt ??= "jobMs" in pace ? job.submittedAt + pace.jobMs : clock.now()
    return endingOf(job.fault)
  }
  const expiresAt = (job: Job): number =>
    (job.finishedAt ?? clock.now()) +
    (job.fault?.kind === "expired-sample" ? 0 : (sampleMs ?? endpoints[job.endpoint].sampleMs))
  const isGone = (job: Job | undefined): boolean =>
    job?.finishedAt !== undefined && clock.now() >= expiresAt(job)
  const dropResults = (): void => {
    while (results.length > maxResults || isGone(results[0])) {
      const oldest = results.shift()
      if (oldest !== undefined) oldest.render = undefined
    }
  }
  return {
    submit: (order) => {
      const job: Job = {
        ...order,
        id: requestId(seed, jobs.size + 1),
        submittedAt: clock.now(),
        polls: 0,
        downloads: 0,
        struck: 0,
        finishedAt: undefined,
      }
      jobs.set(job.id, job)
      running.add(job)
      results.push(job)
      dropResults()
      return job
    },
    find: (id) => jobs.get(id),
    status,
    active: (endpoint) => {
      for (const job of running) if (!isRunning(status(job))) running.delete(job)
      return [...running].filter((job) => endpoint === undefined || job.endpoint === endpoint)
        .length
    },
    expiresAt,
    strikes: (job, kind) => {
      if (job.fault?.kind !== kind || job.struck >= (job.fault.count ?? 1)) return false
      job.struck += 1
      return true
    },
    bill: () => {
      const entries = [...jobs.values()].map((job) => billEntry(job, status(job)))
      const microUsd = entries.reduce(
        (sum, entry) => sum + (entry.state === "released" ? 0 : entry.microUsd),
        0,
      )
      return { entries, microUsd, credits: microUsd / microUsdPerCredit }
    },
  }
}

const stages: readonly Status[] = ["Pending", "Reasoning", "Generating"]

/** 0 to 2 for the running stages, 3 for the end. */
const stageOf = (job: Job, pace: Pace, now: number): number => {
  const elapsed = now - job.submittedAt
  if ("jobMs" in pace)
    return elapsed >= pace.jobMs ? 3 : Math.min(2, Math.floor((3 * elapsed) / pace.jobMs))
  if (elapsed >= longestJobMs) return 3
  return Math.min(3, Math.max(0, job.polls - pace.pendingPolls))
}

/** The stage at which the job ends: a request is moderated before anything is drawn. */
const endOf = ({ fault }: Job): number => {
  if (fault?.kind === "never-ready") return Number.POSITIVE_INFINITY
  return fault?.kind === "request-moderated" ? 1 : 3
}

const isRunning = (status: Status): boolean => stages.includes(status)

const billEntry = (job: Job, status: Status): BillEntry => {
  const { id, endpoint, charge, polls, downloads } = job
  const ended = status === "Ready" ? "charged" : "released"
  return {
    id,
    endpoint,
    state: isRunning(status) ? "open" : ended,
    credits: charge.microUsd / microUsdPerCredit,
    ...charge,
    polls,
    downloads,
  }
}
