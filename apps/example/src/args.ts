import { parseArgs } from "node:util"
import {
  defaultPrompt,
  defaultSize,
  isProviderName,
  type ProviderName,
  providerNames,
} from "./providers.ts"

export interface Options {
  readonly prompt: string
  /** Empty: the default ones. */
  readonly models: readonly string[]
  /** Empty: every provider, and with `live` and no models Bedrock. */
  readonly providers: readonly ProviderName[]
  readonly live: boolean
  readonly yes: boolean
  readonly dryRun: boolean
  readonly strict: boolean
  /** Runs the editing tasks instead of one picture per model. */
  readonly tour?: "edits"
  readonly out: string
  readonly region?: string
  readonly n?: number
  readonly size: string
  readonly seed?: number
  readonly quality?: string
}

export type Command =
  | { readonly kind: "run"; readonly options: Options }
  | { readonly kind: "help" }
  | { readonly kind: "wrong"; readonly message: string }

const settings = {
  help: { type: "boolean", short: "h" },
  live: { type: "boolean" },
  yes: { type: "boolean", short: "y" },
  "dry-run": { type: "boolean" },
  strict: { type: "boolean" },
  model: { type: "string", multiple: true },
  provider: { type: "string", multiple: true },
  region: { type: "string" },
  n: { type: "string" },
  size: { type: "string" },
  seed: { type: "string" },
  quality: { type: "string" },
  tour: { type: "string" },
  out: { type: "string" },
} as const

/** Reads the command line. Words that are not options are the prompt. */
export const readArguments = (given: readonly string[]): Command => {
  // npm removes the `--` of `npm start -- --live`, pnpm passes it on.
  const args = given[0] === "--" ? given.slice(1) : [...given]
  try {
    const { values, positionals } = parseArgs({ args, options: settings, allowPositionals: true })
    return values.help ? { kind: "help" } : { kind: "run", options: toOptions(values, positionals) }
  } catch (error) {
    return { kind: "wrong", message: error instanceof Error ? error.message : String(error) }
  }
}

type Values = ReturnType<
  typeof parseArgs<{ options: typeof settings; allowPositionals: true }>
>["values"]

const toOptions = (values: Values, words: readonly string[]): Options => {
  const blank = Object.entries(values).find(([, value]) =>
    [value].flat().some((each) => typeof each === "string" && each.trim() === ""),
  )
  if (blank) throw new Error(`--${blank[0]} is blank. Give it a value, or omit it.`)
  const prompt = words.length === 0 ? defaultPrompt : words.join(" ").trim()
  if (prompt === "")
    throw new Error("The prompt is blank. Say what to draw, or omit it to draw the default prompt.")
  if (values.size !== undefined && !/^([1-9]\d*x[1-9]\d*|auto)$/.test(values.size))
    throw new Error("--size must look like 1024x768, or be auto.")
  if (values.tour !== undefined && values.tour !== "edits") throw new Error("--tour must be edits.")
  if (values.tour !== undefined && values.live)
    throw new Error("--tour runs on the emulator only. Omit --live.")
  if (values.tour !== undefined && values.provider !== undefined)
    throw new Error("--tour runs on models of Bedrock only. Omit --provider.")
  const {
    live = false,
    yes = false,
    strict = false,
    model = [],
    out = "out",
    // Most models would have to change the default size.
    size = strict ? "auto" : defaultSize,
    region,
    quality,
  } = values
  const providers = [...new Set(values.provider)].map(readProvider)
  const n = wholeNumber("n", values.n, 1)
  const seed = wholeNumber("seed", values.seed, 0)
  return {
    prompt,
    models: [...new Set(model)],
    providers,
    size,
    live,
    yes,
    dryRun: values["dry-run"] ?? false,
    strict,
    out,
    ...(values.tour === undefined ? {} : { tour: values.tour }),
    ...(region === undefined ? {} : { region }),
    ...(n === undefined ? {} : { n }),
    ...(seed === undefined ? {} : { seed }),
    ...(quality === undefined ? {} : { quality }),
  }
}

const readProvider = (name: string): ProviderName => {
  if (isProviderName(name)) return name
  throw new Error(
    `--provider must be one of ${providerNames.join(", ")}, not ${JSON.stringify(name)}.`,
  )
}

const wholeNumber = (name: string, text: string | undefined, least: number): number | undefined => {
  if (text === undefined) return undefined
  const value = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN
  if (value >= least) return value
  throw new Error(`--${name} must be a whole number from ${least}, not ${JSON.stringify(text)}.`)
}
