import { ImageError } from "../contract/errors.ts"
import type { Job, Reply, Transport, TransportCall } from "../contract/transport.ts"
import { healthy, parse } from "./client.ts"

/** Where a process may stop: before the order, after it, before each poll, before the download. */
export type Point = "order" | "ordered" | "poll" | "download"

interface ProviderJob {
  readonly id: string
  readonly call: TransportCall
  polls: number
  state: "running" | "cancelled"
}

export interface JobProviderOptions {
  /** Polls that answer `running`. Default 1. */
  readonly runningPolls?: number
  /** The reply of an ended job. Default: every image. */
  readonly reply?: (call: TransportCall, job: string) => Reply
}

const stopped = (isSent: boolean): ImageError =>
  new ImageError({ code: "aborted", message: "Aborted.", maybeBilled: isSent })

/** A provider whose calls are jobs; it bills every job that is not cancelled. */
export const jobProvider = ({ runningPolls = 1, reply = healthy }: JobProviderOptions = {}) => {
  const jobs: ProviderJob[] = []
  const lost = new Set<string>()
  const submits = new Set<Promise<Job>>()
  const find = (id: string): ProviderJob | undefined =>
    lost.has(id) ? undefined : jobs.find((job) => job.id === id)

  const poll = (id: string): Reply | "running" | "lost" => {
    const job = find(id)
    if (!job || job.state === "cancelled") return "lost"
    job.polls += 1
    return job.polls > runningPolls ? reply(job.call, id) : "running"
  }

  const order = (call: TransportCall): Job => {
    const id = `job-${jobs.length + 1}`
    jobs.push({ id, call, polls: 0, state: "running" })
    return { id, url: `https://jobs.example/${id}` }
  }

  /** One process's transport. `at` may wait, throw, or never resolve: the process is killed. */
  const transport = (
    at: (point: Point) => Promise<void> | void = () => {},
    more: Partial<Transport> = {},
  ): Transport => ({
    name: "jobs",
    close: async () => void (await Promise.allSettled(submits)),
    provider: "acme",
    parse,
    invoke: (call) => {
      let isSent = false
      const { signal } = call
      const submit = async (): Promise<Job> => {
        await at("order")
        isSent = true
        const job = order(call)
        await at("ordered")
        await call.onSubmitted?.(job)
        return job
      }
      const run = async (): Promise<Reply> => {
        const submitted = submit()
        submits.add(submitted)
        const { id } = await submitted
        for (;;) {
          await at("poll")
          if (signal?.aborted) throw stopped(true)
          const seen = poll(id)
          if (seen === "lost")
            throw new ImageError({ code: "provider_failed", message: "Lost.", maybeBilled: true })
          if (seen === "running") continue
          await at("download")
          return seen
        }
      }
      return new Promise((resolve, reject) => {
        // The caller is answered at once; the submit goes on.
        signal?.addEventListener("abort", () => reject(stopped(isSent)), { once: true })
        run().then(resolve, reject)
      })
    },
    resume: async ({ id }) => {
      await at("poll")
      return poll(id)
    },
    ...more,
  })

  return {
    transport,
    jobs,
    /** Forgets a job. */
    lose: (id: string) => lost.add(id),
    cancel: (id: string): "cancelled" | "too-late" => {
      const job = find(id)
      if (job?.state !== "running" || job.polls > runningPolls) return "too-late"
      job.state = "cancelled"
      return "cancelled"
    },
    /** Jobs that the provider charges. */
    billed: () => jobs.filter(({ state }) => state !== "cancelled"),
  }
}

/** Never resolves: the process is killed here. */
export const killed = (): Promise<void> => new Promise(() => {})
