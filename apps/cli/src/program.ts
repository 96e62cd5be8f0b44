import { isImageError } from "@pictor/core"
import { Command, CommanderError } from "commander"
import type { Cli, Ended } from "./cli.ts"
import { type CommandEntry, commandsFor } from "./commands.ts"
import { CommandError, chargeText, exitCodeOf, messageOf } from "./errors.ts"
import { exitCodes } from "./exit-codes.ts"
import { taskCommands } from "./tasks.ts"

const codesHelp = `
Exit codes:
  0  done                    4  declined
  1  a call or file failed   5  no credentials, or not allowed
  2  wrong usage             6  over a budget
  3  needs --yes             7  filtered by the provider
  130  interrupted

Without --live every command draws on an emulator: nothing is sent or charged.
`

const exampleOf = ({ name, example }: CommandEntry): string =>
  `\nExample:\n  pictor ${name}${example === "" ? "" : ` ${example}`}\n`

const createProgram = ({ terminal, stdout, stderr }: Cli): Command =>
  new Command("pictor")
    .description("Every image model from the command line")
    .version("0.1.0", "-V, --version")
    .exitOverride()
    .configureOutput({
      writeOut: terminal.print,
      writeErr: terminal.note,
      getOutHasColors: () => stdout.isTTY && stdout.hasColors(),
      getErrHasColors: () => stderr.isTTY && stderr.hasColors(),
      getOutHelpWidth: () => terminal.columns,
      getErrHelpWidth: () => terminal.columns,
    })
    .showHelpAfterError("See pictor --help, or --help of a command.")
    .addHelpText("after", codesHelp)

interface Built {
  readonly program: Command
  /** The exit code of the action. */
  readonly ended: () => Ended
  readonly args: readonly string[]
}

/** `all`: configures every command, for completion. */
const build = async (words: readonly string[], cli: Cli, all: boolean): Promise<Built> => {
  const program = createProgram(cli)
  let code: Ended
  const [name, second] = words
  const named = name === "plan" ? taskCommands.find((task) => task.name === second) : undefined
  const [generate] = taskCommands
  const planned = named ?? generate
  if (planned === undefined) throw new Error("There is no command of a task.")
  for (const entry of commandsFor(planned)) {
    const command = program.command(entry.name).description(entry.summary)
    command.addHelpText("after", exampleOf(entry))
    // commander handles `pictor help NAME` itself.
    if (all || entry.name === name || (name === "help" && entry.name === second))
      await entry.configure(command, cli, (value) => {
        code = value
      })
  }
  return { program, ended: () => code, args: named ? ["plan", ...words.slice(2)] : words }
}

const complete = async (words: readonly string[], cli: Cli): Promise<number> => {
  const { complete: run } = await import("./completion.ts")
  const { program } = await build([], cli, true)
  return run(program, words, cli)
}

const failed = (error: unknown, { terminal, signal }: Cli): number => {
  const { note, paint } = terminal
  if (error instanceof CommanderError) {
    // commander has printed the message.
    return error.exitCode === 0 ? exitCodes.success : exitCodes.usage
  }
  if (error instanceof CommandError) {
    note(`${paint("red", "error")}: ${error.message}\n`)
    return signal.aborted ? exitCodes.interrupted : error.exitCode
  }
  if (!isImageError(error)) throw error
  note(`${paint("red", "error")}: ${messageOf(error)}\n`)
  if (error.cost) note(`${chargeText(error)}\n`)
  return signal.aborted ? exitCodes.interrupted : exitCodeOf(error)
}

/** Runs the program. Returns the exit code, or undefined while a server runs. */
export const run = async (given: readonly string[], cli: Cli): Promise<Ended> => {
  // npm removes the `--` of `npm start -- generate`, pnpm passes it on.
  const words = given[0] === "--" ? given.slice(1) : given
  try {
    if (words[0] === "complete") return await complete(words.slice(1), cli)
    const { program, ended, args } = await build(words, cli, false)
    if (words.length === 0) {
      program.outputHelp()
      return exitCodes.success
    }
    await program.parseAsync([...args], { from: "user" })
    return ended()
  } catch (error) {
    return failed(error, cli)
  }
}
