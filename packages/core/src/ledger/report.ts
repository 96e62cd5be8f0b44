import type { SpendQuery, SpendRow } from "../contract/ledger.ts"
import { type Entry, invalid, plus, type Sums, zero } from "./row.ts"

/** The spend by group, sorted by group. */
export const report = (
  entries: Iterable<Entry>,
  { by = [], from, to }: SpendQuery,
): readonly SpendRow[] => {
  const fromMs = from === undefined ? -Infinity : Date.parse(from)
  const toMs = to === undefined ? Infinity : Date.parse(to)
  if ([fromMs, toMs].some(Number.isNaN)) throw invalid('"from" and "to" must be ISO times.')
  const groups = new Map<string, Sums>()
  for (const { facts, state, sums, timeMs } of entries) {
    if (timeMs < fromMs || timeMs >= toMs) continue
    const all: Readonly<Record<string, string>> = { ...facts, state }
    const name = JSON.stringify(Object.fromEntries(by.map((key) => [key, all[key]])))
    groups.set(name, plus(groups.get(name) ?? zero, sums))
  }
  return [...groups]
    .toSorted(([first], [second]) => (first < second ? -1 : 1))
    .map(([name, { reservedMicroUsd: _money, reservedImages: _images, ...sums }]) => ({
      group: JSON.parse(name) as SpendRow["group"],
      ...sums,
    }))
}
