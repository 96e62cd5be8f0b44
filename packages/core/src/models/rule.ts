import { isRecord } from "../planning/wire.ts"

/** What a value may be: in words for messages, and as a test. */
export interface Rule {
  readonly words: string
  readonly takes: (value: unknown) => boolean
  /** Which wrong values a message may repeat; of a text of the caller's it tells the length. */
  readonly repeats?: "numbers" | "words"
}

const isHalf = (unit: number, first: number): boolean => unit >= first && unit < first + 0x400

/** As JSON Schema counts: Unicode code points. Texts may be megabytes of an attacker's, where an iterator takes seconds. */
export const characters = (text: string): number => {
  let count = text.length
  for (let at = 1; at < text.length; at++)
    if (isHalf(text.charCodeAt(at), 0xdc00) && isHalf(text.charCodeAt(at - 1), 0xd800)) count--
  return count
}

export const numberFrom = (minimum: number, maximum: number, whole = false): Rule => ({
  words: `a ${whole ? "whole " : ""}number from ${minimum} to ${maximum}`,
  takes: (value) =>
    Number.isFinite(value) &&
    (value as number) >= minimum &&
    (value as number) <= maximum &&
    (!whole || Number.isInteger(value)),
  repeats: "numbers",
})

export const anyNumber: Rule = {
  words: "a number",
  takes: (value) => Number.isFinite(value),
  repeats: "numbers",
}

export const anyText: Rule = { words: "a text", takes: (value) => typeof value === "string" }

const mostListed = 30

/** One of these words; `tolerated` ones are taken too, and not told. */
export const oneOf = (values: readonly string[], tolerated: readonly string[] = []): Rule => ({
  words: `one of ${values.length > mostListed ? `${values.length}, among them ${values.slice(0, 9).join(", ")}` : values.join(", ")}`,
  takes: (value) => values.includes(value as string) || tolerated.includes(value as string),
  repeats: "words",
})

export const textOf = (minLength: number, maxLength = Number.POSITIVE_INFINITY): Rule => ({
  words: `a text of ${minLength} to ${maxLength} characters`,
  takes: (value) => {
    if (typeof value !== "string" || value.length < minLength) return false
    const count = value.length > maxLength || minLength > 1 ? characters(value) : value.length
    return count >= minLength && count <= maxLength
  },
})

export const listOf = (words: string, item: Rule, maxItems = Number.POSITIVE_INFINITY): Rule => ({
  words,
  takes: (value) =>
    Array.isArray(value) && value.length > 0 && value.length <= maxItems && value.every(item.takes),
})

/** An object of these parts alone; those not required may be absent. */
export const objectOf = (
  words: string,
  parts: Readonly<Record<string, Rule>>,
  required: readonly string[] = [],
): Rule => ({
  words,
  takes: (value) =>
    isRecord(value) &&
    required.every((name) => value[name] !== undefined) &&
    Object.entries(value).every(
      ([name, each]) =>
        Object.hasOwn(parts, name) && (each === undefined || parts[name]?.takes(each)),
    ),
})
