import type { ConfiguredPrice, ModelCard, PriceRow } from "./card.ts"
import type { Task } from "./request.ts"

/** Money in whole micro-USD. What is unknown is counted in images, never as 0. */
export interface Cost {
  readonly microUsd: number
  /** Sent without a verdict: charged or not. */
  readonly maybeMicroUsd: number
  /** Images charged, or maybe charged, at a price that nobody knows. */
  readonly unknownImages: number
}

export const noCost: Cost = { microUsd: 0, maybeMicroUsd: 0, unknownImages: 0 }

export const addCosts = (costs: readonly Cost[]): Cost =>
  costs.reduce(
    (sum, cost) => ({
      microUsd: sum.microUsd + cost.microUsd,
      maybeMicroUsd: sum.maybeMicroUsd + cost.maybeMicroUsd,
      unknownImages: sum.unknownImages + cost.unknownImages,
    }),
    noCost,
  )

/** What one image is priced by. */
export interface Priced {
  readonly task: Task
  readonly quality?: string
  readonly pixels?: number
  readonly steps?: number
  readonly region?: string
  /** ISO date. */
  readonly date: string
}

/** The rows that hold for a model, the caller's own first. `listed: false`: only those that name what is called. */
export const rowsFor = (card: ModelCard, modelId: string, listed: boolean, configured: readonly ConfiguredPrice[]): readonly PriceRow[] => {
  const own = configured.filter(({ model }) => model === modelId || (listed && model === card.id))
  if (!listed) return own
  return own.length > 0 ? [...own, ...card.prices] : card.prices
}

const within = (limit: number | undefined, value: number | undefined): boolean => limit === undefined || (value !== undefined && value <= limit)

const same = (wanted: string | undefined, value: string | undefined): boolean => wanted === undefined || wanted === value

/** The first row that matches; undefined → nobody knows the price. */
export const findPrice = (rows: readonly PriceRow[], priced: Priced): PriceRow | undefined =>
  rows.find(
    (row) =>
      same(row.task, priced.task) &&
      same(row.quality, priced.quality) &&
      same(row.region, priced.region) &&
      within(row.maxPixels, priced.pixels) &&
      within(row.maxSteps, priced.steps) &&
      (row.validFrom === undefined || row.validFrom <= priced.date) &&
      (row.validTo === undefined || priced.date < row.validTo),
  )

/** Whole micro-USD of one image, half up. */
export const microUsdOf = (row: PriceRow | undefined): number | undefined => row && Math.round(row.microUsd)

/** The cost of so many images at one price. */
export const costOf = (microUsd: number | undefined, images: number): Cost =>
  microUsd === undefined ? { ...noCost, unknownImages: images } : { ...noCost, microUsd: microUsd * images }

/** The same, where nobody knows whether it is charged. */
export const maybeCostOf = (microUsd: number | undefined, images: number): Cost =>
  microUsd === undefined ? { ...noCost, unknownImages: images } : { ...noCost, maybeMicroUsd: microUsd * images }
