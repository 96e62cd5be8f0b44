import type { Clock } from "@pictor/emulator-kit"
import type { Fault } from "./faults.ts"
import type { PreviewFormat } from "./rules.ts"
import type { BillEntry } from "./usage.ts"

/** A request as the emulator received it. */
export type RecordedRequest = {
  readonly method: string
  /** With the query. */
  readonly path: string
  /** With lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  /** The parsed JSON, the form, or undefined where the body was not read. */
  readonly body: unknown
}

export type EmulatorOptions = {
  /** Default 0, a free port. */
  readonly port?: number
  /** Rules by which requests fail. The first one that matches applies. */
  readonly faults?: readonly Fault[]
  /** How long every answer takes. Default 0. */
  readonly latencyMs?: number
  /** Makes request ids and pictures repeatable. Default 0. */
  readonly seed?: number
  /** The only accepted key. Default: any. */
  readonly apiKey?: string
  /** The models behind Azure's deployments. A deployment may also be named as its model. */
  readonly deployments?: { readonly [deployment: string]: string }
  /** Preview formats that are accepted. Default: none. */
  readonly access?: readonly PreviewFormat[]
  /** Requests above it are answered with 429. Default: no limit. */
  readonly requestsPerMinute?: number
  /** Reports and bills the input of a repeated request as cached. Default false. */
  readonly cache?: boolean
  /** How long xAI's URLs work. Default 3,600,000. */
  readonly urlLifetimeMs?: number
  /** Default: the system's. */
  readonly clock?: Clock
  /** Where requests are recorded. */
  readonly requests?: RecordedRequest[]
  /** How many of the latest requests stay recorded: each keeps its whole body. Default: all. */
  readonly keepRequests?: number
  /** Where charges are recorded, at most the latest 100,000. */
  readonly bill?: BillEntry[]
}

export const optionNames = {
  port: true,
  faults: true,
  latencyMs: true,
  seed: true,
  apiKey: true,
  deployments: true,
  access: true,
  requestsPerMinute: true,
  cache: true,
  urlLifetimeMs: true,
  clock: true,
  requests: true,
  keepRequests: true,
  bill: true,
} satisfies Record<keyof EmulatorOptions, true>
