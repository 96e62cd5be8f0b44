import type { Change } from "@pictor/core"

const longest = 56

const show = (value: unknown): string => {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "")
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text
}

const showSplit = (counts: readonly unknown[]): string =>
  counts.length > 4 ? `${counts.length} calls` : counts.join("+")

/** `size 1000x1000→992x992`, `n 7→5+2`, `quality premium dropped`. */
export const changeText = ({ field, from, to, action }: Change): string => {
  if (to === undefined) return `${field} ${show(from)} ${action}`
  return `${field} ${show(from)}→${action === "split" && Array.isArray(to) ? showSplit(to) : show(to)}`
}
