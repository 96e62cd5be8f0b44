import { parseArgs } from "node:util"

export interface Options {
  readonly config?: string
  readonly check: boolean
  readonly port: number
  readonly host: string
}

export type Command =
  | { readonly kind: "run"; readonly options: Options }
  | { readonly kind: "help" }
  | { readonly kind: "invalid"; readonly message: string }

export const helpText = `OpenAI's Images API for every image model of Amazon Bedrock, with the configuration of LiteLLM's proxy.

Usage: pnpm gateway [options]

  -c, --config FILE   a config.yaml of LiteLLM's proxy; without it, the gateway serves every
                      model on an emulator in this process, and nothing is sent or charged
      --check         print the deployments, prices and warnings of the file, and exit
  -p, --port NUMBER   the port to listen on (4000); 0 takes a free port
      --host NAME     the address to listen on (127.0.0.1); an address that other machines
                      can reach needs general_settings.master_key
  -h, --help          print this text

Examples:
  pnpm gateway --config config.yaml --check
  pnpm gateway --config config.yaml
  curl http://127.0.0.1:4000/v1/images/generations -H 'Content-Type: application/json' \\
    -d '{ "model": "stability.stable-image-core-v1:1", "prompt": "A cute baby sea otter" }'

Exit codes:
  0  stopped by a signal, or --check found no error
  1  the gateway could not start, or failed
  2  invalid arguments or an invalid configuration
`

const settings = {
  help: { type: "boolean", short: "h" },
  config: { type: "string", short: "c" },
  check: { type: "boolean" },
  port: { type: "string", short: "p" },
  host: { type: "string" },
} as const

const invalid = (message: string): Command => ({ kind: "invalid", message })

export const readArguments = (given: readonly string[]): Command => {
  // npm removes the `--` of `npm run gateway -- --check`, pnpm does not.
  const args = given[0] === "--" ? given.slice(1) : [...given]
  try {
    const { values } = parseArgs({ args, options: settings })
    if (values.help) return { kind: "help" }
    const { config, check = false, port = "4000", host = "127.0.0.1" } = values
    if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
      return invalid(`--port must be a whole number from 0 to 65535, not ${JSON.stringify(port)}.`)
    if (config?.trim() === "")
      return invalid("--config is empty. Name a file, or omit it to use the emulator.")
    if (host.trim() === "") return invalid("--host is empty. Name an address, such as 127.0.0.1.")
    const options = { check, port: Number(port), host, ...(config !== undefined && { config }) }
    return { kind: "run", options }
  } catch (error) {
    return invalid(error instanceof Error ? error.message : String(error))
  }
}
