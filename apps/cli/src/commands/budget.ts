import { type Budget, formatUsd, type Limit, type Scope, type Window } from "@pictor/core"
import { type Row, renderTable } from "@pictor/terminal"
import type { Command } from "commander"
import type { Cli } from "../cli.ts"
import { CommandError } from "../errors.ts"
import { exitCodes } from "../exit-codes.ts"
import { emulatorFlag, type ReportFlags, withLedger } from "./reports.ts"

interface Flags extends ReportFlags {
  readonly window?: string
  readonly usd?: string
  readonly images?: string
  readonly model?: string
  readonly tag?: string
  readonly soft?: boolean
  readonly allowUnknown?: boolean
  readonly json?: boolean
}

const windows = ["total", "day", "week", "month"]

const readLimit = ({ usd, images }: Flags): Limit => {
  if (usd === undefined && images === undefined)
    throw new CommandError("budget set needs --usd or --images.")
  if (usd !== undefined && !/^\d{1,9}(\.\d{1,6})?$/.test(usd))
    throw new CommandError("--usd must be dollars from 0, such as 20 or 0.5.")
  if (images !== undefined && !/^\d{1,12}$/.test(images))
    throw new CommandError("--images must be a whole number from 0.")
  return {
    ...(usd !== undefined && { microUsd: Math.round(Number(usd) * 1_000_000) }),
    ...(images !== undefined && { images: Number(images) }),
  }
}

const readScope = ({ model, tag }: Flags): Scope => {
  if (model !== undefined && tag !== undefined)
    throw new CommandError("--model and --tag exclude each other. Set two budgets.")
  if (model !== undefined) return { model }
  return tag === undefined ? { everything: true } : { tag }
}

const readBudget = (flags: Flags): Budget => {
  const { window = "month", soft, allowUnknown } = flags
  if (!windows.includes(window))
    throw new CommandError(`--window must be one of ${windows.join(", ")}.`)
  const limit = readLimit(flags)
  return {
    scope: readScope(flags),
    window: window as Window,
    ...(soft ? { soft: limit } : { hard: limit }),
    ...(allowUnknown && { allowUnknown }),
  }
}

const windowText = (window: Window): string =>
  typeof window === "string" ? window : `${window.rollingMs / 3_600_000} h`

const limitTexts = ({ microUsd, images }: Limit): readonly string[] => [
  ...(microUsd === undefined ? [] : [formatUsd({ microUsd, maybeMicroUsd: 0, unpricedImages: 0 })]),
  ...(images === undefined ? [] : [`${images.toLocaleString("en-US")} pictures`]),
]

const limitText = ({ hard = {}, soft = {} }: Budget): string =>
  [...limitTexts(hard), ...limitTexts(soft).map((text) => `warning at ${text}`)].join(", ")

const show = (flags: Flags, cli: Cli): Promise<number> =>
  withLedger(flags, cli, async (ledger) => {
    const states = await ledger.budgets()
    const { print, note, columns, paint } = cli.terminal
    if (flags.json) print(`${JSON.stringify(states, undefined, 2)}\n`)
    else if (states.length === 0) note("No budget is set. Set one with pictor budget set.\n")
    else {
      const rows = states.map(
        ({ budget, cost, images, resetsAt }): Row => ({
          lines: [
            [
              {
                text: Object.entries(budget.scope)
                  .map(([name, value]) => (value === true ? name : `${name} ${value}`))
                  .join(),
              },
              { text: windowText(budget.window) },
              { text: limitText(budget) },
              { text: `${formatUsd(cost)}, ${images.toLocaleString("en-US")} pictures` },
              { text: resetsAt?.slice(0, 16) ?? "never" },
            ],
          ],
        }),
      )
      const titles = ["budget", "window", "limit", "spent", "resets"].map((title) => ({ title }))
      print(`${renderTable({ columns: titles, rows }, columns, paint).join("\n")}\n`)
    }
    return exitCodes.success
  })

const set = (flags: Flags, cli: Cli): Promise<number> => {
  const budget = readBudget(flags)
  return withLedger(flags, cli, async (ledger) => {
    await ledger.setBudget(budget)
    cli.terminal.note(`Set: ${limitText(budget)} per ${windowText(budget.window)}.\n`)
    return exitCodes.success
  })
}

export const configureBudget = async (
  command: Command,
  cli: Cli,
  end: (code: number) => void,
): Promise<void> => {
  command
    .command("set")
    .description("set a limit, or replace the one of the same scope and window")
    .option("--window <name>", `${windows.join(", ")} (default: month)`)
    .option("--usd <dollars>", "the limit in dollars")
    .option("--images <number>", "the limit in pictures")
    .option("--model <id>", "limit this model only")
    .option("--tag <name=value>", "limit this tag only")
    .option("--soft", "warn instead of refusing")
    .option("--allow-unknown", "admit pictures of unknown price")
    .option(...emulatorFlag)
    .action(async (flags: Flags) => end(await set(flags, cli)))
  command
    .command("show")
    .description("show limits and what was spent")
    .option("--json", "print JSON")
    .option(...emulatorFlag)
    .action(async (flags: Flags) => end(await show(flags, cli)))
}
