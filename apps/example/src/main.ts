import { existsSync } from "node:fs"
import { homedir } from "node:os"
import { allowClosedPipe, interruptSignal, terminalOf } from "@pictor/terminal"
import { exitCodes } from "./exit-codes.ts"
import { connectLive, emulate } from "./providers.ts"
import { run } from "./run.ts"

allowClosedPipe()

process.exitCode = await run(process.argv.slice(2), {
  terminal: terminalOf(process),
  signal: interruptSignal(exitCodes.interrupted),
  now: Date.now,
  folder: process.cwd(),
  surroundings: { environment: process.env, home: homedir(), exists: existsSync },
  emulate,
  connect: connectLive(process.env),
})
