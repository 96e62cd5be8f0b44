import type { ConfiguredPrice, ModelCard, PriceRow } from "../contract/card.ts"
import type { Cost } from "../contract/cost.ts"
import type { Resolved } from "../contract/plan.ts"
import type { Task } from "../contract/request.ts"
import type { Target } from "../models/registry.ts"

export const noCost: Cost = { microUsd: 0, maybeMicroUsd: 0, unpricedImages: 0 }

export const addCosts = (costs: readonly Cost[]): Cost =>
  costs.reduce(
    (sum, cost) => ({
      microUsd: sum.microUsd + cost.microUsd,
      maybeMicroUsd: sum.maybeMicroUsd + cost.maybeMicroUsd,
      unpricedImages: sum.unpricedImages + cost.unpricedImages,
    }),
    noCost,
  )

/** What one image is priced by. */
export interface Priced {
  readonly task: Task
  readonly quality?: string | undefined
  readonly pixels?: number | undefined
  readonly steps?: number | undefined
  readonly region?: string | undefined
  /** ISO date. */
  readonly date: string
}

/** A price row, in US dollars unless it names another currency. */
export type Rate = PriceRow & Pick<ConfiguredPrice, "currency">

/** The rows that hold for a model, the caller's own first. `listed: false`: only those that name what is called. */
const rowsFor = (
  card: ModelCard,
  modelId: string,
  listed: boolean,
  configured: readonly ConfiguredPrice[],
): readonly Rate[] => {
  const own = configured.filter(({ model }) => model === modelId || (listed && model === card.id))
  if (!listed) return own
  return own.length > 0 ? [...own, ...card.prices] : card.prices
}

const within = (limit: number | undefined, value: number | undefined): boolean =>
  limit === undefined || (value !== undefined && value <= limit)

const isOrAny = (wanted: string | undefined, value: string | undefined): boolean =>
  wanted === undefined || wanted === value

/** The first row that matches; undefined → nobody knows the price. */
export const findPrice = (rows: readonly Rate[], priced: Priced): Rate | undefined =>
  rows.find(
    (row) =>
      isOrAny(row.task, priced.task) &&
      isOrAny(row.quality, priced.quality) &&
      isOrAny(row.region, priced.region) &&
      within(row.maxPixels, priced.pixels) &&
      within(row.maxSteps, priced.steps) &&
      (row.validFrom === undefined || row.validFrom <= priced.date) &&
      (row.validTo === undefined || priced.date < row.validTo),
  )

/** What an image is priced by but for its pixels. */
export interface Quote {
  readonly rows: readonly Rate[]
  readonly priced: Priced
}

/** How an image of a model is priced with these settings. */
export const quoteFor = async (
  { adapter, card, modelId, listed, region }: Target,
  task: Task,
  settings: Pick<Resolved, "quality" | "steps">,
  prices: readonly ConfiguredPrice[],
  date: string,
): Promise<Quote> => {
  const rows = rowsFor(card, modelId, listed, prices)
  const byRegion = rows.some((row) => row.region !== undefined)
  const called = byRegion ? ((await adapter.transport.region?.(region)) ?? region) : undefined
  return {
    rows,
    priced: { task, quality: settings.quality, steps: settings.steps, date, region: called },
  }
}

/** Whole micro-USD of one image, half up; undefined where nobody knows, or knows it in another currency only. */
export const microUsdOf = (row: Rate | undefined): number | undefined =>
  row && [undefined, "USD"].includes(row.currency) ? Math.round(row.microUsd) : undefined

/** The cost of so many images at one price. */
export const costOf = (microUsd: number | undefined, images: number): Cost =>
  microUsd === undefined
    ? { ...noCost, unpricedImages: images }
    : { ...noCost, microUsd: microUsd * images }

/** The same, where nobody knows whether it is charged. */
export const maybeCostOf = (microUsd: number | undefined, images: number): Cost =>
  microUsd === undefined
    ? { ...noCost, unpricedImages: images }
    : { ...noCost, maybeMicroUsd: microUsd * images }

/** A rate that is in no sum, as a person reads it: `0.036 EUR per image`. */
export const foreignRate = (row: Rate | undefined): string | undefined =>
  row && microUsdOf(row) === undefined
    ? `${row.microUsd / 1_000_000} ${row.currency} per image`
    : undefined

/** What to tell of a price that nobody knows. */
export const unknownPrice = (modelId: string, row: Rate | undefined): string => {
  const foreign = foreignRate(row)
  return `The price of ${modelId} is unknown${foreign === undefined ? ". Give it in createPictor({ prices })" : ` in USD: ${foreign}`}.`
}

/** The rates of images that differ in their pixels alone, to compare: those in the currency of the first; undefined where nobody knows. */
export const ratesByPixels = ({
  rows,
  priced,
}: Quote): ((pixels: number) => number | undefined) => {
  let first: Rate | undefined
  return (pixels) => {
    // Looked for once it is asked for: sizes that are legal need no rate.
    first ??= rows.find(({ maxPixels: _any, ...row }) => findPrice([row], priced))
    const row = findPrice(rows, { ...priced, pixels })
    return row?.currency === first?.currency ? row?.microUsd : undefined
  }
}
