import { formatUsd, type Slot } from "@pictor/core"
import { type Cell, type Column, decimalsOf, type Row, type Table } from "@pictor/terminal"
import { boundOf, costOfAll, isWhole, type Outcome, orderedOf, picturesOf } from "./outcome.ts"
import { changesCell, grouped, lifecycleCell } from "./plan-table.ts"
import { seconds } from "./progress.ts"

const columns: readonly Column[] = [
  { title: "MODEL" },
  { title: "LIFECYCLE" },
  { title: "SIZE" },
  { title: "SEED", right: true },
  { title: "CHANGES", flexible: true },
  { title: "COST", right: true },
  { title: "TIME", right: true },
]

const words = { failed: "failed", filtered: "filtered", "not-attempted": "not sent" } as const

const sizeCell = (slot: Slot | undefined): Cell => {
  if (slot?.status === "delivered") return { text: `${slot.image.width}x${slot.image.height}` }
  return { text: slot ? words[slot.status] : "refused", style: "red" }
}

const seedCell = (slot: Slot | undefined): Cell => ({
  text: slot?.status === "delivered" ? String(slot.image.seed ?? "—") : "—",
})

const pictureCells = (slot: Slot | undefined): readonly Cell[] => [sizeCell(slot), seedCell(slot)]

const none: Cell = { text: "" }

const costCell = (slot: Slot | undefined, decimals: number): Cell => ({
  text: slot ? formatUsd(slot.cost, decimals) : "—",
})

const boundNotes = (outcome: Outcome): readonly Cell[] => {
  const bound = boundOf(outcome)
  if (!bound) return []
  const text = `↳ the bound was ${formatUsd(bound)}, the charge ${formatUsd(costOfAll([outcome]))}`
  return [{ text, style: "dim" }]
}

/** One line per picture. The first one has the facts of the whole order. */
const rowOf = (outcome: Outcome, decimals: number): Row => {
  const { choice, plan, parts, timeMs, problems } = outcome
  const [first, ...others]: readonly (Slot | undefined)[] =
    parts.length > 0 ? parts.map(({ slot }) => slot) : [undefined]
  const time = timeMs === undefined ? "—" : seconds(timeMs)
  return {
    mark: isWhole(outcome) ? { text: "✓", style: "green" } : { text: "✗", style: "red" },
    lines: [
      [
        { text: choice.model },
        lifecycleCell(choice.lifecycle),
        ...pictureCells(first),
        changesCell(plan),
        costCell(first, decimals),
        { text: time },
      ],
      ...others.map((slot) => [none, none, ...pictureCells(slot), none, costCell(slot, decimals)]),
    ],
    notes: [...boundNotes(outcome), ...problems.map((text) => ({ text, style: "red" }) as const)],
  }
}

export const countText = (outcomes: readonly Outcome[]): string => {
  const ordered = orderedOf(outcomes)
  return `${picturesOf(outcomes).length} of ${ordered} picture${ordered === 1 ? "" : "s"}`
}

/** The pictures and their cost. `timeMs`: of the whole run. */
export const resultTable = (outcomes: readonly Outcome[], timeMs: number): Table => {
  const total = costOfAll(outcomes)
  const decimals = decimalsOf([
    total,
    ...outcomes.flatMap(({ parts }) => parts.map(({ slot }) => slot.cost)),
  ])
  const cells = [
    `total: ${countText(outcomes)}`,
    "",
    "",
    "",
    "",
    formatUsd(total, decimals),
    seconds(timeMs),
  ]
  return {
    columns,
    rows: grouped(
      outcomes.map(({ choice }) => choice),
      outcomes.map((outcome) => rowOf(outcome, decimals)),
    ),
    total: { lines: [cells.map((text) => ({ text, style: "bold" }))] },
  }
}
