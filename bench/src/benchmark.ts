import type { Gate } from "./gate.ts"

/** One row of the table. */
export interface Benchmark<World = Context> {
  readonly name: string
  readonly subject: string
  /** Without a baseline, the table shows the values in `unit`. */
  readonly baseline?: string
  readonly unit: string
  readonly gate?: Gate
  /** Default number of interleaved pairs. */
  readonly pairs: number
  readonly open: (world: World) => Promise<Measuring>
}

export interface Context {
  /** URL of the upstream. */
  readonly url: string
  readonly picture: Picture
}

export interface Picture {
  /** The bytes of Nova Canvas's reply. */
  readonly reply: Buffer
  /** Hash of the image in the reply. */
  readonly sha256: string
}

/** Each function takes one measurement in the benchmark's unit. */
export interface Measuring {
  readonly subject: () => Promise<number>
  readonly baseline?: () => Promise<number>
  readonly close: () => void | Promise<void>
}
