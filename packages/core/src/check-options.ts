import type { ImageAdapter } from "./contract/adapter.ts"
import type { PictorOptions } from "./contract/client-types.ts"
import { invalidRequest } from "./contract/errors.ts"

const check = (name: string, words: string, isRight: boolean): void => {
  if (!isRight) throw invalidRequest(`createPictor: ${name} must be ${words}.`)
}

const checkCount = (name: string, value = 1): void =>
  check(
    name,
    `a whole number from 1 to ${Number.MAX_SAFE_INTEGER}`,
    Number.isSafeInteger(value) && value >= 1,
  )

const checkText = (name: string, words: string, pattern: RegExp, value: string | undefined): void =>
  check(name, words, value === undefined || pattern.test(value))

/** Throws `invalid_request` for numbers that a client could not keep to. */
export const checkOptions = ({
  maxImages,
  parallelCalls,
  retry,
  prices = [],
}: PictorOptions<readonly ImageAdapter[]>): void => {
  checkCount("maxImages", maxImages)
  checkCount("parallelCalls", parallelCalls)
  checkCount("retry.attempts", retry ? retry.attempts : undefined)
  for (const { model, microUsd, currency, ...dates } of prices) {
    const price = `of the price of ${model}`
    check(
      `microUsd ${price}`,
      `a number from 0 to ${Number.MAX_SAFE_INTEGER}`,
      Number.isFinite(microUsd) && microUsd >= 0 && microUsd <= Number.MAX_SAFE_INTEGER,
    )
    checkText(`currency ${price}`, "a code like EUR", /^[A-Z]{3}$/, currency)
    for (const name of ["validFrom", "validTo"] as const)
      checkText(`${name} ${price}`, "a date like 2026-11-20", /^\d{4}-\d{2}-\d{2}$/, dates[name])
  }
}
