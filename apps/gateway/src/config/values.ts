import { z } from "zod"

/** Numbers may be written as text, as they are where they come out of the environment. */
const numberOf = (value: unknown): unknown =>
  typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value))
    ? Number(value)
    : value

const numeric = (allowed: string, least: number) =>
  z.preprocess(numberOf, z.number({ error: allowed }).min(least, { error: allowed }))

export const count = (least: number) => {
  const allowed = `a whole number from ${least}`
  return z.preprocess(numberOf, z.int({ error: allowed }).min(least, { error: allowed }))
}

/** A timer takes no longer one. */
const longestSeconds = 2_147_483

/** Seconds as milliseconds. */
export const seconds = (least: "from 0" | "above 0") => {
  const allowed = `a number of seconds ${least} to ${longestSeconds}`
  return z.preprocess(
    numberOf,
    z
      .number({ error: allowed })
      .min(least === "from 0" ? 0 : 0.001, { error: allowed })
      .max(longestSeconds, { error: allowed })
      .transform((value) => Math.round(value * 1000)),
  )
}

export const weight = numeric("a number from 0", 0)

export const wholeNumber = z.preprocess(numberOf, z.int({ error: "a whole number" }))

export const text = z
  .string({ error: "a text, in quotes where it is a number" })
  .min(1, { error: "a text that is not empty" })

export const flag = z.preprocess(
  (value) =>
    typeof value === "string"
      ? ({ true: true, false: false }[value.toLowerCase()] ?? value)
      : value,
  z.boolean({ error: "true or false" }),
)

/** A list of texts, or one text for a list of one. */
export const texts = z.preprocess(
  (value) => (typeof value === "string" ? [value] : value),
  z.array(text, { error: "a list of texts" }),
)

export const url = text.refine(
  (value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol),
  {
    error: "an absolute URL, for example https://bedrock-runtime.us-east-1.amazonaws.com",
  },
)

export const region = text.regex(/^[a-z0-9-]+$/, { error: "a region, for example us-east-1" })

const decimal = /^(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,3}))?$/i

/** A decimal number as whole millionths, exactly, half up; undefined where it is none. */
export const toMillionths = (written: string): number | undefined => {
  const [all, whole = "", part = "", exponent = "0"] = decimal.exec(written.trim()) ?? []
  if (all === undefined || whole + part === "") return undefined
  const shift = 6 - part.length + Number(exponent)
  const digits = BigInt(whole + part)
  const scaled =
    shift >= 0
      ? digits * 10n ** BigInt(shift)
      : (digits + 10n ** BigInt(-shift) / 2n) / 10n ** BigInt(-shift)
  return scaled <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(scaled) : undefined
}

/** US dollars as whole micro-USD. */
export const usd = z
  .union([z.number(), z.string()], { error: "US dollars from 0, for example 0.04" })
  .transform((value, context) => {
    const microUsd = toMillionths(String(value))
    if (microUsd !== undefined) return microUsd
    context.addIssue({ code: "custom", message: "US dollars from 0, for example 0.04" })
    return z.NEVER
  })
