import { gateText, type Summary } from "./gate.ts"
import type { Result } from "./harness.ts"

const digits = (value: number): string => {
  if (!Number.isFinite(value)) return String(value)
  return value >= 100
    ? value.toFixed(0)
    : value >= 10
      ? value.toFixed(1)
      : value >= 0.1
        ? value.toFixed(2)
        : value.toPrecision(2)
}

const spread = ({ median, min, max }: Summary): string =>
  `${digits(median)} [${digits(min)}–${digits(max)}]`

const verdict = ({ passed }: Result): string =>
  passed === undefined ? "" : passed ? "pass" : "MISSED"

const cellsOf = (result: Result): readonly string[] => {
  const { benchmark, subject, baseline, ratio, pairs } = result
  return [
    benchmark.name,
    `${benchmark.subject}: ${digits(subject.median)} ${benchmark.unit}`,
    baseline ? `${benchmark.baseline}: ${digits(baseline.median)} ${benchmark.unit}` : "–",
    ratio ? spread(ratio) : `${spread(subject)} ${benchmark.unit}`,
    benchmark.gate ? gateText(benchmark.gate) : "–",
    String(pairs),
    verdict(result),
  ]
}

const headings = ["name", "measured", "against", "ratio: median [min–max]", "gate", "pairs", ""]

/** One line per result, in columns. */
export const table = (results: readonly Result[]): string => {
  const rows = [headings, ...results.map(cellsOf)]
  const widths = headings.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  )
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  )
  return [
    lines[0],
    "─".repeat(widths.reduce((sum, width) => sum + width + 2, -2)),
    ...lines.slice(1),
  ].join("\n")
}
