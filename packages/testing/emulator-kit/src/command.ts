import { type ParseArgsOptionsConfig, parseArgs } from "node:util"

/** Ends the process with exit code 2. */
export const failCommand = (problem: string): never => {
  process.stderr.write(`${problem}\nTry --help.\n`)
  process.exit(2)
}

export const wholeNumber = (name: string, value: string): number =>
  /^[0-9]+$/.test(value)
    ? Number(value)
    : failCommand(`--${name} must be a whole number, not "${value}".`)

/** The options of every emulator's command. */
export const commonOptions = (port: number) =>
  ({
    port: { type: "string", default: String(port) },
    latency: { type: "string", default: "0" },
    seed: { type: "string", default: "0" },
    fault: { type: "string", multiple: true, default: [] },
    help: { type: "boolean", default: false },
  }) satisfies ParseArgsOptionsConfig

export const readCommand = <const Options extends ParseArgsOptionsConfig>(options: Options) => {
  try {
    return parseArgs({ options }).values
  } catch (error) {
    return failCommand(error instanceof Error ? error.message : String(error))
  }
}

interface CommonValues {
  readonly port: string
  readonly latency: string
  readonly seed: string
  readonly fault: readonly string[]
}

/** The common options as an emulator takes them. */
export const readCommon = <Fault>(
  { port, latency, seed, fault }: CommonValues,
  parseFault: (rule: string) => Fault | undefined,
) => ({
  port: wholeNumber("port", port),
  latencyMs: wholeNumber("latency", latency),
  seed: wholeNumber("seed", seed),
  faults: fault.map(
    (rule) => parseFault(rule) ?? failCommand(`--fault "${rule}" has an unknown kind or setting.`),
  ),
})

/** Starts an emulator, prints how to use it, and closes it when the process is asked to end. */
export const serveCommand = async <Emulator extends { readonly close: () => Promise<void> }>(
  starting: Promise<Emulator>,
  welcome: (emulator: Emulator) => string,
): Promise<void> => {
  const emulator = await starting.catch((error: unknown) =>
    failCommand(`The emulator did not start: ${error instanceof Error ? error.message : error}`),
  )
  process.stdout.write(`${welcome(emulator)}\nPress Ctrl+C to stop it.\n`)
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => void emulator.close())
}
