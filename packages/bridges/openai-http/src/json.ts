import type { JsonObject } from "@pictor/core"

/** A plain object from JSON or from a form. */
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype

/** Clients send `null` for parameters that they leave out. */
export const isPresent = (value: unknown): boolean => value !== undefined && value !== null

export const withoutAbsent = (fields: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => isPresent(value)))

const maxDepth = 32
const maxValues = 500

/** Twice the values, as an empty list or object counts twice before it is parsed. */
const maxMarks = 2 * maxValues

/** Of JSON outside of its texts, with its spaces. */
const maxOutsideTexts = 1_048_576

const quote = '"'
const backslash = 0x5c
const [comma, openList, openObject] = [0x2c, 0x5b, 0x7b]

/** The run of backslashes ends at the text's own opening quote at the latest. */
const isEscaped = (text: string, at: number): boolean => {
  let start = at
  while (text.charCodeAt(start - 1) === backslash) start--
  return (at - start) % 2 === 1
}

/** The closing quote of the text that opens at `from`; -1 if there is none. */
const endOfText = (json: string, from: number): number => {
  let end = json.indexOf(quote, from + 1)
  while (end !== -1 && isEscaped(json, end)) end = json.indexOf(quote, end + 1)
  return end
}

/** The number of values that begin in a piece outside of texts, or a little more. */
const marksIn = (json: string, from: number, to: number): number => {
  let marks = 0
  for (let at = from; at < to; at++) {
    const code = json.charCodeAt(at)
    if (code === comma || code === openList || code === openObject) marks++
  }
  return marks
}

/**
 * The limit that JSON exceeds before it is parsed, or undefined. It walks from quote to quote, so
 * that a large body of texts costs little and one of small values is not parsed.
 */
export const exceededBeforeParsing = (json: string): string | undefined => {
  let marks = 0
  let texts = 0
  let outside = 0
  for (let at = 0; at < json.length; ) {
    const open = json.indexOf(quote, at)
    const to = open === -1 ? json.length : open
    outside += to - at
    if (outside > maxOutsideTexts)
      return `more than ${maxOutsideTexts.toLocaleString("en")} characters outside of its texts`
    marks += marksIn(json, at, to)
    if (marks > maxMarks || texts > maxMarks) return `more than ${maxValues} values`
    const end = open === -1 ? -1 : endOfText(json, open)
    if (end === -1) return undefined
    texts += 1
    at = end + 1
  }
  return undefined
}

/** The limit that a value exceeds, or undefined. Iterative: recursion could overflow the stack. */
export const exceededLimit = (root: unknown): string | undefined => {
  const open: (readonly [value: unknown, depth: number])[] = [[root, 0]]
  let count = 0
  for (let next = open.pop(); next; next = open.pop()) {
    const [value, depth] = next
    if (++count > maxValues) return `more than ${maxValues} values`
    if (depth > maxDepth) return `more than ${maxDepth} levels of nesting`
    if (typeof value !== "object" || value === null || value instanceof Blob) continue
    const inner: readonly unknown[] = Object.values(value)
    if (inner.length > maxValues) return `more than ${maxValues} values`
    for (const each of inner) open.push([each, depth + 1])
  }
  return undefined
}
