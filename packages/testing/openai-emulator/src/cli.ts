#!/usr/bin/env node
import { parseArgs } from "node:util"
import { startOpenAiEmulator } from "./emulator.ts"
import { type Fault, faultKinds, parseFault } from "./faults.ts"

const help = `Usage: openai-emulator [options]

Starts an emulator of OpenAI's Images API. It sends nothing to OpenAI and costs nothing.

Options:
  --port <number>     the port on 127.0.0.1 (default 4567; 0 for a free one)
  --latency <ms>      how long every answer takes (default 0)
  --seed <number>     makes request ids and pictures repeatable (default 0)
  --fault <rule>      a fault, kind[;setting=value...]; may be repeated
                      settings: model, times, after, every, k, ms, retry
  --help              show this text

Faults:
${faultKinds.map((kind) => `  ${kind}`).join("\n")}

Example:
  openai-emulator --port 4567 --latency 300 --fault "rate-limit;times=1;retry=1" --fault "cut;every=5"
`

const fail = (problem: string): never => {
  process.stderr.write(`${problem}\nTry --help.\n`)
  process.exit(2)
}

const wholeNumber = (name: string, value: string): number =>
  /^[0-9]+$/.test(value) ? Number(value) : fail(`--${name} must be a whole number, not "${value}".`)

const fault = (rule: string): Fault =>
  parseFault(rule) ?? fail(`--fault "${rule}" has an unknown kind or setting.`)

const readOptions = () => {
  try {
    return parseArgs({
      options: {
        port: { type: "string", default: "4567" },
        latency: { type: "string", default: "0" },
        seed: { type: "string", default: "0" },
        fault: { type: "string", multiple: true, default: [] },
        help: { type: "boolean", default: false },
      },
    }).values
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error))
  }
}

const welcome = (url: string): string => `OpenAI emulator: ${url}

Settings for OpenAI's clients, with any key:
  OPENAI_BASE_URL=${url}/v1
  OPENAI_API_KEY=emulated

Settings for Azure's client:
  AZURE_OPENAI_ENDPOINT=${url}
  AZURE_OPENAI_API_KEY=emulated

Press Ctrl+C to stop it.
`

const options = readOptions()
if (options.help) {
  process.stdout.write(help)
} else {
  const emulator = await startOpenAiEmulator({
    keepRequests: 0,
    port: wholeNumber("port", options.port),
    latencyMs: wholeNumber("latency", options.latency),
    seed: wholeNumber("seed", options.seed),
    faults: options.fault.map(fault),
  }).catch((error: unknown) =>
    fail(`The emulator did not start: ${error instanceof Error ? error.message : error}`),
  )
  process.stdout.write(welcome(emulator.url))
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => void emulator.close())
}
