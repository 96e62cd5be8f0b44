/** A stream of numbers from 0 to 1 that depends on the seed alone (mulberry32). */
const seededRandom = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** `count` different members of a list, drawn by the seed. */
export const sampleOf = <Item>(
  items: readonly Item[],
  count: number,
  seed: number,
): readonly Item[] => {
  const random = seededRandom(seed)
  const rest = [...items]
  return Array.from({ length: Math.min(count, items.length) }, () => {
    const [drawn] = rest.splice(Math.floor(random() * rest.length), 1)
    return drawn as Item
  })
}
