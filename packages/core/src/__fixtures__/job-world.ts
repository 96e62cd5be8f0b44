import { createPictor } from "../client.ts"
import type { ImageAdapter } from "../contract/adapter.ts"
import type { Pictor, PictorOptions } from "../contract/client.ts"
import type { Ledger } from "../contract/ledger.ts"
import type { Transport } from "../contract/transport.ts"
import { memoryLedger } from "../ledger/memory-ledger.ts"
import { noon, stillRuntime } from "./client.ts"
import { grid } from "./families.ts"
import { type JobProviderOptions, jobProvider, killed, type Point } from "./job-provider.ts"

/** $0.04 an image, up to five a call. */
export const model = "acme.grid-v1:0"

type Options = Partial<PictorOptions<readonly ImageAdapter[]>>

/** A provider of jobs, a ledger, and any number of processes that share both. */
export const jobWorld = (settings: JobProviderOptions = {}) => {
  const provider = jobProvider(settings)
  let nowMs = noon
  const now = (): number => nowMs
  const ledger = memoryLedger({ now, random: () => 0.5 })
  const process = (
    at?: (point: Point) => Promise<void> | void,
    more?: Partial<Transport>,
    options: Options = {},
  ): Pictor =>
    createPictor<readonly ImageAdapter[]>({
      adapters: [grid(provider.transport(at, more))],
      ledger,
      runtime: { ...stillRuntime(), now },
      ...options,
    })
  return {
    provider,
    ledger,
    process,
    /** Starts a request in a process that is killed at a point, and waits until its lease ends. */
    kill: async (point: Point, request: object = {}, options: Options = {}): Promise<void> => {
      let reached = (): void => {}
      const isKilled = new Promise<void>((resolve) => {
        reached = resolve
      })
      const at = (each: Point): Promise<void> | undefined => {
        if (each !== point) return undefined
        reached()
        return killed()
      }
      const ended = process(at, {}, options).generate({ model, prompt: "a", ...request })
      await Promise.race([isKilled, ended])
      nowMs += 61_000
    },
    pass: (milliseconds: number) => {
      nowMs += milliseconds
    },
    /** The only unfinished row. */
    row: async () => {
      const [row, ...more] = await ledger.unresolved({ jobs: true })
      if (!row || more.length > 0) throw new Error(`${more.length + 1} rows are unfinished`)
      return row
    },
  }
}

/** A ledger of which some methods fail. */
export const failing = (ledger: Ledger, ...methods: readonly (keyof Ledger)[]): Ledger => ({
  ...ledger,
  ...Object.fromEntries(
    methods.map((name) => [name, () => Promise.reject(new Error("The disk is full."))]),
  ),
})
