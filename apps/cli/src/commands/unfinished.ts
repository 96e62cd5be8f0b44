import { resolve as resolvePath } from "node:path"
import { formatUsd } from "@pictor/core"
import { type Row, renderTable } from "@pictor/terminal"
import { type Command, Option } from "commander"
import type { Cli } from "../cli.ts"
import { openClient } from "../client.ts"
import { exitCodes } from "../exit-codes.ts"
import { prepareFolder, savePicture } from "../saving.ts"
import { emulatorFlag, type ReportFlags, withLedger } from "./reports.ts"

interface Flags extends ReportFlags {
  readonly json?: boolean
  readonly spent?: boolean
  readonly unspent?: boolean
  readonly out?: string
}

/** Reads the live ledger without `--emulator`. It calls no provider. */
const list = async (flags: Flags, cli: Cli): Promise<number> => {
  const opened = await openClient(cli, { live: !flags.emulator, records: true })
  const { print, note, columns, paint } = cli.terminal
  try {
    const unfinished = await opened.pictor.unfinished()
    if (flags.json) print(`${JSON.stringify(unfinished, undefined, 2)}\n`)
    else if (unfinished.length === 0) note("Every call has an outcome.\n")
    else {
      const rows = unfinished.map(
        ({ id, time, model, state, cost, images, resumable }): Row => ({
          lines: [
            [
              { text: id },
              { text: time.slice(0, 16) },
              { text: model },
              { text: String(images) },
              { text: formatUsd(cost) },
              { text: resumable ? `${state}, resumable` : state },
            ],
          ],
        }),
      )
      const titles = ["id", "time", "model", "pictures", "cost", "state"]
      const table = { columns: titles.map((title) => ({ title })), rows }
      print(`${renderTable(table, columns, paint).join("\n")}\n`)
      note(
        "End one with pictor resolve ID, which fetches its pictures, or with --spent or --unspent.\n",
      )
    }
    return exitCodes.success
  } finally {
    await opened.pictor.close()
  }
}

const openTexts = {
  running: "The provider still works on it. Ask again later.\n",
  expired: "The provider does not know it any more. Add --spent or --unspent.\n",
}

const fetchPictures = async (id: string, flags: Flags, cli: Cli): Promise<number> => {
  const opened = await openClient(cli, { live: !flags.emulator, records: true })
  const { print, note } = cli.terminal
  try {
    const folder = resolvePath(cli.folder, flags.out ?? opened.config.out ?? "out")
    await prepareFolder(folder)
    const ended = await opened.pictor.resume(id, { signal: cli.signal })
    if (!("slots" in ended)) {
      note(openTexts[ended.status])
      return exitCodes.failed
    }
    const { live } = opened
    const madeAt = new Date(cli.now()).toISOString()
    for (const slot of ended.slots)
      if (slot.status === "delivered") {
        const facts = { live, cost: slot.cost, requestIds: [], madeAt }
        print(`${(await savePicture(slot.image, facts, { folder, embed: false, cli })).file}\n`)
      }
    note(`Charged: ${formatUsd(ended.cost)}.\n`)
    return ended.status === "delivered" ? exitCodes.success : exitCodes.failed
  } finally {
    await opened.pictor.close()
  }
}

const resolve = (id: string, flags: Flags, cli: Cli): Promise<number> => {
  if (!flags.spent && !flags.unspent) return fetchPictures(id, flags, cli)
  return withLedger(flags, cli, async (ledger) => {
    await ledger.resolve(id, flags.spent ? "spent" : "unspent")
    cli.terminal.note(`${id} is recorded as ${flags.spent ? "spent" : "not spent"}.\n`)
    return exitCodes.success
  })
}

export const configureUnfinished = async (
  command: Command,
  cli: Cli,
  end: (code: number) => void,
): Promise<void> => {
  command
    .option("--json", "print JSON")
    .option(...emulatorFlag)
    .action(async (flags: Flags) => end(await list(flags, cli)))
}

export const configureResolve = async (
  command: Command,
  cli: Cli,
  end: (code: number) => void,
): Promise<void> => {
  command
    .argument("<id>", "the call's id, from pictor unfinished")
    .option("--spent", "record that it was charged")
    .addOption(new Option("--unspent", "record that it was not charged").conflicts("spent"))
    .option("-o, --out <folder>", "where pictures go (default: out)")
    .option(...emulatorFlag)
    .action(async (id: string, flags: Flags) => end(await resolve(id, flags, cli)))
}
