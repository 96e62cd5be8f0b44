/** What a worker measures. */
export interface Task {
  /** One run; only this is measured. */
  readonly run: () => unknown
  /** The image in the result, for comparison. Absent if there is none or it varies. */
  readonly picture?: (result: never) => Uint8Array | Promise<Uint8Array>
}

/** `cpu`: CPU milliseconds of the process per run. `held`: memory growth of one run in bytes. */
export type Metric = "cpu" | "held"

/** Message to a worker. */
export interface Order {
  readonly count: number
  readonly metric: Metric
}

export interface Answer {
  readonly value: number
  /** Hash of the last run's image. */
  readonly sha256?: string
}
