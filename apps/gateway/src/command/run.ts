import { isImageError } from "@pictor/core"
import { deploymentsOf } from "../config/deployments.ts"
import { emulatedConfig } from "../config/emulated.ts"
import type { Environment } from "../config/environment.ts"
import { type Loaded, loadConfig } from "../config/load.ts"
import type { GatewayConfig } from "../config/types.ts"
import { type Options, readArguments } from "./args.ts"
import { describe } from "./describe.ts"
import { type ExitCode, exitCodes } from "./exit-codes.ts"
import { helpText } from "./help.ts"

export interface Running {
  readonly url: string
  /** Resolves when what was under way has ended. */
  close(): Promise<void>
}

export interface Start {
  readonly config: GatewayConfig
  readonly host: string
  readonly port: number
}

/** Everything outside the command; tests bring their own. */
export interface World {
  readonly environment: Environment
  /** `environment_variables` of the file. */
  readonly setEnvironment: (variables: Readonly<Record<string, string>>) => void
  readonly print: (text: string) => void
  /** To people, beside what is printed for machines. */
  readonly tell: (text: string) => void
  readonly emulate: () => Promise<Running>
  readonly start: (start: Start) => Promise<Running>
  /** Resolves when the process is told to end. */
  readonly stopped: Promise<unknown>
  /** Milliseconds since 1970. */
  readonly now: () => number
}

const isOwnMachine = (host: string): boolean => host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host)

/** Why such a configuration must not be listened to from elsewhere. */
const exposure = ({ host }: Options, { general }: GatewayConfig): string | undefined =>
  general.masterKey !== undefined || isOwnMachine(host)
    ? undefined
    : `--host ${host} would let anybody who reaches it make images: set general_settings.master_key or LITELLM_MASTER_KEY, or listen on 127.0.0.1.`

const tellAll = (warnings: readonly string[], { tell }: World): void => {
  for (const warning of warnings) tell(`warning: ${warning}`)
}

const check = async ({ config, warnings }: Loaded, world: World): Promise<ExitCode> => {
  const date = new Date(world.now()).toISOString().slice(0, 10)
  const described = await describe(config, deploymentsOf(config), date)
  world.print(`${config.path ?? "No file: everything draws on an emulator."}\n\n${described.text}\n`)
  tellAll([...warnings, ...described.warnings], world)
  return exitCodes.ended
}

const serve = async ({ config, warnings }: Loaded, { host, port }: Options, world: World): Promise<ExitCode> => {
  tellAll(warnings, world)
  const running = await world.start({ config, host, port })
  world.tell(`Listening on ${running.url}, ${config.models.length} deployments.`)
  if (config.path === undefined) world.tell("No --config: every model draws on an emulator in this process, and nothing is sent or charged.")
  if (config.general.masterKey === undefined) world.tell("No master key: whoever is on this machine may ask, with any bearer or none.")
  await world.stopped
  world.tell("Ending: what is under way is finished first.")
  await running.close()
  return exitCodes.ended
}

const runWith = async (loaded: Loaded, options: Options, world: World): Promise<ExitCode> => {
  world.setEnvironment(loaded.config.environment)
  const exposed = exposure(options, loaded.config)
  if (exposed === undefined) return options.check ? check(loaded, world) : serve(loaded, options, world)
  world.tell(exposed)
  return exitCodes.wrong
}

const withEmulator = async (options: Options, world: World): Promise<ExitCode> => {
  const emulator = await world.emulate()
  try {
    const config = emulatedConfig(emulator.url)
    const masterKey = world.environment["LITELLM_MASTER_KEY"]
    const general = { ...config.general, ...(masterKey ? { masterKey } : {}) }
    return await runWith({ config: { ...config, general }, warnings: [] }, options, world)
  } finally {
    await emulator.close()
  }
}

/** The whole command. Never throws what is wrong with usage or configuration: that is told, with a remedy. */
export const run = async (args: readonly string[], world: World): Promise<ExitCode> => {
  const command = readArguments(args)
  if (command.kind === "help") {
    world.print(helpText)
    return exitCodes.ended
  }
  if (command.kind === "wrong") {
    world.tell(`${command.message}\nSee pnpm gateway --help.`)
    return exitCodes.wrong
  }
  const { options } = command
  if (options.config === undefined) return withEmulator(options, world)
  let loaded: Loaded
  try {
    loaded = await loadConfig(options.config, world.environment)
  } catch (error) {
    if (!isImageError(error, "invalid_request")) throw error
    world.tell(error.message)
    return exitCodes.wrong
  }
  return runWith(loaded, options, world)
}
