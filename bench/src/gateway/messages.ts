import type { Family, Size } from "./replies.ts"

/** To the upstream: what it answers from now on. */
export interface Setting {
  readonly size: Size
  readonly latencyMs: number
}

/** To the load: one run. */
export interface Round {
  readonly port: number
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly family: Family
  readonly size: Size
  /** Each sends its next request when its last one is answered. */
  readonly connections: number
  /** In all. */
  readonly requests: number
}

/** From the load, in milliseconds. */
export interface Times {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly elapsedMs: number
}

/** What is read of a server's process; each of them costs a little of the others. */
export type Meter = "cpu" | "memory" | "delay"

/** To a server that is measured: begin, or tell and end. */
export type Watch = Meter | "end"

/** From a server that is measured. */
export interface Watched {
  /** User and system time of all threads since the beginning. */
  readonly cpuMs: number
  /** Most memory above that of the beginning; 0 where it was not watched. */
  readonly grownBytes: number
  /** Of the event loop's delays; 0 where they were not watched. */
  readonly delayP99Ms: number
}
