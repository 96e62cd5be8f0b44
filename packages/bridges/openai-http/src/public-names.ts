import type { Change, ModelCard, Task } from "@pictor/core"
import { parameters } from "./parameters.ts"

/** Core's field names → the API's, where they differ. */
const renamedFields: ReadonlyMap<string, string> = new Map(
  Object.entries(parameters.edits).flatMap(([name, { field }]) =>
    field !== undefined && field !== name ? [[field, name] as const] : [],
  ),
)

/** Core's fields that keep their name at the top level of a body. Others are in `pictor`. */
const topLevelFields: ReadonlySet<string> = new Set([
  "model",
  "image",
  "images",
  "mask",
  "task",
  "num_retries",
  "account",
  ...Object.values(parameters.edits).flatMap(({ field }) => field ?? []),
])

export interface SentNames {
  /** Fields of the model's own body that the client put at the top level. */
  readonly ownFields: ReadonlySet<string>
  /** Core's field → the API's field from which it was read, if that is not its usual one. */
  readonly sentAs?: ReadonlyMap<string, string>
}

export const publicName = (path: string, { ownFields, sentAs }: SentNames): string => {
  const [head = "", ...rest] = path.split(".")
  if (head === "options" && rest[0] !== undefined)
    return ownFields.has(rest[0]) ? rest.join(".") : `pictor.${path}`
  const sent = sentAs?.get(head)
  if (sent !== undefined) return [sent, ...rest].join(".")
  if (head === "images") return rest[0] === undefined ? "image" : `image[${rest[0]}]`
  return renamedFields.get(head) ?? (topLevelFields.has(head) ? path : `pictor.${path}`)
}

/** All changes of a request, by the API's names: those of the bridge, and core's. */
export const publicChanges = (
  { changes, ...names }: SentNames & { readonly changes: readonly Change[] },
  coreChanges: readonly Change[],
): readonly Change[] =>
  [
    ...changes,
    ...coreChanges.map((each) => ({ ...each, field: publicName(each.field, names) })),
  ].map(({ field, action, from = null, to = null, why }) => ({ field, action, from, to, why }))

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")

const replaceName = (text: string, from: string, to: string): string =>
  from === to
    ? text
    : text.replace(new RegExp(`(?<![\\w.])${escaped(from)}(?![\\w])`, "g"), () => to)

const codeAdvice = /[.:;] [^.:;]*(?:createPictor\(|http\(\{|@pictor\/)[\s\S]*$/

/** Removes core's advice to programmers: it is of no use to an HTTP client. */
export const withoutCodeAdvice = (message: string): string => message.replace(codeAdvice, ".")

export const publicMessage = (message: string, path: string, names: SentNames): string => {
  const renamed = replaceName(withoutCodeAdvice(message), path, publicName(path, names))
  // One-word fields such as `guidance` also occur as ordinary words.
  const compound = [...renamedFields].filter(([field]) => /[A-Z]/.test(field))
  return compound.reduce((text, [field, name]) => replaceName(text, field, name), renamed)
}

/** Names of a field of core in the model's own body, such as `search_prompt` of `maskPrompt`. */
export const ownNamesOf = (
  field: string,
  task: unknown,
  card: ModelCard | undefined,
): readonly string[] => {
  const { fields = {} } = card?.tasks[task as Task] ?? {}
  const parameter = Object.entries(fields).find(([name]) => name === field)?.[1]
  if (!parameter) return []
  const inner = parameter.kind === "object" ? Object.values(parameter.fields) : []
  return [parameter, ...inner].flatMap(({ path }) => (typeof path === "string" ? [path] : []))
}
