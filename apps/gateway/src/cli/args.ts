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
  | { readonly kind: "wrong"; readonly message: string }

const settings = {
  help: { type: "boolean", short: "h" },
  config: { type: "string", short: "c" },
  check: { type: "boolean" },
  port: { type: "string", short: "p" },
  host: { type: "string" },
} as const

const portOf = (text: string): number | undefined =>
  /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined

const wrong = (message: string): Command => ({ kind: "wrong", message })

/** Reads the command line. */
export const readArguments = (given: readonly string[]): Command => {
  // npm takes the `--` of `npm run gateway -- --check` away, pnpm passes it on.
  const args = given[0] === "--" ? given.slice(1) : [...given]
  try {
    const { values } = parseArgs({ args, options: settings })
    if (values.help) return { kind: "help" }
    const { config, check = false, port: asked = "4000", host = "127.0.0.1" } = values
    const port = portOf(asked)
    if (port === undefined)
      return wrong(`--port is a whole number from 0 to 65535; ${JSON.stringify(asked)} is none.`)
    if (config?.trim() === "")
      return wrong("--config is blank: name a file, or leave it out to draw on the emulator.")
    if (host.trim() === "") return wrong("--host is blank: name an address, such as 127.0.0.1.")
    return {
      kind: "run",
      options: { check, port, host, ...(config === undefined ? {} : { config }) },
    }
  } catch (error) {
    return wrong(error instanceof Error ? error.message : String(error))
  }
}
