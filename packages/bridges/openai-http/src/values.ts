/** The fields of a request body by name. */
export type Fields = Readonly<Record<string, unknown>>

/** A plain object out of JSON or a form. */
export const isFields = (value: unknown): value is Fields =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof Blob) &&
  !ArrayBuffer.isView(value)

/** Clients also say as null what is absent. */
export const isGiven = (value: unknown): boolean => value !== undefined && value !== null

/** Without what is absent. */
export const given = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => isGiven(value)))

const deepest = 32
const most = 500

/** Why JSON is too much to be looked at: nested too deep, or of too many values. Undefined where it is not. */
export const excess = (root: unknown): string | undefined => {
  const open: (readonly [value: unknown, depth: number])[] = [[root, 0]]
  let count = 0
  for (let next = open.pop(); next; next = open.pop()) {
    const [value, depth] = next
    if (++count > most) return `it has more than ${most} values`
    if (depth > deepest) return `it is nested more than ${deepest} deep`
    if (typeof value !== "object" || value === null || value instanceof Blob) continue
    const inner: readonly unknown[] = Object.values(value)
    if (inner.length > most) return `it has more than ${most} values`
    for (const each of inner) open.push([each, depth + 1])
  }
  return undefined
}
