#!/usr/bin/env node
import { commonOptions, readCommand, readCommon, serveCommand } from "@pictor/emulator-kit"
import { createGeminiEmulator } from "./emulator.ts"
import { faultKinds, parseFault } from "./faults.ts"

const help = `Usage: gemini-emulator [options]

Starts an emulator of Google's Gemini image models. It sends nothing to Google and costs nothing.

Options:
  --port <number>     the port on 127.0.0.1 (default 4570; 0 for a free one)
  --latency <ms>      how long every answer takes (default 0)
  --seed <number>     makes response ids and chosen seeds repeatable (default 0)
  --fault <rule>      a fault, kind[;setting=value...]; may be repeated
                      settings: model, times, after, every, k, ms, retry
  --help              show this text

Faults:
${faultKinds.map((kind) => `  ${kind}`).join("\n")}

Example:
  gemini-emulator --port 4570 --latency 300 --fault "throttle;times=1;retry=1" --fault "cut;every=5"
`

const welcome = ({ url }: { readonly url: string }): string => `Gemini emulator: ${url}

Settings for @google/genai, with any key:
  GOOGLE_GEMINI_BASE_URL=${url}
  GOOGLE_VERTEX_BASE_URL=${url}
  GEMINI_API_KEY=emulated
`

const options = readCommand(commonOptions(4570))
if (options.help) process.stdout.write(help)
else
  await serveCommand(
    createGeminiEmulator({ keepRequests: 0, ...readCommon(options, parseFault) }),
    welcome,
  )
