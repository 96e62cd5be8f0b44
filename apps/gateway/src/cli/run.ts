import { isImageError } from "@pictor/core"
import { isLoopback } from "../auth/local-only.ts"
import { deploymentsOf } from "../config/deployments.ts"
import { emulatedConfig, unstarted } from "../config/emulated.ts"
import { type LoadedConfig, loadConfig } from "../config/load.ts"
import type { Environment } from "../config/validate.ts"
import type { GatewayOptions } from "../gateway.ts"
import { helpText, type Options, readArguments } from "./args.ts"
import { describe } from "./describe.ts"

/** The process around the command, which tests replace. */
export interface Process {
  readonly environment: Environment
  /** Sets the `environment_variables` of the file. */
  readonly setEnvironment: (variables: Readonly<Record<string, string>>) => void
  readonly print: (text: string) => void
  /** Messages for people, without a line break at the end. */
  readonly printError: (text: string) => void
  /** Resolves when the gateway listens. */
  readonly start: (
    options: GatewayOptions,
  ) => Promise<{ readonly url: string; readonly notes: readonly string[] }>
  readonly now: () => number
}

const exitCodes = { success: 0, failure: 1, invalid: 2 } as const

/** An exit code, or "serving" while the gateway runs. */
export type Outcome = (typeof exitCodes)[keyof typeof exitCodes] | "serving"

const check = async (
  { config, warnings }: LoadedConfig,
  { now, print, printError }: Process,
): Promise<Outcome> => {
  const date = new Date(now()).toISOString().slice(0, 10)
  const described = await describe(config, await deploymentsOf(config), date)
  const title = config.path ?? "No --config: every model is on the emulator."
  print(`${title}\n\n${described.text}\n`)
  for (const warning of [...warnings, ...described.warnings]) printError(`warning: ${warning}`)
  return exitCodes.success
}

const serve = async (
  loaded: LoadedConfig | undefined,
  { host, port }: Options,
  { start, printError }: Process,
): Promise<Outcome> => {
  const { url, notes } = await start({ ...loaded, settings: { host, port } })
  for (const note of notes) printError(`note: ${note}`)
  printError(`Listening on ${url}`)
  return "serving"
}

const runWith = async (options: Options, process: Process): Promise<Outcome> => {
  const { config: path, host } = options
  const { environment, setEnvironment, printError } = process
  const loaded = path === undefined ? undefined : await loadConfig(path, environment)
  const masterKey = loaded ? loaded.config.general.masterKey : environment["LITELLM_MASTER_KEY"]
  if (!masterKey && !isLoopback(host)) {
    printError(
      `--host ${host} needs a master key, because other machines could generate images. Set general_settings.master_key in the file of --config or LITELLM_MASTER_KEY, or listen on 127.0.0.1.`,
    )
    return exitCodes.invalid
  }
  setEnvironment(loaded?.config.environment ?? {})
  if (!options.check) return serve(loaded, options, process)
  return check(loaded ?? { config: await emulatedConfig(unstarted), warnings: [] }, process)
}

export const run = async (args: readonly string[], process: Process): Promise<Outcome> => {
  const command = readArguments(args)
  if (command.kind === "help") {
    process.print(helpText)
    return exitCodes.success
  }
  if (command.kind === "invalid") {
    process.printError(`${command.message}\nSee pnpm gateway --help.`)
    return exitCodes.invalid
  }
  try {
    return await runWith(command.options, process)
  } catch (error) {
    if (!isImageError(error)) throw error
    process.printError(error.message)
    return error.code === "invalid_request" ? exitCodes.invalid : exitCodes.failure
  }
}
