import type { Family, Size } from "./replies.ts"

/** To the upstream: its answers from now on. */
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
  /** Each sends its next request after its last answer. */
  readonly connections: number
  /** In total. */
  readonly requests: number
}

/** From the load, in milliseconds. */
export interface Times {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly elapsedMs: number
}

/** What is measured; each meter disturbs the others a little. */
export type Meter = "cpu" | "memory" | "delay"

/** To a measured server: begin, or end and report. */
export type Watch = Meter | "end"

/** From a measured server. */
export interface Watched {
  /** User and system time of all threads. */
  readonly cpuMs: number
  /** Peak memory above the start; 0 if not measured. */
  readonly grownBytes: number
  /** Event loop delay; 0 if not measured. */
  readonly delayP99Ms: number
}
