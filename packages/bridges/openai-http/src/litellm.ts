import { quote } from "@pictor/core/host"
import { type Fault, invalid } from "./fault.ts"
import { type Fields, given, isFields } from "./values.ts"

type Tag = readonly [name: string, value: string]

const most = 100
const longest = 500

const texts = (list: unknown): readonly string[] =>
  Array.isArray(list) ? list.filter((each) => typeof each === "string") : []

/** `"project=garden"` is a tag with a value, any other text one without. */
const tagOf = (text: string): Tag => {
  const at = text.indexOf("=")
  return at < 1 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)]
}

const isScalar = (value: unknown): value is string | number | boolean =>
  ["string", "number", "boolean"].includes(typeof value)

/** Tags that `metadata` amounts to, and what of it cannot be one. */
const ofMetadata = (
  metadata: unknown,
): { readonly tags: readonly Tag[]; readonly faults: readonly Fault[] } => {
  const { tags: listed = [], ...rest } = isFields(metadata) ? given(metadata) : {}
  const named = Object.entries(rest)
  const faults = named.flatMap(([name, value]) =>
    isScalar(value)
      ? []
      : [
          invalid(
            "metadata",
            `metadata: ${quote(name)} is kept as a tag and must be a text. Leave it out, or give a text.`,
            "texts",
          ),
        ],
  )
  if (!Array.isArray(listed) || texts(listed).length < listed.length)
    faults.push(
      invalid("metadata.tags", "metadata.tags must be a list of texts.", "a list of texts"),
    )
  return {
    tags: [
      ...texts(listed).map(tagOf),
      ...named.flatMap(([name, value]): readonly Tag[] =>
        isScalar(value) ? [[name, String(value)]] : [],
      ),
    ],
    faults,
  }
}

const isFit = ([name, value]: Tag): boolean =>
  name !== "" && name.length <= longest && value.length <= longest

const tagFaults = (
  param: string,
  tags: readonly Tag[],
  found: ReadonlyMap<string, string>,
): readonly Fault[] => {
  const twice = tags.find(([name, value]) => found.get(name) !== value)
  return [
    ...(tags.every(isFit)
      ? []
      : [
          invalid(
            param,
            `${param}: a tag's name has 1 to ${longest} characters, its value ${longest} at most.`,
          ),
        ]),
    ...(twice
      ? [invalid(param, `${param}: the tag ${quote(twice[0])} has two values. Give one of them.`)]
      : []),
  ]
}

const sizeOf = (value: unknown): number =>
  typeof value === "object" && value !== null ? Object.keys(value).length : 0

interface Tags {
  readonly tags: Readonly<Record<string, string>> | undefined
  readonly faults: readonly Fault[]
}

const untagged: Tags = { tags: undefined, faults: [] }

/**
 * What LiteLLM's clients say a request is booked under, `tags` and `metadata`, as tags: https://docs.litellm.ai/docs/proxy/cost_tracking, seen
 * 2026-11-21. Undefined where nothing is said.
 */
export const readTags = ({ tags, metadata }: Fields): Tags => {
  if (tags === undefined && metadata === undefined) return untagged
  const param = tags === undefined ? "metadata" : "tags"
  const size =
    sizeOf(tags) + sizeOf(metadata) + sizeOf(isFields(metadata) ? metadata["tags"] : undefined)
  if (size > most)
    return {
      tags: undefined,
      faults: [invalid(param, `${param}: more than ${most} tags are given.`, `at most ${most}`)],
    }
  const more = ofMetadata(metadata)
  const all = [...texts(tags).map(tagOf), ...more.tags]
  const found = new Map(all)
  return {
    tags: found.size > 0 ? Object.fromEntries(found) : undefined,
    faults: [...more.faults, ...tagFaults(param, all, found)],
  }
}

/** The policy that LiteLLM's `drop_params` asks for. */
export const policyOf = (dropParams: boolean): "adapt" | "strict" =>
  dropParams ? "adapt" : "strict"
