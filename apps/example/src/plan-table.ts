import { type Estimate, formatUsd, type LifecycleStatus, type Plan } from "@pictor/core"
import {
  type Cell,
  type Column,
  changeText,
  decimalsOf,
  type Row,
  type Style,
  sumCosts,
  type Table,
} from "@pictor/terminal"
import type { Choice } from "./choice.ts"
import { type Order, problemText } from "./outcome.ts"
import { providers } from "./providers.ts"

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

const headingOf = ({ lifecycle, provider }: Choice): string =>
  lifecycle === "retired"
    ? "Retired: they answer on emulators, and on AWS as private or provisioned copies"
    : providers[provider].title

/** The rows, with a heading above each provider's live models and one above the retired ones. */
export const grouped = (choices: readonly Choice[], rows: readonly Row[]): readonly Row[] => {
  const headings = choices.map(headingOf)
  if (new Set(headings).size < 2) return rows
  return rows.map((row, index) => {
    const heading = headings[index]
    return heading === undefined || heading === headings[index - 1] ? row : { ...row, heading }
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

/** `≤` marks an upper bound. */
const estimateText = (estimate: Estimate, decimals: number): string =>
  `${estimate.basis === "upper-bound" ? "≤ " : ""}${formatUsd(estimate, decimals)}`

const rowOf = ({ choice, plan, refusal }: Order, decimals: number): Row => ({
  mark: refusal ? { text: "✗", style: "red" } : { text: "" },
  lines: [
    [
      { text: choice.model },
      lifecycleCell(choice.lifecycle),
      { text: choice.region ?? "—" },
      plan ? { text: sizeText(plan) } : { text: "refused", style: "red" },
      { text: plan ? String(plan.n) : "" },
      changesCell(plan),
      { text: plan ? estimateText(plan.estimate, decimals) : "—" },
    ],
  ],
  notes: refusal ? [{ text: problemText(refusal), style: "red" }] : [],
})

/** The planned calls and their cost. */
export const planTable = (orders: readonly Order[]): Table => {
  const estimates = orders.flatMap(({ plan }) => plan?.estimate ?? [])
  const total = sumCosts(estimates)
  const isBound = estimates.some(({ basis }) => basis === "upper-bound")
  const decimals = decimalsOf([...estimates, total])
  const count = orders.reduce((sum, { plan }) => sum + (plan?.n ?? 0), 0)
  const cells = [
    "total",
    "",
    "",
    "",
    String(count),
    "",
    estimates.length > 0
      ? estimateText({ ...total, ...(isBound && { basis: "upper-bound" }) }, decimals)
      : "—",
  ]
  return {
    columns,
    rows: grouped(
      orders.map(({ choice }) => choice),
      orders.map((order) => rowOf(order, decimals)),
    ),
    total: { lines: [cells.map((text) => ({ text, style: "bold" }))] },
  }
}
