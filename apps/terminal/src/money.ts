import type { Cost } from "@pictor/core"

const nothing: Cost = { microUsd: 0, maybeMicroUsd: 0, unpricedImages: 0 }

export const sumCosts = (costs: readonly Cost[]): Cost =>
  costs.reduce(
    (sum, cost) => ({
      microUsd: sum.microUsd + cost.microUsd,
      maybeMicroUsd: sum.maybeMicroUsd + cost.maybeMicroUsd,
      unpricedImages: sum.unpricedImages + cost.unpricedImages,
    }),
    nothing,
  )

/** How many decimals show these amounts exactly: 2 at least. */
export const decimalsOf = (costs: readonly Cost[]): number => {
  const amounts = costs.flatMap(({ microUsd, maybeMicroUsd }) => [microUsd, maybeMicroUsd])
  return (
    [2, 3, 4, 5].find((decimals) =>
      amounts.every((amount) => amount % 10 ** (6 - decimals) === 0),
    ) ?? 6
  )
}
