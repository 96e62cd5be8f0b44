import { type Clock, checkNames, serveFetch, systemClock } from "@pictor/emulator-kit"
import { createApiApp } from "./api.ts"
import type { Fault } from "./faults.ts"
import { type Bill, createJobTable } from "./jobs.ts"
import { createRecorder, type RecordedRequest } from "./requests.ts"
import { createSampleApp, createSigner, samplePath } from "./samples.ts"

export type FluxEmulatorOptions = {
  /** The port of the API on 127.0.0.1. Default 0, a free port. */
  readonly port?: number
  /** The port of the host of results. Default 0, a free port. */
  readonly samplePort?: number
  /** Rules by which requests fail. The first one that matches applies. */
  readonly faults?: readonly Fault[]
  /** How long every answer of the API takes. Default 0. */
  readonly latencyMs?: number
  /** Makes ids and the seeds of requests without one repeatable. Default 0. */
  readonly seed?: number
  /** How many polls of a job are answered `Pending`. Default 1. Not beside `jobMs`. */
  readonly pendingPolls?: number
  /** How long a job takes by the clock. By default polls move a job on. */
  readonly jobMs?: number
  /** How long a result can be downloaded. Default: ten minutes, an hour for FLUX 3. */
  readonly sampleMs?: number
  /** The time. Default: that of the system. */
  readonly clock?: Clock
  /** The keys that are valid. Default: any. */
  readonly keys?: readonly string[]
  /** The credits of the account. Default: no limit. */
  readonly credits?: number
  /** How many of the latest requests stay recorded: each keeps its whole body. Default: all. */
  readonly keepRequests?: number
  /** Where requests are recorded. */
  readonly requests?: RecordedRequest[]
}

export const optionNames = {
  port: true,
  samplePort: true,
  faults: true,
  latencyMs: true,
  seed: true,
  pendingPolls: true,
  jobMs: true,
  sampleMs: true,
  clock: true,
  keys: true,
  credits: true,
  keepRequests: true,
  requests: true,
} satisfies Record<keyof FluxEmulatorOptions, true>

export type FluxEmulator = {
  /** The base URL of the API. */
  readonly url: string
  /** The origin of the results, which is not the API's. */
  readonly sampleUrl: string
  /** All submits, polls and downloads received, in order. */
  readonly requests: readonly RecordedRequest[]
  /** The jobs, with their state and charge. */
  readonly bill: () => Bill
  /** Moves the clock on. */
  readonly advance: (milliseconds: number) => void
  /** Stops the emulator at once, with all connections and answers in progress. */
  readonly close: () => Promise<void>
}

/**
 * Starts an emulator of Black Forest Labs' FLUX API on the loopback interface: the API on one port,
 * the results on another.
 *
 * @example
 * const emulator = await createFluxEmulator({ seed: 1 })
 * const submitted = await fetch(`${emulator.url}/v1/flux-2-pro`, {
 *   method: "POST",
 *   headers: { "x-key": "any" },
 *   body: JSON.stringify({ prompt: "A lighthouse in fog" }),
 * })
 */
export const createFluxEmulator = async (
  options: FluxEmulatorOptions = {},
): Promise<FluxEmulator> => {
  checkNames("createFluxEmulator", options, optionNames)
  const { seed = 0, faults = [], latencyMs = 0, pendingPolls, jobMs, keys, credits } = options
  if (pendingPolls !== undefined && jobMs !== undefined)
    throw new TypeError("createFluxEmulator takes pendingPolls or jobMs, not both.")
  const { clock: base = systemClock, sampleMs } = options
  let advanced = 0
  const clock: Clock = { now: () => base.now() + advanced }
  const pace = jobMs === undefined ? { pendingPolls: pendingPolls ?? 1 } : { jobMs }
  const jobs = createJobTable({ clock, pace, seed, sampleMs })
  const recorder = createRecorder(options.requests ?? [], options.keepRequests)
  const sign = createSigner(seed)
  const advance = (milliseconds: number): void => {
    advanced += milliseconds
  }
  const samples = await serveFetch(
    createSampleApp({ jobs, clock, sign, recorder }).fetch,
    options.samplePort,
  )
  const apiApp = createApiApp({
    jobs,
    recorder,
    faults,
    latencyMs,
    seed,
    keys,
    credits,
    advance,
    sampleUrl: (job) => `${samples.url}${samplePath(job, jobs.expiresAt(job), sign)}`,
  })
  const api = await serveFetch(apiApp.fetch, options.port).catch(async (error: unknown) => {
    await samples.close()
    throw error
  })
  return {
    url: api.url,
    sampleUrl: samples.url,
    requests: recorder.requests,
    bill: jobs.bill,
    advance,
    close: async () => {
      await Promise.all([api.close(), samples.close()])
    },
  }
}
