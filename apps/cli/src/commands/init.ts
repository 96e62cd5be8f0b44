import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { Command } from "commander"
import type { Cli } from "../cli.ts"
import { type Config, configFile } from "../config.ts"
import { ask, usualConfirmAbove } from "../confirm.ts"
import { CommandError } from "../errors.ts"
import { exitCodes } from "../exit-codes.ts"
import { credentialSource, providers } from "../providers.ts"

const init = async (yes: boolean, cli: Cli): Promise<number> => {
  const { note } = cli.terminal
  const found = providers.flatMap(({ name, title, ...rest }) => {
    const source = credentialSource({ name, title, ...rest }, cli)
    return source === undefined ? [] : [{ name, title, source }]
  })
  for (const { title, source } of found) note(`${title}: credentials from ${source}\n`)
  if (found.length === 0)
    note("No credentials were found. Every command draws on the emulator; pictor doctor helps.\n")
  const region = cli.environment["AWS_REGION"]?.trim()
  const config: Config = {
    ...(found.length > 0 && { providers: found.map(({ name }) => name) }),
    ...(region && { region }),
    out: "out",
    confirmAbove: usualConfirmAbove,
  }
  const text = `${JSON.stringify(config, undefined, 2)}\n`
  note(`\n${text}\n`)
  if (!yes) {
    if (!cli.stdin.isTTY || !cli.stderr.isTTY)
      throw new CommandError(
        `Nothing was written: there is no terminal to ask on. Add --yes to write ${configFile}.`,
        exitCodes.unconfirmed,
      )
    if (!(await ask(`Write ${configFile}?`, cli)))
      throw new CommandError("Nothing was written.", exitCodes.declined)
  }
  // An existing file is somebody's work.
  await writeFile(join(cli.folder, configFile), text, { flag: "wx" }).catch(
    (error: NodeJS.ErrnoException) => {
      throw new CommandError(
        error.code === "EEXIST"
          ? `${configFile} exists already. Change or delete it.`
          : `${configFile} could not be written (${error.code ?? "unknown reason"}).`,
      )
    },
  )
  cli.terminal.print(`${configFile}\n`)
  return exitCodes.success
}

export const configureInit = async (
  command: Command,
  cli: Cli,
  end: (code: number) => void,
): Promise<void> => {
  command
    .option("-y, --yes", "write without a question")
    .action(async ({ yes = false }: { readonly yes?: boolean }) => end(await init(yes, cli)))
}
