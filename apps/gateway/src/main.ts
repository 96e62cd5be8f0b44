import { setFlagsFromString } from "node:v8"
import { run } from "./cli/run.ts"
import { onSignals } from "./cli/signals.ts"
import { startGateway } from "./gateway.ts"

// External buffers count against the growth that triggers a major collection. With the small heap
// of a gateway, V8 marked the whole heap every 150 requests, an eighth of the CPU.
setFlagsFromString("--heap-growing-percent=100")

const printError = (text: string): void => void process.stderr.write(`${text}\n`)

const outcome = await run(process.argv.slice(2), {
  environment: process.env,
  setEnvironment: (variables) => void Object.assign(process.env, variables),
  print: (text) => void process.stdout.write(text),
  printError,
  start: async (options) => {
    const gateway = await startGateway(options)
    onSignals({ close: gateway.close, exit: (code) => process.exit(code), printError })
    return gateway
  },
  now: Date.now,
})

if (outcome !== "serving") process.exitCode = outcome
