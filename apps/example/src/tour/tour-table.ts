import { formatUsd } from "@pictor/core"
import type { Cell, Row, Table } from "@pictor/terminal"
import { changeText, decimalsOf, sumCosts } from "@pictor/terminal"
import { seconds } from "../progress.ts"
import type { StepEnd } from "./sheet.ts"

const sizeOf = ({ after }: StepEnd): string => (after ? `${after.width}x${after.height}` : "")

const rowOf = (end: StepEnd, decimals: number): Row => {
  const changes = (end.changes ?? []).map((change) => ({
    text: `↳ ${changeText(change)}`,
    style: "dim" as const,
  }))
  const problems = end.problem === undefined ? [] : [{ text: end.problem, style: "red" as const }]
  const cells: readonly Cell[] = [
    { text: end.step },
    { text: end.model },
    { text: sizeOf(end) },
    { text: end.cost ? formatUsd(end.cost, decimals) : "" },
    { text: end.timeMs === undefined ? "" : seconds(end.timeMs) },
  ]
  return {
    mark: { text: end.after ? "✓" : "✗", style: end.after ? "green" : "red" },
    lines: [cells],
    notes: [...changes, ...problems],
  }
}

/** The steps with their models and costs, and the total. */
export const tourTable = (ends: readonly StepEnd[], timeMs: number): Table => {
  const costs = ends.flatMap(({ cost }) => cost ?? [])
  const decimals = decimalsOf(costs)
  return {
    columns: [
      { title: "STEP" },
      { title: "MODEL" },
      { title: "SIZE" },
      { title: "COST", right: true },
      { title: "TIME", right: true },
    ],
    rows: ends.map((end) => rowOf(end, decimals)),
    total: {
      lines: [
        [
          { text: `total: ${costs.length} of ${ends.length} steps` },
          { text: "" },
          { text: "" },
          { text: formatUsd(sumCosts(costs), decimals) },
          { text: seconds(timeMs) },
        ],
      ],
    },
  }
}
