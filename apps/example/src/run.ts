import { forgetAws } from "@pictor/terminal"
import { readArguments } from "./args.ts"
import { type ExitCode, exitCodes } from "./exit-codes.ts"
import { helpText } from "./help.ts"
import { runSession } from "./session.ts"
import type { World } from "./world.ts"

/** Runs the app for a command line. Returns its exit code. */
export const run = async (given: readonly string[], world: World): Promise<ExitCode> => {
  const { terminal, surroundings } = world
  const command = readArguments(given)
  if (command.kind === "help") {
    terminal.print(helpText)
    return exitCodes.delivered
  }
  if (command.kind === "wrong") {
    terminal.note(`${terminal.paint("red", command.message)}\nSee pnpm start --help.\n`)
    return exitCodes.usage
  }
  const { options } = command
  if (options.live) return runSession(options, world, world.connect)
  forgetAws(surroundings.environment)
  const connect = world.emulate()
  if (!options.tour) return runSession(options, world, connect)
  const { runTour } = await import("./tour/tour.ts")
  return runTour(options, world, connect)
}
