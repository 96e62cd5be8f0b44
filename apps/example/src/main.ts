import { existsSync } from "node:fs"
import { homedir } from "node:os"
import { terminalOf } from "@pictor/terminal"
import { exitCodes } from "./exit-codes.ts"
import { connectLive, emulate } from "./providers.ts"
import { run } from "./run.ts"

const stopping = new AbortController()

process.on("SIGINT", () => {
  // A second Ctrl-C does not wait for calls in progress.
  if (stopping.signal.aborted) process.exit(exitCodes.interrupted)
  process.stderr.write("\nStopping…\n")
  stopping.abort()
})

// `pnpm start | head` closes the pipe early. The pictures are saved all the same.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error
})

process.exitCode = await run(process.argv.slice(2), {
  terminal: terminalOf(process),
  signal: stopping.signal,
  now: Date.now,
  folder: process.cwd(),
  surroundings: { environment: process.env, home: homedir(), exists: existsSync },
  emulate,
  connect: connectLive(process.env),
})
