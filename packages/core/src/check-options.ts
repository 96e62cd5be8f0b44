import type { ImageAdapter } from "./adapter.ts"
import type { ConfiguredPrice } from "./card.ts"
import type { PictorOptions } from "./client-types.ts"
import { ImageError } from "./errors.ts"

const refuse = (what: string): never => {
  throw new ImageError({ code: "invalid_request", message: `createPictor: ${what}.` })
}

const isDate = (date: string | undefined): boolean => date === undefined || /^\d{4}-\d{2}-\d{2}$/.test(date)

const checkPrice = ({ model, microUsd, currency, validFrom, validTo }: ConfiguredPrice): void => {
  if (!Number.isFinite(microUsd) || microUsd < 0) refuse(`the price of ${model} must be a number of micro-USD from 0`)
  if (currency !== undefined && !/^[A-Z]{3}$/.test(currency)) refuse(`the currency of the price of ${model} must be a code like EUR`)
  if (!isDate(validFrom) || !isDate(validTo)) refuse(`validFrom and validTo of the price of ${model} must be dates like 2026-11-20`)
}

/** Throws `invalid_request` for numbers that a client could not keep to. */
export const checkOptions = ({ maxImages, parallelCalls, retry, prices = [] }: PictorOptions<readonly ImageAdapter[]>): void => {
  const attempts = retry === false ? undefined : retry?.attempts
  for (const [name, value] of Object.entries({ maxImages, parallelCalls, "retry.attempts": attempts }))
    if (value !== undefined && (!Number.isSafeInteger(value) || value < 1)) refuse(`${name} must be a whole number from 1`)
  for (const price of prices) checkPrice(price)
}
