import { findPrice, microUsdOf, type Quote, type Rate } from "./price.ts"

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
