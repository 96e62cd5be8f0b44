#!/usr/bin/env node
import { homedir } from "node:os"
import { allowClosedPipe, interruptSignal, terminalOf } from "@pictor/terminal"
import { exitCodes } from "./exit-codes.ts"
import { run } from "./program.ts"

allowClosedPipe()

const code = await run(process.argv.slice(2), {
  terminal: terminalOf(process),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  signal: interruptSignal(exitCodes.interrupted),
  now: Date.now,
  folder: process.cwd(),
  home: homedir(),
  environment: process.env,
})
if (code !== undefined) process.exitCode = code
