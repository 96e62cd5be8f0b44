import type { ImageError, Issue } from "@pictor/core"
import { type Fault, unknown } from "./fault.ts"
import { type Kind, parameters } from "./parameters.ts"
import type { Fields } from "./values.ts"

/** What was asked, as far as errors go back to it. */
export interface Asked {
  readonly kind: Kind
  /** In neutral fields. */
  readonly request: Fields
  /** Fields of the model's own body that stood at the top level. */
  readonly own: ReadonlySet<string>
}

/** Core's names of neutral fields → the API's. */
const publicNames: ReadonlyMap<string, string> = new Map(
  Object.entries(parameters.edits).flatMap(([name, { field }]) =>
    field !== undefined && field !== name ? [[field, name] as const] : [],
  ),
)

const atTop: ReadonlySet<string> = new Set([
  "model",
  "image",
  "images",
  "mask",
  "task",
  "num_retries",
  ...Object.values(parameters.edits).flatMap(({ field }) => field ?? []),
])
const pictures = /^(image|images(\.\d+)?|mask|styleImage|referenceImage)$/

/** What the API calls a field of core's; `own`: fields of the model's own body that stood at the top level. */
export const publicName = (path: string, own: ReadonlySet<string>): string => {
  const [head = "", ...rest] = path.split(".")
  if (head === "options" && rest[0] !== undefined)
    return own.has(rest[0]) ? rest.join(".") : `pictor.${path}`
  if (head === "images" && rest[0] !== undefined) return `image[${rest[0]}]`
  if (head === "images") return "image"
  const name = publicNames.get(head)
  return name ?? (atTop.has(head) || head === "account" ? path : `pictor.${path}`)
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")

const renamed = (text: string, from: string, to: string): string =>
  from === to
    ? text
    : text.replace(new RegExp(`(?<![\\w.])${escaped(from)}(?![\\w])`, "g"), () => to)

/** A sentence of core's about a field, in the API's words. */
const inPublicWords = (message: string, path: string, own: ReadonlySet<string>): string => {
  const compound = [...publicNames].filter(([field]) => /[A-Z]/.test(field))
  const renamedPath = renamed(message, path, publicName(path, own))
  return compound.reduce((text, [field, name]) => renamed(text, field, name), renamedPath)
}

const codeOf = ({ code, path, nearest }: Issue, { request }: Asked): string => {
  if (nearest) return "unknown_parameter"
  if (code === "unsupported") return "unsupported_parameter"
  if (request[path.split(".")[0] ?? ""] === undefined) return "missing_required_parameter"
  return pictures.test(path) ? "invalid_image" : "invalid_value"
}

/** A name at the top level that neither this API nor the model knows. */
const unknownAtTop = (name: string, nearest: readonly string[], { kind }: Asked): Fault =>
  Object.hasOwn(parameters.edits, name)
    ? {
        code: "unknown_parameter",
        param: name,
        message: `${name} goes with POST /v1/images/edits; here the model takes none.`,
      }
    : unknown(name, name, [...Object.keys(parameters[kind]), ...nearest])

/** Core's issue as the API says it. */
const toFault = (issue: Issue, asked: Asked): Fault => {
  const { path, message, allowed, nearest } = issue
  const [head, name = "", ...rest] = path.split(".")
  if (nearest && head === "options" && rest.length === 0 && asked.own.has(name))
    return unknownAtTop(name, nearest, asked)
  return {
    code: codeOf(issue, asked),
    param: publicName(path, asked.own),
    message: inPublicWords(message, path, asked.own),
    ...(allowed === undefined ? {} : { allowed }),
  }
}

/** All that is wrong as an error says it. A provider's issues come with its status, and speak of the body that it was sent. */
export const toFaults = ({ issues = [], status }: ImageError, asked: Asked): readonly Fault[] =>
  status === undefined
    ? issues.map((issue) => toFault(issue, asked))
    : issues.map(({ path, message }) => ({
        code: "invalid_value",
        param: path,
        message: `${path}: ${message}`,
      }))
