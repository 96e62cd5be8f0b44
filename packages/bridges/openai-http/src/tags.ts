import type { JsonObject } from "@pictor/core"
import { quote } from "@pictor/core/host"
import { type Issue, invalid } from "./errors.ts"
import { withoutAbsent } from "./json.ts"

type Tag = readonly [name: string, value: string]

const maxTags = 100
const maxLength = 500

/** `"project=garden"` is a tag with a value, any other string one without. */
const parseTag = (text: string): Tag => {
  const at = text.indexOf("=")
  return at < 1 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)]
}

const isString = (value: unknown): value is string => typeof value === "string"

const tagsOfMetadata = (metadata: JsonObject, issues: Issue[]): readonly Tag[] => {
  const { tags = [], ...named } = withoutAbsent(metadata)
  const isList = Array.isArray(tags) && tags.every(isString)
  if (!isList) {
    const allowed = "a list of strings"
    issues.push(invalid("metadata.tags", `metadata.tags must be ${allowed}.`, allowed))
  }
  const members = Object.entries(named).flatMap(([name, value]): readonly Tag[] => {
    if (["string", "number", "boolean"].includes(typeof value)) return [[name, String(value)]]
    const advice = "becomes a tag and must be a string. Remove it, or send a string."
    issues.push(invalid("metadata", `metadata: ${quote(name)} ${advice}`, "strings"))
    return []
  })
  return [...(isList ? tags.map(parseTag) : []), ...members]
}

/**
 * LiteLLM's `tags` and `metadata`, which its clients use for spend reports.
 * https://docs.litellm.ai/docs/proxy/cost_tracking, seen 2026-11-21
 */
export const readTags = (
  tags: readonly string[] | undefined,
  metadata: JsonObject = {},
  issues: Issue[],
): Readonly<Record<string, string>> | undefined => {
  const param = tags ? "tags" : "metadata"
  const reject = (message: string, allowed?: string): void => {
    issues.push(invalid(param, `${param}${message}`, allowed))
  }
  const all = [...(tags ?? []).map(parseTag), ...tagsOfMetadata(metadata, issues)]
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
