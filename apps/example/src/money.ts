import type { Cost } from "@pictor/core"

const microPerUsd = 1_000_000
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

const usd = (microUsd: number, decimals: number): string =>
  `$${(microUsd / microPerUsd).toFixed(decimals)}`

/** `$0.04`, `$0.04 + maybe $0.08`, `unknown`, `$0.04 + 2 unknown`; what is unknown is never shown as 0. */
export const costText = (cost: Cost, decimals = decimalsOf([cost])): string => {
  const { microUsd, maybeMicroUsd, unpricedImages } = cost
  const maybe = maybeMicroUsd > 0 ? [`maybe ${usd(maybeMicroUsd, decimals)}`] : []
  const known =
    microUsd > 0 || (maybe.length === 0 && unpricedImages === 0) ? [usd(microUsd, decimals)] : []
  const parts = [...known, ...maybe]
  const unknown =
    unpricedImages === 0
      ? []
      : unpricedImages === 1 && parts.length === 0
        ? ["unknown"]
        : [`${unpricedImages} unknown`]
  return [...parts, ...unknown].join(" + ")
}
