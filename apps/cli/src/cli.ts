import type { Terminal } from "@pictor/terminal"

/** Everything outside the program, which tests replace. */
export interface Cli {
  readonly terminal: Terminal
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  /** Fires at Ctrl-C. */
  readonly signal: AbortSignal
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Paths are relative to it. */
  readonly folder: string
  readonly home: string
  readonly environment: NodeJS.ProcessEnv
}

/** A command's result: the exit code, or undefined while a server runs. */
export type Ended = number | undefined
