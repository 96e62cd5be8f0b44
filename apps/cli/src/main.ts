#!/usr/bin/env node
import { homedir } from "node:os"
import { terminalOf } from "@pictor/terminal"
import { exitCodes } from "./exit-codes.ts"
import { run } from "./program.ts"

const stopping = new AbortController()

process.on("SIGINT", () => {
  // A second Ctrl-C does not wait for calls in progress.
  if (stopping.signal.aborted) process.exit(exitCodes.interrupted)
  process.stderr.write("\nStopping…\n")
  stopping.abort()
})

// `pictor models | head` closes the pipe early.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error
})

const code = await run(process.argv.slice(2), {
  terminal: terminalOf(process),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  signal: stopping.signal,
  now: Date.now,
  folder: process.cwd(),
  home: homedir(),
  environment: process.env,
})
if (code !== undefined) process.exitCode = code
