import { parseArgs } from "node:util"

export interface Arguments {
  readonly help: boolean
  readonly only: readonly string[]
  readonly pairs?: number
}

/** Fewer pairs give no stable median on a busy machine. */
const minPairs = 7

/** Throws an Error with the reason. */
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
      `unknown benchmark ${JSON.stringify(unknown)}; the benchmarks are ${names.join(", ")}`,
    )
  const pairs = values.pairs === undefined ? undefined : Number(values.pairs)
  if (pairs !== undefined && !(Number.isInteger(pairs) && pairs >= minPairs))
    throw new Error(`--pairs must be a whole number of at least ${minPairs}`)
  return { help: values.help ?? false, only, ...(pairs === undefined ? {} : { pairs }) }
}

export const help = (command: string, names: readonly string[]): string =>
  `${command} [--only NAME]… [--pairs N]

Measures the built packages in interleaved pairs and exits 1 when a gate is missed.

  --only NAME   only the benchmarks whose name contains NAME; may be repeated
  --pairs N     pairs of every benchmark, at least ${minPairs}

Benchmarks: ${names.join(", ")}`
