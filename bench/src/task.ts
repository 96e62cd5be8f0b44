/** What a worker measures. */
export interface Task {
  /** Once; this alone is measured. */
  readonly run: () => unknown
  /** The picture in what `run` came to, to be compared; not measured. Absent where it comes to none, or to another each time. */
  readonly picture?: (result: never) => Uint8Array | Promise<Uint8Array>
}

/** `cpu`: CPU milliseconds of the whole process per run. `held`: bytes of memory more after one run than before. */
export type Metric = "cpu" | "held"

/** Asks a worker for `count` runs. */
export interface Order {
  readonly count: number
  readonly metric: Metric
}

export interface Answer {
  readonly value: number
  /** Of the last run's picture. */
  readonly sha256?: string
}
