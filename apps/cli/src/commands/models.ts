import {
  formatUsd,
  type LifecycleStatus,
  type ModelCard,
  type PriceRow,
  type Task,
} from "@pictor/core"
import { type Row, renderTable } from "@pictor/terminal"
import type { Command } from "commander"
import type { Cli } from "../cli.ts"
import { type Opened, openClient } from "../client.ts"
import { CommandError } from "../errors.ts"
import { exitCodes } from "../exit-codes.ts"
import { flagsOf } from "../flags.ts"

interface Flags {
  readonly task?: string
  readonly all?: boolean
  readonly json?: boolean
}

const priceText = ({ microUsd }: PriceRow): string =>
  microUsd === undefined ? "by usage" : formatUsd({ microUsd, maybeMicroUsd: 0, unpricedImages: 0 })

/** The prices of a card in their order, each once. Nothing is assumed where none is known. */
const pricesText = ({ prices }: ModelCard): string => {
  const texts = [...new Set(prices.map(priceText))]
  if (texts.length === 0) return "unknown"
  return texts.length > 2 ? `${texts[0]} to ${texts.at(-1)}` : texts.join(", ")
}

const rowOf = (opened: Opened, card: ModelCard, lifecycle: LifecycleStatus): Row => ({
  lines: [
    [
      { text: card.id },
      { text: opened.providerOf(card.id)?.name ?? "" },
      { text: lifecycle, style: lifecycle === "active" ? "green" : "dim" },
      { text: pricesText(card) },
    ],
  ],
  notes: [{ text: Object.keys(card.tasks).join(", "), style: "dim" }],
})

const list = (opened: Opened, { task, all, json }: Flags, { terminal }: Cli): void => {
  const cards = opened.pictor.models(task === undefined ? {} : { task: task as Task })
  const known = new Set(opened.pictor.models().flatMap((card) => Object.keys(card.tasks)))
  if (task !== undefined && !known.has(task))
    throw new CommandError(`--task must be one of ${[...known].join(", ")}.`)
  const shown = cards
    .map((card) => ({ card, lifecycle: opened.pictor.model(card.id).lifecycle }))
    .filter(({ lifecycle }) => all || lifecycle === "active" || lifecycle === "preview")
  if (json) {
    const rows = shown.map(({ card, lifecycle }) => ({
      id: card.id,
      provider: opened.providerOf(card.id)?.name,
      lifecycle,
      tasks: Object.keys(card.tasks),
      prices: card.prices,
      regions: card.regions,
    }))
    terminal.print(`${JSON.stringify(rows, undefined, 2)}\n`)
    return
  }
  const table = {
    columns: [{ title: "model" }, { title: "provider" }, { title: "state" }, { title: "price" }],
    rows: shown.map(({ card, lifecycle }) => rowOf(opened, card, lifecycle)),
  }
  terminal.print(`${renderTable(table, terminal.columns, terminal.paint).join("\n")}\n`)
  const hidden = cards.length - shown.length
  if (hidden > 0) terminal.note(`${hidden} retired or legacy models are not shown. Add --all.\n`)
}

const show = (opened: Opened, id: string, { json }: Flags, { terminal }: Cli): void => {
  const info = opened.pictor.model(id)
  const { card, lifecycle } = info
  if (json) {
    terminal.print(`${JSON.stringify({ card, lifecycle, schema: info.schema() }, undefined, 2)}\n`)
    return
  }
  const { successor, retiredFrom } = card.lifecycle
  const { paint, columns, print } = terminal
  print(`${paint("bold", card.id)}\n`)
  print(`${opened.providerOf(card.id)?.title ?? ""}; ${lifecycle}`)
  if (retiredFrom) print(`, retired from ${retiredFrom}`)
  print(`${successor ? `; successor: ${successor}` : ""}\n`)
  if (card.aliases?.length)
    print(
      `also named ${card.aliases.map((each) => (typeof each === "string" ? each : each.id)).join(", ")}\n`,
    )
  if (card.regions.length > 0) print(`regions: ${card.regions.join(", ")}\n`)
  print(`price per picture: ${pricesText(card)}\n`)
  for (const task of Object.keys(card.tasks) as Task[]) {
    const rows = flagsOf([card], [task]).map(
      ({ name, help }): Row => ({ lines: [[{ text: `--${name}` }, { text: help }]] }),
    )
    const table = { columns: [{ title: task }, { title: "takes", flexible: true as const }], rows }
    print(`\n${renderTable(table, columns, paint).join("\n")}\n`)
  }
}

export const configureModels = async (
  command: Command,
  cli: Cli,
  end: (code: number) => void,
): Promise<void> => {
  command
    .argument("[id]", "a model to show")
    .option("--task <name>", "models that have this task")
    .option("--all", "retired and legacy models too")
    .option("--json", "print JSON")
    .action(async (id: string | undefined, flags: Flags) => {
      const opened = await openClient(cli, { live: false })
      try {
        if (id === undefined) list(opened, flags, cli)
        else show(opened, id, flags, cli)
        end(exitCodes.success)
      } finally {
        await opened.pictor.close()
      }
    })
}
