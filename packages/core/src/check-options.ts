import type { ImageAdapter } from "./contract/adapter.ts"
import type { PictorOptions } from "./contract/client-types.ts"
import { invalidRequest } from "./contract/errors.ts"
import { anyText, numberFrom, type Rule } from "./models/rule.ts"

const aDate: Rule = { ...anyText, words: "a date like 2026-11-20", takes: (value) => /^\d{4}-\d{2}-\d{2}$/.test(String(value)) }

const aCurrency: Rule = { ...anyText, words: "a code like EUR", takes: (value) => /^[A-Z]{3}$/.test(String(value)) }

const orAbsent = (rule: Rule): Rule => ({ ...rule, takes: (value) => value === undefined || rule.takes(value) })

/** Throws `invalid_request` for numbers that a client could not keep to. */
export const checkOptions = ({ maxImages, parallelCalls, retry, prices = [] }: PictorOptions<readonly ImageAdapter[]>): void => {
  const check = (name: string, { words, takes }: Rule, value: unknown): void => {
    if (!takes(value)) throw invalidRequest(`createPictor: ${name} must be ${words}.`)
  }
  const count = orAbsent(numberFrom(1, Number.MAX_SAFE_INTEGER, true))
  const date = orAbsent(aDate)
  check("maxImages", count, maxImages)
  check("parallelCalls", count, parallelCalls)
  check("retry.attempts", count, retry ? retry.attempts : undefined)
  for (const { model, microUsd, currency, validFrom, validTo } of prices) {
    const price = `of the price of ${model}`
    check(`microUsd ${price}`, numberFrom(0, Number.MAX_SAFE_INTEGER), microUsd)
    check(`currency ${price}`, orAbsent(aCurrency), currency)
    check(`validFrom ${price}`, date, validFrom)
    check(`validTo ${price}`, date, validTo)
  }
}
