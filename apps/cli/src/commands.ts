import type { Command } from "commander"
import type { Cli } from "./cli.ts"
import { type TaskCommand, taskCommands } from "./tasks.ts"

type End = (code: number) => void

export interface CommandEntry {
  readonly name: string
  readonly summary: string
  /** The arguments of an example, after the command's name. */
  readonly example: string
  /** Adds flags and the action. Called for the command that runs, so that others load nothing. */
  readonly configure: (command: Command, cli: Cli, end: End) => Promise<void>
}

const ofTask = (task: TaskCommand): CommandEntry => ({
  name: task.name,
  summary: task.summary,
  example: task.example,
  configure: async (command, cli, end) =>
    (await import("./commands/task.ts")).configureOrder(command, task, cli, end),
})

/** `pictor plan WORDS` plans `generate`; `pictor plan edit …` plans another command. */
const planEntry = (task: TaskCommand): CommandEntry => ({
  name: "plan",
  summary: "Show what a command would send and what it would cost",
  example: '"a tea plantation" --size 1000x1000 -n 7',
  configure: async (command, cli, end) =>
    (await import("./commands/plan.ts")).configurePlan(command, task, cli, end),
})

const others: readonly CommandEntry[] = [
  {
    name: "models",
    summary: "List the models, or show one",
    example: "--task inpaint",
    configure: async (command, cli, end) =>
      (await import("./commands/models.ts")).configureModels(command, cli, end),
  },
  {
    name: "compare",
    summary: "Draw the same words with several models",
    example: '"a tea plantation" --models stability.sd3-5-large-v1:0,flux-2-pro',
    configure: async (command, cli, end) =>
      (await import("./commands/compare.ts")).configureCompare(command, cli, end),
  },
  {
    name: "replay",
    summary: "Order a picture again from its recipe",
    example: "out/picture.png.json",
    configure: async (command, cli, end) =>
      (await import("./commands/replay.ts")).configureReplay(command, cli, end),
  },
  {
    name: "cost",
    summary: "Report what was spent",
    example: "--by model,day --csv",
    configure: async (command, cli, end) =>
      (await import("./commands/cost.ts")).configureCost(command, cli, end),
  },
  {
    name: "budget",
    summary: "Set or show limits of spending",
    example: "set --window month --usd 20",
    configure: async (command, cli, end) =>
      (await import("./commands/budget.ts")).configureBudget(command, cli, end),
  },
  {
    name: "unfinished",
    summary: "List calls that were sent and have no outcome",
    example: "--json",
    configure: async (command, cli, end) =>
      (await import("./commands/unfinished.ts")).configureUnfinished(command, cli, end),
  },
  {
    name: "resolve",
    summary: "Finish such a call: fetch its pictures, or say whether it was charged",
    example: "01JD0000000000000000000000 --spent",
    configure: async (command, cli, end) =>
      (await import("./commands/unfinished.ts")).configureResolve(command, cli, end),
  },
  {
    name: "doctor",
    summary: "Check credentials, regions and settings",
    example: "",
    configure: async (command, cli, end) =>
      (await import("./commands/doctor.ts")).configureDoctor(command, cli, end),
  },
  {
    name: "init",
    summary: "Write pictor.json for the providers whose credentials are here",
    example: "",
    configure: async (command, cli, end) =>
      (await import("./commands/init.ts")).configureInit(command, cli, end),
  },
  {
    name: "catalog",
    summary: "Compare the model cards with AWS's list and prices",
    example: "check --region us-west-2",
    configure: async (command, cli, end) =>
      (await import("./commands/catalog.ts")).configureCatalog(command, cli, end),
  },
  {
    name: "serve",
    summary: "Serve OpenAI's Images API (the gateway)",
    example: "--port 4000",
    configure: async (command) => (await import("./commands/serve.ts")).configureServe(command),
  },
  {
    name: "emulate",
    summary: "Start a provider's emulator for other programs",
    example: "bedrock",
    configure: async (command, cli, end) =>
      (await import("./commands/emulate.ts")).configureEmulate(command, cli, end),
  },
]

/** `plan` is made for the task that follows it. */
export const commandsFor = (planned: TaskCommand): readonly CommandEntry[] => [
  ...taskCommands.map(ofTask),
  planEntry(planned),
  ...others,
]
