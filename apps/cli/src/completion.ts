import tab from "@bomb.sh/tab/commander"
import type { Command } from "commander"
import type { Cli } from "./cli.ts"
import { CommandError } from "./errors.ts"
import { exitCodes } from "./exit-codes.ts"

const shells = ["bash", "zsh", "fish"]

/** `pictor complete bash` prints the script of a shell; `pictor complete -- WORDS` answers it. */
export const complete = (program: Command, words: readonly string[], _cli: Cli): number => {
  const [shell = ""] = words
  if (shell !== "--" && !shells.includes(shell))
    throw new CommandError(
      `complete needs a shell: ${shells.join(", ")}. For example: source <(pictor complete bash)`,
    )
  const completion = tab(program)
  if (shell === "--") completion.parse(words.slice(1))
  else completion.setup("pictor", "pictor", shell)
  return exitCodes.success
}
