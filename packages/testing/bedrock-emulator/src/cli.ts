#!/usr/bin/env node
import { commonOptions, readCommand, readCommon, serveCommand } from "@pictor/emulator-kit"
import { createBedrockEmulator } from "./emulator.ts"
import { faultKinds, parseFault } from "./faults/fault.ts"

const help = `Usage: bedrock-emulator [options]

Starts an emulator of Amazon Bedrock's image models. It sends nothing to AWS and costs nothing.

Options:
  --port <number>     the port on 127.0.0.1 (default 4566; 0 for a free one)
  --latency <ms>      how long every answer takes (default 0)
  --seed <number>     makes request ids and chosen seeds repeatable (default 0)
  --fault <rule>      a fault, kind[;setting=value...]; may be repeated
                      settings: model, times, after, every, k, ms, retry
  --help              show this text

Faults:
${faultKinds.map((kind) => `  ${kind}`).join("\n")}

Example:
  bedrock-emulator --port 4566 --latency 300 --fault "throttle;times=1;retry=1" --fault "cut;every=5"
`

const welcome = ({ url }: { readonly url: string }): string => `Bedrock emulator: ${url}

Settings for the AWS SDK, with any credentials:
  AWS_ENDPOINT_URL_BEDROCK_RUNTIME=${url}
  AWS_BEARER_TOKEN_BEDROCK=emulated
  AWS_REGION=us-east-1
`

const options = readCommand(commonOptions(4566))
if (options.help) process.stdout.write(help)
else
  await serveCommand(
    createBedrockEmulator({ keepRequests: 0, ...readCommon(options, parseFault) }),
    welcome,
  )
