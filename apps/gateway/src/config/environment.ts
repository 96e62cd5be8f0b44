import type { Report } from "./report.ts"
import { isTree } from "./yaml-object.ts"

export type Environment = Readonly<Record<string, string | undefined>>

const reference = /^os\.environ\/(.+)$/

/** Is it, or does it hold, a value that comes out of the environment? */
export const isReference = (value: unknown): boolean =>
  typeof value === "string" && reference.test(value.trim())

/** A value with every `os.environ/NAME` in it replaced. What is missing is a problem that names key and variable. */
export const withEnvironment = (
  value: unknown,
  path: string,
  environment: Environment,
  report: Report,
): unknown => {
  if (Array.isArray(value))
    return value.map((each, index) =>
      withEnvironment(each, `${path}[${index}]`, environment, report),
    )
  if (isTree(value))
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [
        key,
        withEnvironment(each, `${path}.${key}`, environment, report),
      ]),
    )
  const name = typeof value === "string" ? reference.exec(value.trim())?.[1] : undefined
  if (name === undefined) return value
  const found = environment[name]
  if (found !== undefined && found !== "") return found
  report.problem(
    path,
    `the environment variable ${name} is ${found === undefined ? "not set" : "empty"}; set it, or write the value here`,
  )
  return undefined
}
