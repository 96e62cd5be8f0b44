import type { Transport } from "@pictor/core/adapter"
import type { Surroundings } from "./credentials.ts"
import type { Emulation } from "./emulation.ts"
import type { Terminal } from "./terminal.ts"

/** Everything outside the app; tests bring their own. */
export interface World {
  readonly terminal: Terminal
  /** Fires at Ctrl-C. */
  readonly signal: AbortSignal
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** What `--out` is relative to. */
  readonly folder: string
  readonly surroundings: Surroundings & { readonly environment: NodeJS.ProcessEnv }
  readonly emulate: () => Promise<Emulation>
  /** To AWS: called with `--live` only. */
  readonly transport: (region: string) => Transport
}
