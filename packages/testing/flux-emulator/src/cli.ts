#!/usr/bin/env node
import {
  commonOptions,
  failCommand,
  readCommand,
  readCommon,
  serveCommand,
  wholeNumber,
} from "@pictor/emulator-kit"
import { createFluxEmulator, type FluxEmulator } from "./emulator.ts"
import { faultKinds, parseFault } from "./faults.ts"

const help = `Usage: flux-emulator [options]

Starts an emulator of Black Forest Labs' FLUX API. It sends nothing over the network and costs nothing.

Options:
  --port <number>           the API's port on 127.0.0.1 (default 4568; 0 for a free one)
  --sample-port <number>    the port of the results (default 4569; 0 for a free one)
  --latency <ms>            how long every answer of the API takes (default 0)
  --job <ms>                how long a job takes (default 1500)
  --pending-polls <number>  instead of --job: polls move a job on, and so many are answered Pending
  --sample <ms>             how long a result can be downloaded (default 600000; FLUX 3 3600000)
  --seed <number>           makes ids and chosen seeds repeatable (default 0)
  --key <key>               a valid x-key; may be repeated (default any)
  --credits <number>        the credits of the account (default no limit)
  --fault <rule>            a fault, kind[;setting=value...]; may be repeated
                            settings: model (an endpoint), times, after, every, k, ms, retry
  --help                    show this text

Faults:
${faultKinds.map((kind) => `  ${kind}`).join("\n")}

For tests:
  GET  /emulator/bill       the jobs, with their state and charge
  GET  /emulator/requests   the latest submits, polls and downloads
  POST /emulator/clock      {"advanceMs": 1000} moves the clock on

Example:
  flux-emulator --port 4568 --job 3000 --fault "poll-error;times=1" --fault "reset-after;every=5"
`

/** The bodies of this many requests stay in memory. */
const keepRequests = 100

const options = readCommand({
  ...commonOptions(4568),
  "sample-port": { type: "string", default: "4569" },
  job: { type: "string" },
  "pending-polls": { type: "string" },
  sample: { type: "string" },
  key: { type: "string", multiple: true },
  credits: { type: "string" },
})

const start = (): Promise<FluxEmulator> => {
  const optional = (name: "job" | "pending-polls" | "sample" | "credits"): number | undefined => {
    const value = options[name]
    return value === undefined ? undefined : wholeNumber(name, value)
  }
  const [pendingPolls, jobMs] = [optional("pending-polls"), optional("job")]
  if (pendingPolls !== undefined && jobMs !== undefined)
    return failCommand("--job and --pending-polls exclude each other.")
  const [sampleMs, credits] = [optional("sample"), optional("credits")]
  return createFluxEmulator({
    keepRequests,
    ...readCommon(options, parseFault),
    samplePort: wholeNumber("sample-port", options["sample-port"]),
    ...(pendingPolls === undefined ? { jobMs: jobMs ?? 1500 } : { pendingPolls }),
    ...(sampleMs === undefined ? {} : { sampleMs }),
    ...(credits === undefined ? {} : { credits }),
    ...(options.key === undefined ? {} : { keys: options.key }),
  })
}

const welcome = ({ url, sampleUrl }: FluxEmulator): string => `FLUX emulator: ${url}
Results:       ${sampleUrl}

Send any x-key, unless --key names the valid ones:
  curl ${url}/v1/flux-2-pro -H "x-key: any" -d '{"prompt":"A lighthouse in fog"}'
`

if (options.help) process.stdout.write(help)
else await serveCommand(start(), welcome)
