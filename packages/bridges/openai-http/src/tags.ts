import type { Change, JsonObject } from "@pictor/core"
import { quote } from "@pictor/core/host"
import { type Issue, invalid } from "./errors.ts"
import type { Draft } from "./input-images.ts"
import { isJsonObject, withoutAbsent } from "./json.ts"

type Tag = readonly [name: string, value: string]

const maxTags = 100
const maxLength = 500
const shownLength = 60

/** `"project=garden"` is a tag with a value, any other string one without. */
const parseTag = (text: string): Tag => {
  const at = text.indexOf("=")
  return at < 1 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)]
}

const isString = (value: unknown): value is string => typeof value === "string"

const isScalar = (value: unknown): boolean => ["string", "number", "boolean"].includes(typeof value)

const nested = (field: string): Change => ({
  field,
  action: "dropped",
  from: undefined,
  to: undefined,
  why: "only strings, numbers and booleans become tags",
})

const tagsOfMetadata = (
  metadata: JsonObject,
  issues: Issue[],
  changes: Change[],
): readonly Tag[] => {
  const { tags = [], spend_logs_metadata: spend = {}, ...named } = withoutAbsent(metadata)
  const isList = Array.isArray(tags) && tags.every(isString)
  if (!isList) {
    const allowed = "a list of strings"
    issues.push(invalid("metadata.tags", `metadata.tags must be ${allowed}.`, allowed))
  }
  const membersOf = (fields: JsonObject, path: string): readonly Tag[] =>
    Object.entries(withoutAbsent(fields)).flatMap(([name, value]): readonly Tag[] => {
      if (isScalar(value)) return [[name, String(value)]]
      changes.push(nested(`${path}.${name.slice(0, shownLength)}`))
      return []
    })
  const path = "metadata.spend_logs_metadata"
  if (!isJsonObject(spend)) issues.push(invalid(path, `${path} must be an object.`, "an object"))
  return [
    ...(isList ? tags.map(parseTag) : []),
    ...membersOf(named, "metadata"),
    ...(isJsonObject(spend) ? membersOf(spend, path) : []),
  ]
}

/**
 * LiteLLM's `tags` and `metadata`, which its clients use for spend reports.
 * https://docs.litellm.ai/docs/proxy/cost_tracking, seen 2026-11-21
 */
export const readTags = (
  tags: readonly string[] | undefined,
  metadata: JsonObject,
  { issues, changes }: Pick<Draft, "issues" | "changes">,
): Readonly<Record<string, string>> | undefined => {
  const param = tags ? "tags" : "metadata"
  const reject = (message: string, allowed?: string): void => {
    issues.push(invalid(param, `${param}${message}`, allowed))
  }
  const all = [...(tags ?? []).map(parseTag), ...tagsOfMetadata(metadata, issues, changes)]
  const byName = new Map(all)
  if (all.length > maxTags) {
    reject(` has more than ${maxTags} tags.`, `at most ${maxTags} tags`)
    return undefined
  }
  if (all.some(([name, value]) => !name || Math.max(name.length, value.length) > maxLength))
    reject(
      `: a tag has a name of 1 to ${maxLength} characters and a value of at most ${maxLength}.`,
    )
  const conflict = all.find(([name, value]) => byName.get(name) !== value)
  if (conflict) reject(`: tag ${quote(conflict[0])} has two values. Send only one of them.`)
  return byName.size > 0 ? Object.fromEntries(byName) : undefined
}

/** Names that the host gives its own tags. They do not count. */
const hostPrefix = "pictor."

/** Whether the tags of a request, from the body and from the host, exceed the limits. */
export const tagsIssue = (tags: JsonObject | undefined): Issue | undefined => {
  const all = Object.entries(tags ?? {}).filter(([name]) => !name.startsWith(hostPrefix))
  if (all.length > maxTags)
    return invalid(
      "tags",
      `The request has ${all.length.toLocaleString("en")} tags; at most ${maxTags} are allowed. Tags come from tags, metadata and headers.`,
      `at most ${maxTags} tags`,
    )
  const isTooLong = all.some(
    ([name, value]) => Math.max(name.length, String(value).length) > maxLength,
  )
  return isTooLong
    ? invalid(
        "tags",
        `The name and the value of a tag have at most ${maxLength} characters each.`,
        `at most ${maxLength} characters`,
      )
    : undefined
}
