import { formatUsd, type SpendKey, type SpendRow } from "@pictor/core"
import { decimalsOf, type Row, renderTable, sumCosts, type Terminal } from "@pictor/terminal"
import type { Command } from "commander"
import type { Cli } from "../cli.ts"
import { CommandError } from "../errors.ts"
import { exitCodes } from "../exit-codes.ts"
import { emulatorFlag, type ReportFlags, withLedger } from "./reports.ts"

interface Flags extends ReportFlags {
  readonly by?: string
  readonly from?: string
  readonly to?: string
  readonly csv?: boolean
  readonly json?: boolean
  readonly plot?: boolean
}

const keys = [
  "model",
  "provider",
  "task",
  "day",
  "month",
  "key",
  "user",
  "team",
  "endUser",
  "state",
]
const barWidth = 40

const readKeys = (by = ""): readonly SpendKey[] =>
  by
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "")
    .map((name) => {
      if (keys.includes(name) || /^tag:./.test(name)) return name as SpendKey
      throw new CommandError(
        `--by has ${JSON.stringify(name.slice(0, 40))}. Allowed: ${keys.join(", ")}, tag:NAME.`,
      )
    })

const checkTime = (name: string, text: string | undefined): void => {
  if (text !== undefined && Number.isNaN(Date.parse(text)))
    throw new CommandError(`--${name} must be a date such as 2026-12-01.`)
}

const csvCell = (text: string): string =>
  // A leading = + - @ would be a formula in a spreadsheet.
  /^[=+\-@\t\r]|[",\n]/.test(text)
    ? `"${text.replace(/^[=+\-@\t\r]/, "'$&").replaceAll('"', '""')}"`
    : text

const printCsv = (by: readonly string[], rows: readonly SpendRow[], { print }: Terminal): void => {
  const columns = ["calls", "images", "microUsd", "maybeMicroUsd", "unpricedImages"] as const
  print(`${[...by, ...columns].join(",")}\n`)
  for (const row of rows)
    print(
      `${[...by.map((key) => csvCell(row.group[key] ?? "")), ...columns.map((name) => String(row[name]))].join(",")}\n`,
    )
}

const bar = (value: number, most: number): string => {
  const length = most === 0 ? 0 : Math.round((value / most) * barWidth)
  return "█".repeat(value > 0 ? Math.max(1, length) : 0)
}

const printTable = (
  by: readonly string[],
  rows: readonly SpendRow[],
  plot: boolean,
  { print, columns, paint }: Terminal,
): void => {
  const decimals = decimalsOf(rows)
  const most = Math.max(0, ...rows.map(({ microUsd }) => microUsd))
  const line = (labels: readonly string[], row: SpendRow, drawn: string): Row => ({
    lines: [
      [
        ...labels.map((text) => ({ text })),
        { text: row.calls.toLocaleString("en-US") },
        { text: row.images.toLocaleString("en-US") },
        { text: formatUsd(row, decimals) },
        ...(plot ? [{ text: drawn, style: "cyan" as const }] : []),
      ],
    ],
  })
  const total: SpendRow = {
    group: {},
    calls: rows.reduce((sum, { calls }) => sum + calls, 0),
    images: rows.reduce((sum, { images }) => sum + images, 0),
    ...sumCosts(rows),
  }
  const right = { right: true } as const
  const table = {
    columns: [
      ...(by.length > 0 ? by : [""]).map((title) => ({ title })),
      { title: "calls", ...right },
      { title: "pictures", ...right },
      { title: "cost", ...right },
      ...(plot ? [{ title: "" }] : []),
    ],
    rows: rows.map((row) =>
      line(
        by.length > 0 ? by.map((key) => row.group[key] ?? "—") : ["all"],
        row,
        bar(row.microUsd, most),
      ),
    ),
    ...(rows.length > 1 && {
      total: line(["total", ...by.slice(1).map(() => "")], total, ""),
    }),
  }
  print(`${renderTable(table, columns, paint).join("\n")}\n`)
}

const report = async (flags: Flags, cli: Cli): Promise<number> => {
  const by = readKeys(flags.by ?? (flags.plot ? "day" : "model"))
  checkTime("from", flags.from)
  checkTime("to", flags.to)
  const query = {
    by,
    ...(flags.from !== undefined && { from: new Date(flags.from).toISOString() }),
    ...(flags.to !== undefined && { to: new Date(flags.to).toISOString() }),
  }
  const rows = await withLedger(flags, cli, (ledger) => ledger.spend(query))
  const { terminal } = cli
  if (flags.json) terminal.print(`${JSON.stringify(rows, undefined, 2)}\n`)
  else if (flags.csv) printCsv(by, rows, terminal)
  else if (rows.length === 0) terminal.note("No call is recorded.\n")
  else printTable(by, rows, flags.plot ?? false, terminal)
  return exitCodes.success
}

export const configureCost = async (
  command: Command,
  cli: Cli,
  end: (code: number) => void,
): Promise<void> => {
  command
    .option("--by <keys>", `groups, with commas: ${keys.join(", ")}, tag:NAME (default: model)`)
    .option("--from <date>", "from this time")
    .option("--to <date>", "before this time")
    .option("--csv", "print CSV, money in micro-USD")
    .option("--json", "print JSON")
    .option("--plot", "draw a bar per row")
    .option(...emulatorFlag)
    .action(async (flags: Flags) => end(await report(flags, cli)))
}
