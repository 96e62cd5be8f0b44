import { type RawEntry, readCredentialList, readEntry, readRawEntry } from "./entry.ts"
import { loadFamilies } from "./families.ts"
import {
  type Family,
  type FamilyName,
  familyNameOf,
  familyNames,
  type NamedModel,
  namesOf,
} from "./family.ts"
import { customCard } from "./schema.ts"
import type { GroupAlias, ModelEntry } from "./types.ts"
import { type ReadContext, readSection } from "./validate.ts"
import { isList, kindOf, type YamlObject } from "./yaml-object.ts"

export interface ModelList {
  readonly entries: readonly ModelEntry[]
  /** The names of all image models, also of invalid entries. */
  readonly groups: ReadonlySet<string>
  /** The names of other models. */
  readonly skipped: readonly string[]
  /** The further names of the models that a wildcard matches. */
  readonly aliases: Readonly<Record<string, GroupAlias>>
}

interface ExpandedEntry extends RawEntry {
  /** Undefined: the prefix names none. */
  readonly family: Family | undefined
  /** Further names of the group. */
  readonly names: readonly string[]
  readonly isWildcard: boolean
}

/** The part of the name that the wildcard matches. */
const matchWildcard = (pattern: string, name: string): string | undefined => {
  const [before = "", after = ""] = pattern.split("*")
  const matches =
    name.length >= before.length + after.length && name.startsWith(before) && name.endsWith(after)
  return matches ? name.slice(before.length, name.length - after.length) : undefined
}

const prefixed = new RegExp(
  `^(bedrock/(?:[a-z]{2,4}(?:-[a-z]+)+-\\d+/)?|(?:${familyNames.join("|")})/)?(.*)$`,
)

/** `bedrock/*` becomes one entry for each image model of Bedrock. */
const expand = (
  raw: RawEntry,
  family: Family | undefined,
  { diagnostics }: ReadContext,
): readonly ExpandedEntry[] => {
  const [, prefix = "", pattern = raw.model] = prefixed.exec(raw.model) ?? []
  const matches = raw.model.includes("*")
    ? (family?.cards ?? []).filter(({ id }) => matchWildcard(pattern, id) !== undefined)
    : []
  if (matches.length === 0) return [{ ...raw, family, names: [], isWildcard: false }]
  if (raw.group.split("*").length !== 2 || raw.model.split("*").length !== 2) {
    diagnostics.issue(`${raw.path}.model_name`, "model_name and model need exactly one * each", {
      given: `${raw.group}, ${raw.model}`,
      allowed: "bedrock/*",
    })
    return []
  }
  return matches.map((card) => {
    const covered = [card.id, ...namesOf(card)].flatMap((name) => {
      const part = matchWildcard(pattern, name)
      return part === undefined ? [] : [{ name, group: raw.group.replace("*", () => part) }]
    })
    const [group = raw.group, ...others] = covered.map((each) => each.group)
    // As in LiteLLM, an id without its provider is the same model.
    const bare = covered.filter((each) => each.group === `${family?.name}/${each.name}`)
    const names = [...others, ...bare.map(({ name }) => name)]
    const { id } = raw.info
    const info = typeof id === "string" ? { ...raw.info, id: `${id}:${card.id}` } : raw.info
    const model = `${prefix}${card.id}`
    return { ...raw, family, group, model, info, names, isWildcard: true }
  })
}

/** An explicit group replaces a group of the same name from a wildcard. */
const withoutReplaced = (all: readonly ExpandedEntry[]): readonly ExpandedEntry[] => {
  const explicit = new Set(all.filter(({ isWildcard }) => !isWildcard).map(({ group }) => group))
  return all.filter(({ isWildcard, group }) => !isWildcard || !explicit.has(group))
}

const imageModes: ReadonlySet<unknown> = new Set(["image_generation", "image_edit"])

const looksLikeImageModel = (model: string): boolean =>
  /^(bedrock\/.*|arn:.*|[^/]*|[a-z_]+\/.*)(stab|titan-image|nova-canvas|nova-2-omni|image|diffusion|flux)/i.test(
    model,
  )

interface SkippedEntry {
  readonly raw: RawEntry
  readonly reason: string
}

/**
 * Skips the models that are not image models, with warnings. It is an error if an entry's mode says
 * that it is one, or if nothing else is in the list.
 */
const reportSkipped = (
  skipped: readonly SkippedEntry[],
  hasOthers: boolean,
  { diagnostics }: ReadContext,
): void => {
  const otherModels: string[] = []
  for (const { raw, reason } of skipped) {
    const { model, group, info } = raw
    const path = `${raw.path}.litellm_params.model`
    if (!hasOthers || imageModes.has(info["mode"]))
      diagnostics.issue(path, `not an image model: ${model}. ${reason}`)
    else if (looksLikeImageModel(model)) diagnostics.warn(`${path}: ${group} is skipped. ${reason}`)
    else otherModels.push(`${group} (${model})`)
  }
  if (otherModels.length > 0)
    diagnostics.warn(`Skipped, because they are not image models: ${otherModels.join(", ")}.`)
}

/** Entries that differ in secrets only get numbered ids. */
const withUniqueIds = (
  entries: readonly (readonly [ModelEntry, RawEntry])[],
  { diagnostics }: ReadContext,
): readonly ModelEntry[] => {
  const counts = new Map<string, number>()
  return entries.map(([entry, raw]) => {
    const count = (counts.get(entry.id) ?? 0) + 1
    counts.set(entry.id, count)
    if (count === 1) return entry
    if (raw.info["id"] !== undefined)
      diagnostics.issue(`${raw.path}.model_info.id`, "duplicate id", {
        given: entry.id,
        allowed: "a different id for each deployment",
      })
    return { ...entry, id: `${entry.id}-${count}` }
  })
}

/** In a group without weights whose entries all have `rpm`, `rpm` is the weight. */
const withWeights = (
  entries: readonly ModelEntry[],
  weighted: ReadonlySet<string>,
): readonly ModelEntry[] => {
  const unlimited = new Set(
    entries.filter((each) => each.requestsPerMinute === undefined).map(({ group }) => group),
  )
  return entries.map((entry) => {
    const { group, requestsPerMinute: weight } = entry
    const keeps = weight === undefined || weighted.has(group) || unlimited.has(group)
    return keeps ? entry : { ...entry, weight }
  })
}

const unknownPrefix = (): string =>
  `The prefix names no provider that this gateway calls. Known prefixes: ${familyNames.join(", ")}.`

/** A server of the user may have any model: `model_info` says whether it makes images. */
const readCustomCard = (
  { model, family, info, params, path }: ExpandedEntry,
  context: ReadContext,
) => {
  const hasOwnServer = family?.name === "hosted_vllm" || params["api_base"] !== undefined
  const { pictor, mode } = info
  if (!family?.customCard || !hasOwnServer || (pictor === undefined && !imageModes.has(mode)))
    return undefined
  const id = model.slice(family.name.length + 1)
  if (family.cards.some((card) => card.id === id)) return undefined
  if (pictor === undefined) return family.customCard(id, plainServer)
  const settings = readSection(pictor, customCard, `${path}.model_info.pictor`, context)
  return family.customCard(id, settings ?? {})
}

/** A server that is not described takes a prompt, a number of images and a size. */
const plainServer = { sizes: { side: [64, 4096] }, imagesPerCall: 10 }

const resolveEntry = (raw: ExpandedEntry, context: ReadContext): NamedModel | string => {
  const { base_model: baseModel } = raw.info
  const card = readCustomCard(raw, context)
  return (
    raw.family?.resolve(raw.model, {
      ...(typeof baseModel === "string" && { baseModel }),
      ...(card && { customCard: card }),
    }) ?? unknownPrefix()
  )
}

/** Reads `model_list`, without the models that do not generate images. */
export const readModelList = async (file: YamlObject, context: ReadContext): Promise<ModelList> => {
  const { diagnostics } = context
  const list = file["model_list"] ?? []
  if (!isList(list)) {
    diagnostics.issue("model_list", `got ${kindOf(list)}`, { allowed: "a list of models" })
    return { entries: [], groups: new Set(), skipped: [], aliases: {} }
  }
  const credentials = readCredentialList(file, context)
  const raws = list.flatMap(
    (each, index) => readRawEntry(each, `model_list[${index}]`, context) ?? [],
  )
  const prefixes = raws.map(({ model }) => familyNameOf(model))
  const families = await loadFamilies(prefixes.filter((name) => name !== undefined))
  const familyAt = (name: FamilyName | undefined) => name && families.get(name)
  const expanded = raws.flatMap((raw, index) => expand(raw, familyAt(prefixes[index]), context))
  const all = withoutReplaced(expanded)
  const images: {
    readonly raw: ExpandedEntry
    readonly family: Family
    readonly named: NamedModel
  }[] = []
  const skipped: SkippedEntry[] = []
  for (const raw of all) {
    const named = resolveEntry(raw, context)
    if (typeof named === "string") skipped.push({ raw, reason: named })
    else if (raw.family) images.push({ raw, family: raw.family, named })
  }
  reportSkipped(skipped, images.length > 0, context)
  if (list.length === 0)
    diagnostics.issue("model_list", "is missing or empty", {
      allowed: "at least one image model",
    })
  const entries = images.flatMap(
    ({ raw, family, named }): readonly (readonly [ModelEntry, ExpandedEntry])[] => {
      const entry = readEntry(raw, named, family, credentials, context)
      return entry ? [[entry, raw]] : []
    },
  )
  const groups = new Set(images.map(({ raw }) => raw.group))
  const weighted = all.filter(({ params }) => params["weight"] !== undefined)
  const aliases = entries.flatMap(([{ group }, { names }]) =>
    names.map((name) => [name, { group, hidden: true }] as const),
  )
  return {
    groups,
    entries: withWeights(
      withUniqueIds(entries, context),
      new Set(weighted.map(({ group }) => group)),
    ),
    skipped: skipped.map(({ raw }) => raw.group),
    aliases: Object.fromEntries(aliases.filter(([name]) => !groups.has(name))),
  }
}
