import { isImageError } from "@pictor/core"
import { isLoopback } from "../auth/local-only.ts"
import { deploymentsOf } from "../config/deployments.ts"
import { emulatedConfig } from "../config/emulated.ts"
import type { Environment } from "../config/environment.ts"
import { type Loaded, loadConfig } from "../config/load.ts"
import type { GatewayOptions } from "../gateway.ts"
import { type Options, readArguments } from "./args.ts"
import { describe } from "./describe.ts"
import { type ExitCode, exitCodes } from "./exit-codes.ts"
import { helpText } from "./help.ts"

/** Everything outside the command; tests bring their own. */
export interface World {
  readonly environment: Environment
  /** `environment_variables` of the file. */
  readonly setEnvironment: (variables: Readonly<Record<string, string>>) => void
  readonly print: (text: string) => void
  /** To people, beside what is printed for machines. */
  readonly tell: (text: string) => void
  /** Serves until the process is told to end. */
  readonly start: (
    options: GatewayOptions,
  ) => Promise<{ readonly url: string; readonly notes: readonly string[] }>
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** Serving goes on when the command has returned. */
export type Outcome = ExitCode | "serving"

const exposed = (host: string): string =>
  `--host ${host} would let whoever reaches it make images: set general_settings.master_key in the file of --config, or LITELLM_MASTER_KEY, or listen on 127.0.0.1.`

const check = async ({ config, warnings }: Loaded, world: World): Promise<Outcome> => {
  const described = await describe(
    config,
    deploymentsOf(config),
    new Date(world.now()).toISOString().slice(0, 10),
  )
  world.print(
    `${config.path ?? "No --config: every model is on an emulator."}\n\n${described.text}\n`,
  )
  for (const warning of [...warnings, ...described.warnings]) world.tell(`warning: ${warning}`)
  return exitCodes.ended
}

const serve = async (
  loaded: Loaded | undefined,
  { host, port }: Options,
  world: World,
): Promise<Outcome> => {
  try {
    const { url, notes } = await world.start({ ...loaded, settings: { host, port } })
    for (const note of notes) world.tell(`note: ${note}`)
    world.tell(`Listening on ${url}`)
    return "serving"
  } catch (error) {
    if (!isImageError(error)) throw error
    world.tell(error.message)
    return error.code === "invalid_request" ? exitCodes.wrong : exitCodes.failed
  }
}

const load = async (path: string, world: World): Promise<Loaded | undefined> => {
  try {
    return await loadConfig(path, world.environment)
  } catch (error) {
    if (!isImageError(error, "invalid_request")) throw error
    world.tell(error.message)
    return undefined
  }
}

const runWith = async (options: Options, world: World): Promise<Outcome> => {
  const { config: path, host } = options
  const loaded = path === undefined ? undefined : await load(path, world)
  if (path !== undefined && !loaded) return exitCodes.wrong
  const masterKey = loaded
    ? loaded.config.general.masterKey
    : world.environment["LITELLM_MASTER_KEY"]
  if (!masterKey && !isLoopback(host)) {
    world.tell(exposed(host))
    return exitCodes.wrong
  }
  world.setEnvironment(loaded?.config.environment ?? {})
  if (!options.check) return serve(loaded, options, world)
  return check(loaded ?? { config: emulatedConfig("http://127.0.0.1"), warnings: [] }, world)
}

/** The whole command. Never throws what is wrong with usage or configuration: that is told, with a remedy. */
export const run = async (args: readonly string[], world: World): Promise<Outcome> => {
  const command = readArguments(args)
  if (command.kind === "help") {
    world.print(helpText)
    return exitCodes.ended
  }
  if (command.kind === "run") return runWith(command.options, world)
  world.tell(`${command.message}\nSee pnpm gateway --help.`)
  return exitCodes.wrong
}
