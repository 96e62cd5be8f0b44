import type { Family, FamilyName } from "./family.ts"

const httpFamily = async (name: Exclude<FamilyName, "bedrock">): Promise<Family> =>
  (await import("./http-families.ts")).loadHttpFamily(name)

/** A process loads the adapters of the families that its configuration names. */
const loadFamily = async (name: FamilyName): Promise<Family> =>
  name === "bedrock" ? (await import("./bedrock-models.ts")).bedrockFamily : httpFamily(name)

export const familyOf = (
  { family: name }: { readonly family: FamilyName },
  families: ReadonlyMap<FamilyName, Family>,
): Family => {
  const family = families.get(name)
  if (!family) throw new TypeError(`The family ${name} is not loaded.`)
  return family
}

export const loadFamilies = async (
  names: Iterable<FamilyName>,
): Promise<ReadonlyMap<FamilyName, Family>> =>
  new Map(
    await Promise.all(
      [...new Set(names)].map(async (name) => [name, await loadFamily(name)] as const),
    ),
  )
