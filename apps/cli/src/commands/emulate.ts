import type { Command } from "commander"
import type { Cli } from "../cli.ts"
import { CommandError } from "../errors.ts"
import { exitCodes } from "../exit-codes.ts"
import { providers } from "../providers.ts"

const emulators = providers.flatMap(({ name, emulator }) =>
  emulator ? [{ name, ...emulator }] : [],
)
const names = emulators.map(({ name }) => name).join(", ")

const stopped = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener("abort", () => resolve(), { once: true })
  })

const emulate = async (name: string, port: string | undefined, cli: Cli): Promise<number> => {
  const emulator = emulators.find((each) => each.name === name)
  if (!emulator)
    throw new CommandError(
      `There is no emulator ${JSON.stringify(name.slice(0, 40))}. Known are ${names}.`,
    )
  const number = port === undefined ? emulator.port : Number(port)
  if (!Number.isInteger(number) || number < 0 || number > 65_535 || port === "")
    throw new CommandError("--port must be a whole number from 0 to 65,535.")
  const running = await emulator.start(number).catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(
      `The emulator did not start on port ${number} (${error.code ?? error.message}). Give another one with --port.`,
      exitCodes.failed,
    )
  })
  const settings = emulator.settings(running.url).map((line) => `  ${line}\n`)
  cli.terminal.print(`${running.url}\n`)
  cli.terminal.note(`Settings of clients:\n${settings.join("")}Press Ctrl-C to stop it.\n`)
  await stopped(cli.signal)
  await running.close()
  return exitCodes.success
}

export const configureEmulate = async (
  command: Command,
  cli: Cli,
  end: (code: number) => void,
): Promise<void> => {
  command
    .argument("<provider>", names)
    .option("--port <number>", "the port on 127.0.0.1; 0 takes a free one")
    .action(async (name: string, { port }: { readonly port?: string }) =>
      end(await emulate(name, port, cli)),
    )
}
