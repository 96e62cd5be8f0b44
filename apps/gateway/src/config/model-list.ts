import { aliasesOf, cards, findModel } from "./catalogue.ts"
import { credentialsOf, entryOf, type Raw, rawOf } from "./entry.ts"
import type { GroupAlias, ModelEntry } from "./types.ts"
import type { Reading } from "./validate.ts"
import { kindOf, type Tree } from "./yaml-object.ts"

export interface ModelList {
  readonly entries: readonly ModelEntry[]
  /** Every name of an image model, also of an entry that cannot be used. */
  readonly groups: ReadonlySet<string>
  /** Groups of models that are not for images. */
  readonly leftOut: readonly string[]
  /** Further names of the models that a wildcard stands for. */
  readonly aliases: Readonly<Record<string, GroupAlias>>
}

interface Expanded extends Raw {
  /** Further names of the group. */
  readonly names: readonly string[]
  readonly wild: boolean
}

const between = (pattern: string, name: string): string | undefined => {
  const [before = "", after = ""] = pattern.split("*")
  const fits =
    name.length >= before.length + after.length && name.startsWith(before) && name.endsWith(after)
  return fits ? name.slice(before.length, name.length - after.length) : undefined
}

const fill = (pattern: string, part: string): string => pattern.replace("*", () => part)

const provider = /^(bedrock\/(?:[a-z]{2,4}(?:-[a-z]+)+-\d+\/)?)?(.*)$/

/** `bedrock/*` stands for every image model of Bedrock, one group each. */
const expand = (raw: Raw, { report }: Reading): readonly Expanded[] => {
  const [, prefix = "", pattern = raw.model] = provider.exec(raw.model) ?? []
  const meant = raw.model.includes("*")
    ? cards.filter(({ id }) => between(pattern, id) !== undefined)
    : []
  if (meant.length === 0) return [{ ...raw, names: [], wild: false }]
  if (raw.group.split("*").length !== 2 || raw.model.split("*").length !== 2) {
    report.problem(
      `${raw.path}.model_name`,
      "and model need one * each, which stands for the same",
      {
        given: `${raw.group}, ${raw.model}`,
        allowed: "bedrock/*",
      },
    )
    return []
  }
  return meant.map((card) => {
    const named = (name: string): readonly string[] => {
      const part = between(pattern, name)
      return part === undefined ? [] : [fill(raw.group, part)]
    }
    const [group = raw.group] = named(card.id)
    const { id } = raw.info
    const info = typeof id === "string" ? { ...raw.info, id: `${id}:${card.id}` } : raw.info
    const names = [...aliasesOf(card), ...(card.profiles ?? [])].flatMap(named)
    return { ...raw, group, model: `${prefix}${card.id}`, info, names, wild: true }
  })
}

const imageModes: ReadonlySet<unknown> = new Set(["image_generation", "image_edit"])

interface Unknown {
  readonly raw: Raw
  readonly why: string
}

const looksLikeImages = (model: string): boolean =>
  /^(bedrock\/.*|arn:.*|[^/]*)(stab|titan-image|nova-canvas|image|diffusion)/i.test(model)

/** What is no image model is left out, unless it is plainly meant to be one or nothing else is there. */
const leaveOut = (
  unknown: readonly Unknown[],
  othersAreFine: boolean,
  { report }: Reading,
): void => {
  const plain: string[] = []
  for (const { raw, why } of unknown) {
    const bedrock =
      raw.model.startsWith("bedrock/") || raw.model.startsWith("arn:") || !raw.model.includes("/")
    const path = `${raw.path}.litellm_params.model`
    if (!othersAreFine || (bedrock && imageModes.has(raw.info["mode"])))
      report.problem(path, `is no image model of Amazon Bedrock: ${why.replace(/\.$/, "")}`, {
        given: raw.model,
      })
    else if (looksLikeImages(raw.model))
      report.warn(`${path}: ${raw.group} is left out: ${why.replace(/\.$/, "")}.`)
    else plain.push(`${raw.group} (${raw.model})`)
  }
  if (plain.length > 0)
    report.warn(
      `Left out, because they are no image models of Amazon Bedrock: ${plain.join(", ")}.`,
    )
}

/** Every id once: of entries that differ in secrets alone, the later ones are numbered. */
const withOwnIds = (
  entries: readonly (readonly [ModelEntry, Expanded])[],
  { report }: Reading,
): readonly ModelEntry[] => {
  const seen = new Map<string, number>()
  return entries.map(([entry, raw]) => {
    const times = (seen.get(entry.id) ?? 0) + 1
    seen.set(entry.id, times)
    if (times === 1) return entry
    if (raw.info["id"] !== undefined)
      report.problem(
        `${raw.path}.model_info.id`,
        "is another deployment's as well; give each its own",
        { given: entry.id },
      )
    return { ...entry, id: `${entry.id}-${times}` }
  })
}

/** Where a group gives no weights but requests per minute for all, those are the shares. */
const withShares = (
  entries: readonly ModelEntry[],
  weighted: ReadonlySet<string>,
): readonly ModelEntry[] =>
  entries.map((entry) => {
    const group = entries.filter((each) => each.group === entry.group)
    if (
      weighted.has(entry.group) ||
      group.some(({ requestsPerMinute }) => requestsPerMinute === undefined)
    )
      return entry
    return { ...entry, weight: entry.requestsPerMinute ?? entry.weight }
  })

/** A group of its own name comes before the one of a wildcard. */
const withoutShadows = (all: readonly Expanded[]): readonly Expanded[] => {
  const named = new Set(all.filter(({ wild }) => !wild).map(({ group }) => group))
  return all.filter(({ wild, group }) => !wild || !named.has(group))
}

/** `model_list`: what can be used of it. */
export const readModelList = (tree: Tree, reading: Reading): ModelList => {
  const { report } = reading
  const list = tree["model_list"] ?? []
  if (!Array.isArray(list)) {
    report.problem("model_list", `is ${kindOf(list)}`, { allowed: "a list of models" })
    return { entries: [], groups: new Set(), leftOut: [], aliases: {} }
  }
  const credentials = credentialsOf(tree, reading)
  const raws = list.flatMap(
    (each: unknown, index) => rawOf(each, `model_list[${index}]`, reading) ?? [],
  )
  const all = withoutShadows(raws.flatMap((raw) => expand(raw, reading)))
  const found = all.map((raw) => ({
    raw,
    named: findModel(
      raw.model,
      typeof raw.info["base_model"] === "string" ? raw.info["base_model"] : undefined,
    ),
  }))
  const unknown = found.flatMap(({ raw, named }) =>
    typeof named === "string" ? [{ raw, why: named }] : [],
  )
  leaveOut(unknown, unknown.length < found.length, reading)
  if (list.length === 0)
    report.problem("model_list", "is missing or empty", {
      allowed: "at least one image model of Amazon Bedrock",
    })
  const entries = found.flatMap(({ raw, named }): readonly (readonly [ModelEntry, Expanded])[] => {
    const entry = typeof named === "string" ? undefined : entryOf(raw, named, credentials, reading)
    return entry ? [[entry, raw]] : []
  })
  const groups = new Set(
    found.flatMap(({ raw, named }) => (typeof named === "string" ? [] : [raw.group])),
  )
  const names = entries.flatMap(([{ group }, raw]) =>
    raw.names.map((name) => [name, { group, hidden: true }] as const),
  )
  return {
    groups,
    entries: withShares(
      withOwnIds(entries, reading),
      new Set(all.filter(({ params }) => params["weight"] !== undefined).map(({ group }) => group)),
    ),
    leftOut: unknown.map(({ raw }) => raw.group),
    aliases: Object.fromEntries(names.filter(([name]) => !groups.has(name))),
  }
}
