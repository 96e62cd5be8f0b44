import { join } from "node:path"
import { formatUsd } from "@pictor/core"
import { renderTable, sumCosts, type Terminal, wrap } from "@pictor/terminal"
import type { Options } from "./args.ts"
import type { Choices } from "./choice.ts"
import { costOfAll, type Outcome, orderedOf, picturesOf } from "./outcome.ts"
import { providers } from "./providers.ts"
import { resultTable } from "./result-table.ts"

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? "" : "s"}`

export const printHeading = (
  { prompt, live }: Options,
  { chosen, skipped }: Choices,
  { print, paint, columns }: Terminal,
): void => {
  const titles = [...new Set(chosen.map(({ provider }) => providers[provider].title))]
  const place = live
    ? `at ${titles.join(", ")}`
    : `of ${plural(titles.length, "provider")} on ${titles.length === 1 ? "its emulator" : "their emulators"}: nothing leaves this machine, nothing is charged`
  print(`\n${paint("bold", "Pictor")}  ${plural(chosen.length, "model")} ${place}\n\n`)
  for (const line of wrap(`“${prompt}”`, columns - 4)) print(`  ${paint("italic", line)}\n`)
  print("\n")
  if (skipped.length === 0) return
  print("Skipped; without --model only active models are called, in regions of their cards:\n")
  const width = Math.max(...skipped.map(({ model }) => model.length))
  for (const { model, why } of skipped)
    print(`${paint("dim", `  ${model.padEnd(width)}  ${why}`)}\n`)
  print("\n")
}

/** The file of the contact sheet, or why there is none. */
export type SheetEnd = { readonly file: string } | { readonly problem: string }

interface Ending {
  readonly outcomes: readonly Outcome[]
  readonly timeMs: number
  readonly folder: string
  readonly live: boolean
  readonly interrupted: boolean
  /** Absent if there was no picture for it. */
  readonly sheet?: SheetEnd
}

export const printEnding = (ending: Ending, { print, note, paint, columns }: Terminal): void => {
  const { outcomes, live, folder, sheet } = ending
  const lines = renderTable(resultTable(outcomes, ending.timeMs), columns, paint)
  print(`${lines.join("\n")}\n\n`)
  const prices = live
    ? "Costs follow from the providers' list prices and the usage that they report."
    : "Costs follow from the providers' list prices; the emulators charged nothing."
  for (const remark of new Set([...outcomes.flatMap(({ warnings }) => warnings), prices])) {
    print(
      wrap(remark, columns - 4)
        .map((line, index) => paint("dim", `${index === 0 ? "  · " : "    "}${line}\n`))
        .join(""),
    )
  }
  print("\n")
  if (ending.interrupted) note(`${paint("yellow", interruption(ending))}\n`)
  if (picturesOf(outcomes).some(({ file }) => file !== undefined))
    print(`  Pictures       ${folder}\n`)
  if (!sheet) return
  if ("file" in sheet) print(`  Contact sheet  ${join(folder, sheet.file)}\n\n`)
  else note(`${paint("red", sheet.problem)}\n`)
}

/** The pictures delivered, maybe billed without delivery, and never sent. */
const interruption = ({ outcomes, live }: Ending): string => {
  const slots = outcomes.flatMap(({ parts }) => parts.map(({ slot }) => slot))
  const unclear = slots.filter(
    ({ status, cost }) =>
      status !== "delivered" && (cost.maybeMicroUsd > 0 || cost.unpricedImages > 0),
  )
  const unsent = slots.filter(({ status }) => status === "not-attempted").length
  const { microUsd } = costOfAll(outcomes)
  const delivered = `Interrupted: ${picturesOf(outcomes).length} of ${plural(orderedOf(outcomes), "picture")} delivered`
  if (!live) return `${delivered}, ${unsent} never sent; the emulators charge nothing.`
  const paid = ` (${formatUsd({ microUsd, maybeMicroUsd: 0, unpricedImages: 0 })})`
  const maybe =
    unclear.length === 0
      ? ""
      : `, ${unclear.length} sent without an answer and perhaps billed (${formatUsd(sumCosts(unclear.map(({ cost }) => cost)))})`
  return `${delivered}${paid}${maybe}, ${unsent} never sent.`
}
