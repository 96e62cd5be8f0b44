import type { Deployment } from "../types.ts"

type Share = Pick<Deployment, "order" | "weight">

/** One of those of the lowest order, by weight; who weighs nothing only where all do. `random`: 0 ≤ random < 1. */
export const pick = <Each extends Share>(
  candidates: readonly Each[],
  random: () => number,
): Each | undefined => {
  const order = Math.min(...candidates.map((each) => each.order))
  const first = candidates.filter((each) => each.order === order)
  const total = first.reduce((sum, { weight }) => sum + weight, 0)
  if (total === 0) return first[Math.floor(random() * first.length)]
  const point = random() * total
  let sum = 0
  for (const each of first) {
    sum += each.weight
    if (point < sum) return each
  }
  return first.findLast(({ weight }) => weight > 0)
}
