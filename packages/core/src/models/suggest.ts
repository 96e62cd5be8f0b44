import { invalidRequest } from "../contract/errors.ts"
import { isObject } from "../lib/object.ts"

const longestPart = 60

/** A caller's word as an error's `given` may repeat it: numbers stay numbers, and a long text is cut. */
export const givenAs = (given: unknown): unknown => {
  if (typeof given === "string")
    return given.length > longestPart ? `${given.slice(0, longestPart - 3)}...` : given
  if (typeof given === "number" || typeof given === "boolean" || given === null) return given
  return `a value of type ${Array.isArray(given) ? "array" : typeof given}`
}

/** The same as it may stand in a message, on one line. */
export const quote = (given: unknown): string =>
  typeof given === "string" ? JSON.stringify(givenAs(given)) : String(givenAs(given))

/** Of letters, with the blanks before and after. */
const pairsOf = (text: string): readonly string[] => [
  ...new Set(
    Array.from({ length: text.length + 1 }, (_, index) => ` ${text} `.slice(index, index + 2)),
  ),
]

/** The names most like `given`, by the pairs of letters that they share; best first. */
export const nearest = (given: string, names: readonly string[], count = 3): readonly string[] => {
  const wanted = pairsOf(given.slice(0, 100).toLowerCase())
  const likeness = (name: string): number => {
    const pairs = pairsOf(name.toLowerCase())
    return pairs.filter((pair) => wanted.includes(pair)).length / (wanted.length + pairs.length)
  }
  return names.toSorted((left, right) => likeness(right) - likeness(left)).slice(0, count)
}

/** Throws `invalid_request` for an option that does not exist. `owner`: whose options they are, for the message. */
export const checkOptionNames = <Options extends object>(
  owner: string,
  options: Options,
  names: Readonly<Record<keyof Options, true>>,
): void => {
  if (!isObject(options)) throw invalidRequest(`The options of ${owner} must be an object.`)
  for (const [name, value] of Object.entries(options))
    if (value !== undefined && !Object.hasOwn(names, name))
      throw invalidRequest(
        `${owner} has no option ${quote(name)}. Did you mean "${nearest(name, Object.keys(names), 1).join()}"?`,
      )
}
