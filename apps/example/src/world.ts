import type { Transport } from "@pictor/core/adapter"
import type { Surroundings, Terminal } from "@pictor/terminal"

/** Everything outside the app, which tests replace. */
export interface World {
  readonly terminal: Terminal
  /** Fires at Ctrl-C. */
  readonly signal: AbortSignal
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** `--out` is relative to it. */
  readonly folder: string
  readonly surroundings: Surroundings & { readonly environment: NodeJS.ProcessEnv }
  /** To an emulator in this process. */
  readonly emulate: () => (region: string) => Transport
  /** To AWS: called with `--live` only. */
  readonly transport: (region: string) => Transport
}
