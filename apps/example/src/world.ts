import type { Surroundings, Terminal } from "@pictor/terminal"
import type { Connect } from "./providers.ts"

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
  /** To emulators in this process. */
  readonly emulate: () => Connect
  /** To the real APIs: called with `--live` only. */
  readonly connect: Connect
}
