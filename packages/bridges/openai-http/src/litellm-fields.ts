import type { Change, JsonObject } from "@pictor/core"
import { conflicting, type Issue } from "./errors.ts"
import { taggedNames } from "./litellm-parameters.ts"
import { readTags } from "./tags.ts"

interface Draft {
  /** Core's request. */
  readonly fields: Record<string, unknown>
  readonly changes: Change[]
  readonly issues: Issue[]
}

const twins = [
  ["max_retries", "num_retries"],
  ["request_timeout", "timeout"],
] as const

/** LiteLLM's second names become the first. */
const withoutTwins = (values: JsonObject, issues: Issue[]): JsonObject => {
  const merged: Record<string, unknown> = { ...values }
  for (const [twin, name] of twins) {
    const value = merged[twin]
    if (value === undefined) continue
    if ((merged[name] ?? value) === value) merged[name] = value
    else issues.push(conflicting(twin, name))
  }
  return merged
}

const readTagFields = (values: JsonObject, draft: Draft): void => {
  const { tags, metadata, litellm_metadata: more } = values
  const named = taggedNames.flatMap((name) =>
    values[name] === undefined ? [] : [[name, values[name]] as const],
  )
  if (!tags && !metadata && !more && named.length === 0) return
  if (metadata && more) draft.issues.push(conflicting("litellm_metadata", "metadata"))
  const members = { ...((metadata ?? more ?? {}) as JsonObject), ...Object.fromEntries(named) }
  const read = readTags(tags as readonly string[] | undefined, members, draft)
  if (read) draft.fields["tags"] = read
}

const readFallbackFields = (
  { fallbacks, disable_fallbacks: disabled }: JsonObject,
  isTaken: boolean,
  { changes, issues }: Draft,
): void => {
  if (fallbacks !== undefined && disabled === true)
    issues.push(conflicting("disable_fallbacks", "fallbacks"))
  else if (fallbacks !== undefined && !isTaken)
    changes.push({
      field: "fallbacks",
      action: "dropped",
      from: fallbacks,
      to: undefined,
      why: "the server decides which models are used if one fails",
    })
}

/** Reads the fields of LiteLLM that the table cannot describe. Returns the values to use. */
export const readLitellmFields = <Values extends object>(
  sent: Values,
  takesFallbacks: boolean,
  draft: Draft,
): Values => {
  const { fields, issues } = draft
  const values = withoutTwins(sent as JsonObject, issues)
  readTagFields(values, draft)
  readFallbackFields(values, takesFallbacks, draft)
  const { drop_params: dropParams } = values
  if (dropParams === undefined) return values as Values
  const policy = dropParams === true ? "adapt" : "strict"
  if ((fields["policy"] ?? policy) === policy) fields["policy"] = policy
  else issues.push(conflicting("drop_params", "policy"))
  return values as Values
}
