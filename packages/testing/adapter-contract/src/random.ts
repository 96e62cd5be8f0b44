/** Random numbers in [0, 1), determined by the seed (mulberry32). */
export const randomNumbers = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const pick = <Value>(random: () => number, values: readonly Value[]): Value =>
  values[Math.floor(random() * values.length)] as Value

const scalars: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1e300,
  "",
  "SUCCESS",
  "aGVsbG8=",
  "\ud83c\udfa8",
  "not base64 !",
]

const keys = [
  "images",
  "error",
  "artifacts",
  "data",
  "base64",
  "seed",
  "seeds",
  "length",
  "constructor",
  "0",
]

/** A JSON value, at most `depth` levels deep. */
export const randomJson = (random: () => number, depth = 3): unknown => {
  const shape = depth === 0 ? 0 : random()
  if (shape < 0.4) return pick(random, scalars)
  const children = Array.from({ length: Math.floor(random() * 4) }, () =>
    randomJson(random, depth - 1),
  )
  return shape < 0.7
    ? children
    : Object.fromEntries(children.map((child) => [pick(random, keys), child]))
}

/** The JSON with about a fifth of its values replaced and some keys removed. */
export const mutated = (random: () => number, value: unknown): unknown => {
  if (random() < 0.2) return randomJson(random, 2)
  if (Array.isArray(value))
    return value.filter(() => random() > 0.1).map((each) => mutated(random, each))
  if (typeof value !== "object" || value === null) return value
  const entries = Object.entries(value).filter(() => random() > 0.1)
  return Object.fromEntries(entries.map(([key, each]) => [key, mutated(random, each)]))
}
