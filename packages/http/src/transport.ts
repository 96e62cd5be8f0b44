import type { Job, Reply, ResumedCall, Transport } from "@pictor/core/adapter"
import { createHttpClient } from "./client.ts"
import { withFiles } from "./files.ts"
import { invoke } from "./invoke.ts"
import { cancelJob, lookAt } from "./jobs.ts"
import { checkOptions, defaultMaxBodyBytes, defaultTimeoutMs, type HttpOptions } from "./options.ts"
import { createPollBudget } from "./poll-budget.ts"
import { authorize, createOwnBase, openSession, type Shared } from "./session.ts"

const defaultPollsPerSecond = 10

/**
 * The transport to an HTTP API. The adapter's family says how the API is called.
 *
 * @example
 * createPictor({ adapters: [myModel(http({ key: process.env.MY_KEY }))] })
 */
export const http = (options: HttpOptions = {}): Transport => {
  checkOptions(options)
  const ownBase = createOwnBase(options)
  let isUsed = false
  const shared: Shared = {
    options,
    client: createHttpClient(options),
    polls: createPollBudget(options.pollsPerSecond ?? defaultPollsPerSecond),
    ownBase: ownBase.find,
    pending: new Set(),
  }
  return {
    name: "http",
    ...(options.provider !== undefined && { provider: options.provider }),
    maxBodyBytes: options.maxBodyBytes ?? defaultMaxBodyBytes,
    invoke: (call) => {
      isUsed = true
      return invoke(call, shared)
    },
    resume: (job, call) => {
      isUsed = true
      return resume(job, call, shared)
    },
    cancel: async (job, call) => {
      const limits = { signal: call.signal, timeoutMs: options.timeoutMs ?? defaultTimeoutMs }
      const session = await openSession(call, shared, limits)
      const { jobs } = session.family
      return jobs ? cancelJob(session, jobs, job, call.signal) : "too-late"
    },
    region: async (requested) => options.region ?? requested,
    check: async () => {
      await authorize(options, undefined)
    },
    close: async () => {
      await Promise.allSettled(shared.pending)
      shared.client.close()
      ownBase.forget()
      if (!isUsed) return
      isUsed = false
      await options.onClose?.()
    },
  }
}

const resume = async (
  job: Job,
  call: ResumedCall,
  shared: Shared,
): Promise<Reply | "running" | "lost"> => {
  const limits = { signal: call.signal, timeoutMs: shared.options.timeoutMs ?? defaultTimeoutMs }
  const session = await openSession(call, shared, limits)
  const { jobs } = session.family
  if (!jobs) return "lost"
  const seen = await lookAt(session, jobs, job, call.signal)
  return typeof seen === "string" ? seen : withFiles(session, seen, limits)
}
