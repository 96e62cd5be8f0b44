import { invalidRequest } from "../contract/errors.ts"
import { isObject } from "../lib/object.ts"

/** A value as an error's `given` may repeat it: long texts are cut, objects named by type. */
export const givenAs = (given: unknown): unknown => {
  if (typeof given === "string")
    return given.length > maxLength ? `${given.slice(0, maxLength - 3)}...` : given
  if (typeof given === "number" || typeof given === "boolean" || given === null) return given
  return `a value of type ${Array.isArray(given) ? "array" : typeof given}`
}

/** The same for a message, on one line. */
export const quote = (given: unknown): string =>
  typeof given === "string" ? JSON.stringify(givenAs(given)) : String(givenAs(given))

/** A number with thousands separators. `Intl` would slow down the start. */
export const formatNumber = (value: number): string =>
  String(value).replace(/(?<!\.\d*)\B(?=(\d{3})+(?!\d))/g, ",")

/** The names most like `given`, best first, by the letter pairs that they share. */
export const nearest = (given: string, names: readonly string[], count = 3): readonly string[] => {
  const wanted = letterPairs(given.slice(0, 100).toLowerCase())
  const likeness = (name: string): number => {
    const pairs = letterPairs(name.toLowerCase())
    return pairs.filter((pair) => wanted.includes(pair)).length / (wanted.length + pairs.length)
  }
  return names.toSorted((left, right) => likeness(right) - likeness(left)).slice(0, count)
}

/** Throws `invalid_request` for an unknown option. `owner` names the options in the message. */
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

const maxLength = 60

/** With a blank before and after the text. */
const letterPairs = (text: string): readonly string[] => [
  ...new Set(
    Array.from({ length: text.length + 1 }, (_, index) => ` ${text} `.slice(index, index + 2)),
  ),
]
