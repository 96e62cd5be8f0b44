import { startGateway } from "../gateway.ts"
import { run } from "./run.ts"
import { onSignals } from "./signals.ts"

const printError = (text: string): void => void process.stderr.write(`${text}\n`)

/** Runs the gateway's command in this process. */
export const runGateway = async (args: readonly string[]): Promise<void> => {
  const outcome = await run(args, {
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
}
