import type { Command } from "commander"

/** The gateway reads its own flags. */
export const configureServe = async (command: Command): Promise<void> => {
  command
    .argument("[flags...]", "flags of the gateway; pictor serve -- --help lists them")
    .allowUnknownOption()
    .action(async () => {
      const { runGateway } = await import("@pictor/gateway/command")
      await runGateway(command.args)
    })
}
