import { run } from "./command/run.ts"
import { startGateway } from "./gateway.ts"
import { onSignals } from "./server/signals.ts"

const tell = (text: string): void => void process.stderr.write(`${text}\n`)

const outcome = await run(process.argv.slice(2), {
  environment: process.env,
  setEnvironment: (variables) => void Object.assign(process.env, variables),
  print: (text) => void process.stdout.write(text),
  tell,
  start: async (options) => {
    const gateway = await startGateway(options)
    onSignals({ close: gateway.close, exit: (code) => process.exit(code), say: tell })
    return gateway
  },
  now: Date.now,
})

if (outcome !== "serving") process.exitCode = outcome
