import type { ConfiguredPrice, PriceRow } from "../contract/card.ts"
import { type Cost, dollars } from "../contract/cost.ts"
import type { Resolved } from "../contract/plan.ts"
import type { Task } from "../contract/request.ts"
import type { Target } from "../models/registry.ts"
import type { SizePrices } from "./size.ts"

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

export interface PriceFacts {
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

export interface PriceList {
  readonly rows: readonly Rate[]
  readonly facts: PriceFacts
}

export const listPrices = async (
  { adapter, card, modelId, listed, region }: Target,
  task: Task,
  { quality, steps }: Pick<Resolved, "quality" | "steps">,
  configured: readonly ConfiguredPrice[],
  date: string,
): Promise<PriceList> => {
  // The caller's own prices come first. A model without list prices is only priced by its own id.
  const own = configured.filter(({ model }) => model === modelId || (listed && model === card.id))
  const rows: readonly Rate[] = listed ? [...own, ...card.prices] : own
  const isRegional = rows.some((row) => row.region !== undefined)
  const called = isRegional ? ((await adapter.transport.region?.(region)) ?? region) : undefined
  return { rows, facts: { task, quality, steps, date, region: called } }
}

/** The first row that matches; undefined where the price is unknown. */
export const findPrice = (rows: readonly Rate[], facts: PriceFacts): Rate | undefined =>
  rows.find(
    (row) =>
      isOrAny(row.task, facts.task) &&
      isOrAny(row.quality, facts.quality) &&
      isOrAny(row.region, facts.region) &&
      isWithin(row.maxPixels, facts.pixels) &&
      isWithin(row.maxSteps, facts.steps) &&
      (row.validFrom === undefined || row.validFrom <= facts.date) &&
      (row.validTo === undefined || facts.date < row.validTo),
  )

/** The price by pixels alone, for comparing sizes: rates in the currency of the first row. */
export const priceByPixels = ({ rows, facts }: PriceList): SizePrices => {
  let first: Rate | undefined
  const firstRow = (): Rate | undefined => {
    // Found on demand: a legal size needs no price.
    first ??= rows.find(({ maxPixels: _any, ...row }) => findPrice([row], facts))
    return first
  }
  return {
    priceOf: (pixels) => {
      const row = findPrice(rows, { ...facts, pixels })
      return row?.currency === firstRow()?.currency ? row?.microUsd : undefined
    },
    priceText: (price) => {
      const currency = firstRow()?.currency ?? "USD"
      return currency === "USD" ? dollars(price, 3) : `${price / 1_000_000} ${currency}`
    },
  }
}

/** Whole micro-USD per image, rounded half up; undefined where unknown or in another currency. */
export const microUsdOf = (row: Rate | undefined): number | undefined =>
  row && [undefined, "USD"].includes(row.currency) ? Math.round(row.microUsd) : undefined

export const costOf = (microUsd: number | undefined, images: number): Cost =>
  microUsd === undefined
    ? { ...noCost, unpricedImages: images }
    : { ...noCost, microUsd: microUsd * images }

export const maybeCostOf = (microUsd: number | undefined, images: number): Cost =>
  microUsd === undefined
    ? { ...noCost, unpricedImages: images }
    : { ...noCost, maybeMicroUsd: microUsd * images }

/** A rate in another currency, which no sum contains: `0.036 EUR per image`. */
export const foreignRate = (row: Rate | undefined): string | undefined =>
  row && microUsdOf(row) === undefined
    ? `${row.microUsd / 1_000_000} ${row.currency} per image`
    : undefined

export const priceUnknown = (modelId: string, row: Rate | undefined): string => {
  const foreign = foreignRate(row)
  const details =
    foreign === undefined ? ". Set it in createPictor({ prices })" : ` in USD: ${foreign}`
  return `The price of ${modelId} is unknown${details}.`
}

const isWithin = (limit: number | undefined, value: number | undefined): boolean =>
  limit === undefined || (value !== undefined && value <= limit)

const isOrAny = (wanted: string | undefined, value: string | undefined): boolean =>
  wanted === undefined || wanted === value
