import { parseArgs } from "node:util"

export interface Arguments {
  readonly help: boolean
  readonly only: readonly string[]
  readonly pairs?: number
}

/** The median of fewer pairs says little on a machine that does other things as well. */
const fewestPairs = 7

/** Throws an Error that says what is wrong. */
export const readArguments = (words: readonly string[], names: readonly string[]): Arguments => {
  const { values } = parseArgs({
    args: [...words],
    options: {
      help: { type: "boolean", short: "h" },
      only: { type: "string", multiple: true },
      pairs: { type: "string" },
    },
  })
  const only = values.only ?? []
  const unknown = only.find((wanted) => !names.some((name) => name.includes(wanted)))
  if (unknown !== undefined)
    throw new Error(
      `there is no benchmark ${JSON.stringify(unknown)}; there are ${names.join(", ")}`,
    )
  const pairs = values.pairs === undefined ? undefined : Number(values.pairs)
  if (pairs !== undefined && !(Number.isInteger(pairs) && pairs >= fewestPairs))
    throw new Error(`--pairs takes a whole number from ${fewestPairs}`)
  return { help: values.help ?? false, only, ...(pairs === undefined ? {} : { pairs }) }
}

export const help = (command: string, names: readonly string[]): string =>
  `${command} [--only NAME]… [--pairs N]

Measures the built packages in interleaved pairs and exits 1 when a gate is missed.

  --only NAME   only the benchmarks whose name contains NAME; may be repeated
  --pairs N     pairs of every benchmark, at least ${fewestPairs}

Benchmarks: ${names.join(", ")}`
