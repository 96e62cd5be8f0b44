import type { ModelCard, Parameter, Task } from "@pictor/core"

type Kind = Parameter["kind"]
export type FlagType =
  | "number"
  | "text"
  | "file"
  | "files"
  | "texts"
  | "prompts"
  | "boolean"
  | "json"

/** A neutral field as a flag. A part of an object has a flag of its own: `--margins-left`. */
export interface Flag {
  /** In kebab case. */
  readonly name: string
  /** Where the value belongs in the request: `["margins", "left"]`. */
  readonly path: readonly string[]
  readonly type: FlagType
  /** The words that some model takes. Others may be close enough to be mapped. */
  readonly values: readonly string[]
  readonly help: string
}

const types: Readonly<Record<Exclude<Kind, "object">, FlagType>> = {
  range: "number",
  seed: "number",
  count: "number",
  enum: "text",
  text: "text",
  sizes: "text",
  grid: "text",
  tiers: "text",
  ratios: "text",
  image: "file",
  mask: "file",
  images: "files",
  colors: "texts",
  prompts: "prompts",
  flag: "boolean",
  json: "json",
}

export const kebab = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).replaceAll(".", "-")

interface Found {
  readonly path: readonly string[]
  readonly parameters: readonly Parameter[]
}

const collect = (cards: readonly ModelCard[], tasks: readonly Task[]): readonly Found[] => {
  const found = new Map<string, { path: readonly string[]; parameters: Parameter[] }>()
  const add = (path: readonly string[], parameter: Parameter): void => {
    if (parameter.kind === "object") {
      for (const [name, part] of Object.entries(parameter.fields))
        add([...path, ...name.split(".")], part)
      return
    }
    const key = path.join(".")
    const entry = found.get(key) ?? { path, parameters: [] }
    entry.parameters.push(parameter)
    found.set(key, entry)
  }
  for (const card of cards)
    for (const task of tasks)
      for (const [name, parameter] of Object.entries(card.tasks[task]?.fields ?? {}))
        add([name], parameter)
  return [...found.values()]
}

const shownValues = 12

const number = (value: number): string => value.toLocaleString("en-US")

const rangeText = (parameters: readonly Parameter[]): string => {
  const bounds = parameters.flatMap((each) =>
    each.kind === "range" || each.kind === "seed" ? [each] : [],
  )
  if (bounds.length === 0) return "a number"
  const min = Math.min(...bounds.map((each) => each.min))
  const max = Math.max(...bounds.map((each) => each.max))
  return `${number(min)} to ${number(max)}, by model`
}

const helpTexts: Readonly<Record<Exclude<FlagType, "number" | "text">, string>> = {
  file: "a picture's file, or - for standard input",
  files: "a picture's file; may be repeated",
  texts: "#RRGGBB; may be repeated",
  prompts: "TEXT or TEXT:WEIGHT; may be repeated",
  boolean: "yes",
  json: "JSON",
}

const sizeTexts: Partial<Record<Kind, string>> = {
  grid: "WIDTHxHEIGHT",
  sizes: "WIDTHxHEIGHT",
  tiers: "a tier such as 2K",
}

const helpOf = (type: FlagType, parameters: readonly Parameter[], values: readonly string[]) => {
  if (type === "number")
    return parameters.some(({ kind }) => kind === "count")
      ? "number of pictures"
      : rangeText(parameters)
  if (type !== "text") return helpTexts[type]
  const sizes = new Set(parameters.flatMap(({ kind }) => sizeTexts[kind] ?? []))
  if (sizes.size > 0) return [...sizes, "auto"].join(", ")
  if (values.length === 0) return "text"
  const more = values.length > shownValues ? ", …" : ""
  return `${values.slice(0, shownValues).join(", ")}${more}`
}

/** Words and numbers as users write them: the neutral word of a synonym comes first. */
const valuesOf = (parameters: readonly Parameter[]): readonly string[] => [
  ...new Set(
    parameters.flatMap((each) => {
      if (each.kind === "enum") return [...Object.keys(each.synonyms ?? {}), ...each.values]
      return each.kind === "ratios" ? each.values : []
    }),
  ),
]

/** The flags of tasks: every neutral field that some card takes. */
export const flagsOf = (cards: readonly ModelCard[], tasks: readonly Task[]): readonly Flag[] =>
  collect(cards, tasks).map(({ path, parameters }) => {
    const [first] = parameters
    const type = first && first.kind !== "object" ? types[first.kind] : "text"
    const values = valuesOf(parameters)
    return {
      name: kebab(path.join(".")),
      path,
      type,
      values,
      help: helpOf(type, parameters, values),
    }
  })
