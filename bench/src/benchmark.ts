import type { Gate } from "./gate.ts"

/** One row of the table: what is measured, against what, and what the ratio has to keep to. */
export interface Benchmark<World = Context> {
  readonly name: string
  readonly subject: string
  /** Absent where there is nothing to compare with: then the numbers themselves are shown, in `unit`. */
  readonly baseline?: string
  readonly unit: string
  readonly gate?: Gate
  /** Interleaved pairs, if the command does not say. */
  readonly pairs: number
  readonly open: (world: World) => Promise<Measuring>
}

export interface Context {
  /** Where the upstream of this run listens. */
  readonly url: string
  readonly picture: Picture
}

export interface Picture {
  /** The bytes of Nova Canvas's reply. */
  readonly reply: Buffer
  /** Of the picture in it. */
  readonly sha256: string
}

/** Each function measures one side once, in the benchmark's unit. */
export interface Measuring {
  readonly subject: () => Promise<number>
  readonly baseline?: () => Promise<number>
  readonly close: () => void | Promise<void>
}
