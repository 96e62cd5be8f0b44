#!/usr/bin/env node
import { commonOptions, readCommand, readCommon, serveCommand } from "@pictor/emulator-kit"
import { createOpenAiEmulator } from "./emulator.ts"
import { faultKinds, parseFault } from "./faults.ts"

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

const welcome = ({ url }: { readonly url: string }): string => `OpenAI emulator: ${url}

Settings for OpenAI's clients, with any key:
  OPENAI_BASE_URL=${url}/v1
  OPENAI_API_KEY=emulated

Settings for Azure's client:
  AZURE_OPENAI_ENDPOINT=${url}
  AZURE_OPENAI_API_KEY=emulated
`

const options = readCommand(commonOptions(4567))
if (options.help) process.stdout.write(help)
else
  await serveCommand(
    createOpenAiEmulator({ keepRequests: 0, ...readCommon(options, parseFault) }),
    welcome,
  )
