import { formatUsd, type LifecycleStatus, type Plan } from "@pictor/core"
import type { Cell, Column, Row, Style, Table } from "@pictor/terminal"
import { changeText, decimalsOf, sumCosts } from "@pictor/terminal"
import { type Order, problemText } from "./outcome.ts"

const columns: readonly Column[] = [
  { title: "MODEL" },
  { title: "LIFECYCLE" },
  { title: "REGION" },
  { title: "SIZE" },
  { title: "COUNT", right: true },
  { title: "CHANGES", flexible: true },
  { title: "ESTIMATE", right: true },
]

const lifecycleStyles: Readonly<Record<LifecycleStatus, Style>> = {
  preview: "cyan",
  active: "green",
  legacy: "yellow",
  retired: "dim",
}

export const lifecycleCell = (lifecycle: LifecycleStatus): Cell => ({
  text: lifecycle,
  style: lifecycleStyles[lifecycle],
})

/** The rows, with a heading above the live models and one above the retired ones. */
export const grouped = (
  lifecycles: readonly LifecycleStatus[],
  rows: readonly Row[],
): readonly Row[] => {
  const first = lifecycles.indexOf("retired")
  const isSplit = first > 0 && lifecycles.slice(first).every((each) => each === "retired")
  if (!isSplit) return rows
  const headings = new Map([
    [0, "Live on AWS"],
    [
      first,
      "Retired by AWS: they answer on the emulator, and on AWS as private or provisioned copies",
    ],
  ])
  return rows.map((row, index) => {
    const heading = headings.get(index)
    return heading === undefined ? row : { ...row, heading }
  })
}

/** The changes to the request: in the column if there is room, else beneath the row. */
export const changesCell = (plan: Plan | undefined): Cell => {
  const changes = (plan?.changes ?? []).map((change) => changeText(change))
  if (changes.length === 0) return { text: plan ? "none" : "", style: "dim" }
  return { text: changes.join(" · "), short: `${changes.length} below`, style: "yellow" }
}

/** The planned size, or the ratio if only that is known. */
const sizeText = ({ outputSize, resolved }: Plan): string =>
  outputSize ? `${outputSize.width}x${outputSize.height}` : (resolved.aspectRatio ?? "—")

const rowOf = ({ choice, plan, refusal }: Order, decimals: number): Row => ({
  mark: refusal ? { text: "✗", style: "red" } : { text: "" },
  lines: [
    [
      { text: choice.model },
      lifecycleCell(choice.lifecycle),
      { text: choice.region },
      plan ? { text: sizeText(plan) } : { text: "refused", style: "red" },
      { text: plan ? String(plan.n) : "" },
      changesCell(plan),
      { text: plan ? formatUsd(plan.estimate, decimals) : "—" },
    ],
  ],
  notes: refusal ? [{ text: problemText(refusal), style: "red" }] : [],
})

/** The planned calls and their cost. */
export const planTable = (orders: readonly Order[]): Table => {
  const estimates = orders.flatMap(({ plan }) => plan?.estimate ?? [])
  const total = sumCosts(estimates)
  const decimals = decimalsOf([...estimates, total])
  const count = orders.reduce((sum, { plan }) => sum + (plan?.n ?? 0), 0)
  const cells = [
    "total",
    "",
    "",
    "",
    String(count),
    "",
    estimates.length > 0 ? formatUsd(total, decimals) : "—",
  ]
  return {
    columns,
    rows: grouped(
      orders.map(({ choice }) => choice.lifecycle),
      orders.map((order) => rowOf(order, decimals)),
    ),
    total: { lines: [cells.map((text) => ({ text, style: "bold" }))] },
  }
}
