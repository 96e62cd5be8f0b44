/** An amount in whole micro-USD. Images without a known price are counted, never priced at 0. */
export interface Cost {
  readonly microUsd: number
  /** Sent without a verdict: the provider may or may not charge it. */
  readonly maybeMicroUsd: number
  /** Images charged, or maybe charged, whose price is unknown. */
  readonly unpricedImages: number
}

/** Micro-USD in dollars, not rounded: `$0.04`, `$1,250.00`. `decimals`: at least this many. */
export const dollars = (microUsd: number, decimals = 2): string =>
  `$${(microUsd / 1_000_000).toLocaleString("en-US", {
    minimumFractionDigits: decimals,
    maximumFractionDigits: 6,
  })}`

const unpriced = (images: number): string => `${images} unpriced image${images === 1 ? "" : "s"}`

/**
 * A cost as text: `$0.04`, `$0.04 to $0.08` where part of it is maybe charged, `$0.04 + 2 unpriced
 * images`. `decimals`: at least this many, to align a column.
 */
export const formatUsd = (
  { microUsd, maybeMicroUsd, unpricedImages }: Cost,
  decimals?: number,
): string => {
  const sure = dollars(microUsd, decimals)
  const amount =
    maybeMicroUsd > 0 ? `${sure} to ${dollars(microUsd + maybeMicroUsd, decimals)}` : sure
  if (unpricedImages === 0) return amount
  return microUsd + maybeMicroUsd > 0
    ? `${amount} + ${unpriced(unpricedImages)}`
    : unpriced(unpricedImages)
}
