import { readFile, stat } from "node:fs/promises"
import { resolve } from "node:path"
import type { JsonObject, Task } from "@pictor/core"
import type { Cli } from "./cli.ts"
import { CommandError } from "./errors.ts"
import type { Flag } from "./flags.ts"
import type { TaskCommand } from "./tasks.ts"

/** More is no request: a provider takes 100 MiB at most. */
const maxFileBytes = 100 * 1024 * 1024
const maxPromptBytes = 1024 * 1024

/** What commander read: a text, a list of a flag that may be repeated, or true. */
export type Values = Readonly<Record<string, string | readonly string[] | boolean | undefined>>

const fail = (name: string, problem: string): never => {
  throw new CommandError(`${name} ${problem}`)
}

/** Standard input can be read for one value only. */
export const createReader = ({ stdin, folder }: Pick<Cli, "stdin" | "folder">) => {
  let taken: string | undefined
  const fromStdin = async (name: string, maxBytes: number): Promise<Buffer> => {
    if (taken !== undefined) fail(name, `cannot read standard input, which ${taken} reads already.`)
    if (stdin.isTTY) fail(name, "is - but standard input is a terminal. Pipe a file into it.")
    taken = name
    const chunks: Buffer[] = []
    let size = 0
    for await (const chunk of stdin) {
      chunks.push(chunk as Buffer)
      size += (chunk as Buffer).length
      if (size > maxBytes)
        fail(name, `is larger than ${maxBytes.toLocaleString("en-US")} bytes on standard input.`)
    }
    return Buffer.concat(chunks)
  }
  return {
    text: async (name: string, value: string): Promise<string> =>
      value === "-" ? (await fromStdin(name, maxPromptBytes)).toString("utf8").trim() : value,
    file: async (name: string, path: string): Promise<Uint8Array> => {
      if (path === "-") return fromStdin(name, maxFileBytes)
      const full = resolve(folder, path)
      const found = await stat(full).catch((error: NodeJS.ErrnoException) =>
        fail(name, `cannot be read from ${path} (${error.code ?? "unknown reason"}).`),
      )
      if (!found.isFile()) fail(name, `cannot be read from ${path}, which is not a file.`)
      if (found.size > maxFileBytes)
        fail(
          name,
          `is too large in ${path}: at most ${maxFileBytes.toLocaleString("en-US")} bytes.`,
        )
      return readFile(full).catch((error: NodeJS.ErrnoException) =>
        fail(name, `cannot be read from ${path} (${error.code ?? "unknown reason"}).`),
      )
    },
  }
}

type Reader = ReturnType<typeof createReader>

/** For a flag that may be repeated. */
export const collect = (value: string, earlier: readonly string[] = []): readonly string[] => [
  ...earlier,
  value,
]

export const toNumber = (name: string, text: string): number => {
  const value = /^-?(\d+\.?\d*|\.\d+)$/.test(text.trim()) ? Number(text) : Number.NaN
  return Number.isFinite(value)
    ? value
    : fail(name, `must be a number, not ${JSON.stringify(text.slice(0, 40))}.`)
}

const toJson = (name: string, text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return fail(name, "must be JSON.")
  }
}

/** `a lake:2` has the weight 2; `a lake` has none. */
const toPrompt = (text: string) => {
  const parts = /^(.+):(-?\d+(?:\.\d+)?)$/s.exec(text)
  return parts ? { text: parts[1], weight: Number(parts[2]) } : { text }
}

const toValue = async (
  { name, type }: Pick<Flag, "name" | "type">,
  given: string | readonly string[] | true,
  reader: Reader,
): Promise<unknown> => {
  if (given === true) return true
  const flag = `--${name}`
  const list = [given].flat()
  const text = list[0] ?? ""
  if (type === "number") return toNumber(flag, text)
  if (type === "boolean") return /^(true|yes)$/i.test(text)
  if (type === "file") return reader.file(flag, text)
  if (type === "files") {
    const files: Uint8Array[] = []
    for (const path of list) files.push(await reader.file(flag, path))
    return files
  }
  if (type === "texts") return list
  if (type === "prompts") return list.map(toPrompt)
  return type === "json" ? toJson(flag, text) : reader.text(flag, text)
}

const place = (target: Record<string, unknown>, path: readonly string[], value: unknown): void => {
  const [name = "", ...rest] = path
  if (rest.length === 0) target[name] = value
  else {
    const inner = { ...(target[name] as Record<string, unknown> | undefined) }
    place(inner, rest, value)
    target[name] = inner
  }
}

/** `a.b=1` → { a: { b: 1 } }. A value that is no JSON is a text. */
const toOptions = (pairs: readonly string[]): JsonObject => {
  const options: Record<string, unknown> = {}
  for (const [key, text] of toPairs("--option", pairs)) {
    let value: unknown = text
    try {
      value = JSON.parse(text)
    } catch {
      // A plain text.
    }
    place(options, key.split("."), value)
  }
  return options
}

const toPairs = (name: string, pairs: readonly string[]): readonly (readonly [string, string])[] =>
  pairs.map((pair) => {
    const at = pair.indexOf("=")
    const key = pair.slice(0, at).trim()
    if (at < 1 || key === "" || key.split(".").some((part) => part === "__proto__"))
      fail(name, `must look like key=value, not ${JSON.stringify(pair.slice(0, 40))}.`)
    return [key, pair.slice(at + 1)] as const
  })

const camel = (name: string): string =>
  name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())

/** The arguments of a command as values of its fields. A prompt takes the rest. */
const positionalsOf = (
  { positionals }: TaskCommand,
  words: readonly string[],
): Readonly<Record<string, string>> => {
  const given: Record<string, string> = {}
  let left = words
  for (const field of positionals) {
    if (left.length === 0) break
    given[field] = field === "prompt" ? left.join(" ") : (left[0] ?? "")
    left = field === "prompt" ? [] : left.slice(1)
  }
  return given
}

/** A request without its model. Planning checks the values. */
export interface RequestFields extends JsonObject {
  readonly task: Task
}

/** A request without its model. Files and standard input are read. */
export const readRequest = async (
  command: TaskCommand,
  flags: readonly Flag[],
  values: Values,
  words: readonly string[],
  reader: Reader,
): Promise<RequestFields> => {
  const positionals = positionalsOf(command, words)
  const request: Record<string, unknown> = {}
  for (const flag of flags) {
    const option = values[camel(flag.name)]
    const argument = flag.path.length === 1 ? positionals[flag.path[0] ?? ""] : undefined
    if (option !== undefined && argument !== undefined)
      fail(`--${flag.name}`, "is also given as an argument. Give it once.")
    const given = argument ?? option
    if (given !== undefined && given !== false)
      place(request, flag.path, await toValue(flag, given, reader))
  }
  const { otherwise } = command
  const isOther = otherwise?.fields.some((field) => request[field] !== undefined) ?? false
  const { option: options, tag, strict, idempotencyKey, modelId } = values
  const pairs = (list: Values[string]): readonly string[] => (typeof list === "object" ? list : [])
  return {
    ...request,
    task: isOther && otherwise ? otherwise.task : command.task,
    ...(pairs(options).length > 0 && { options: toOptions(pairs(options)) }),
    ...(pairs(tag).length > 0 && { tags: Object.fromEntries(toPairs("--tag", pairs(tag))) }),
    ...(strict === true && { policy: "strict" }),
    ...(typeof idempotencyKey === "string" && { idempotencyKey }),
    ...(typeof modelId === "string" && { modelId }),
  }
}
