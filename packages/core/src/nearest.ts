const distance = (left: string, right: string): number => {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let i = 1; i <= left.length; i++) {
    const next = [i]
    for (let j = 1; j <= right.length; j++) {
      const substituted = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1)
      next[j] = Math.min((next[j - 1] ?? 0) + 1, (row[j] ?? 0) + 1, substituted)
    }
    row = next
  }
  return row[right.length] ?? 0
}

/** The names most like `given`, best first. */
export const nearest = (given: string, names: readonly string[], count = 3): readonly string[] => {
  const wanted = given.slice(0, 100).toLowerCase()
  return names
    .map((name) => ({ name, far: distance(wanted, name.toLowerCase()) - (name.toLowerCase().includes(wanted) ? name.length : 0) }))
    .toSorted((left, right) => left.far - right.far)
    .slice(0, count)
    .map(({ name }) => name)
}

/** A caller's word as it may stand in a message: short, on one line. */
export const quote = (given: unknown): string => {
  if (typeof given !== "string")
    return typeof given === "number" || typeof given === "boolean" || given == null
      ? String(given)
      : `a value of type ${Array.isArray(given) ? "array" : typeof given}`
  return JSON.stringify(given.length > 60 ? `${given.slice(0, 57)}...` : given)
}

/** The same for an error's `given`: numbers stay numbers, and a long text is cut. */
export const givenAs = (given: unknown): unknown => {
  if (typeof given === "string") return given.length > 60 ? `${given.slice(0, 57)}...` : given
  return typeof given === "number" || typeof given === "boolean" || given === null ? given : quote(given)
}
