import { readArguments } from "./args.ts"
import { type ExitCode, exitCodes } from "./exit-codes.ts"
import { helpText } from "./help.ts"
import { forgetAws } from "./isolation.ts"
import { runSession } from "./session.ts"
import type { World } from "./world.ts"

/** The whole app: a command line in, an exit code out. */
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
  if (options.live) return runSession(options, world, world.transport)
  forgetAws(surroundings.environment)
  const emulation = await world.emulate()
  try {
    return options.tour
      ? await (await import("./tour/tour.ts")).runTour(options, world, emulation.transport)
      : await runSession(options, world, emulation.transport)
  } finally {
    await emulation.close()
  }
}
