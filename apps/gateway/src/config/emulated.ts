import type { ModelCard } from "@pictor/core"
import { loadFamilies } from "./families.ts"
import { type Family, type FamilyName, namesOf } from "./family.ts"
import { routerDefaults } from "./router-config.ts"
import type { GatewayConfig, GroupAlias, ModelEntry } from "./types.ts"

/** Emulators by the family that they serve. */
export type Endpoints = { readonly [Name in FamilyName]?: string }

const nowhere = "http://127.0.0.1"

/** For a list of what the emulators offer. */
export const unstarted: Endpoints = {
  bedrock: nowhere,
  openai: nowhere,
  gemini: nowhere,
  black_forest_labs: nowhere,
  xai: nowhere,
}

/** Every name that a configuration accepts for a model. */
const aliasesOf = (
  { name: family }: Family,
  card: ModelCard,
): readonly (readonly [string, GroupAlias])[] => {
  const regions = family === "bedrock" ? card.regions : []
  const prefixes = ["", `${family}/`, ...regions.map((region) => `bedrock/${region}/`)]
  return prefixes
    .flatMap((prefix) => [card.id, ...namesOf(card)].map((name) => `${prefix}${name}`))
    .filter((name) => name !== card.id)
    .map((name) => [name, { group: card.id, hidden: true }] as const)
}

/** Explicit endpoint and credentials override the environment. */
const providerOf = (
  { name: family }: Family,
  { regions }: ModelCard,
  endpoint: string,
): Pick<ModelEntry, "family" | "bedrock" | "http"> =>
  family === "bedrock"
    ? {
        family,
        bedrock: {
          endpoint,
          region: regions[0] ?? "us-east-1",
          credentials: { accessKeyId: "emulated", secretAccessKey: "emulated" },
        },
      }
    : { family, http: { key: "emulated", baseUrl: endpoint } }

/** Every model of these families on an emulator. */
export const emulatedConfig = async (endpoints: Endpoints): Promise<GatewayConfig> => {
  const given = Object.entries(endpoints) as [FamilyName, string][]
  const families = await loadFamilies(given.map(([name]) => name))
  const models = given.flatMap(([name, endpoint]) => {
    const family = families.get(name)
    return (family?.cards ?? []).map((card) => ({ family: family as Family, card, endpoint }))
  })
  return {
    models: models.map(({ family, card, endpoint }) => ({
      id: card.id.replaceAll("/", "-"),
      group: card.id,
      model: card.id,
      ...providerOf(family, card, endpoint),
      credentials: "none (emulator)",
      weight: 1,
      order: 0,
    })),
    router: {
      ...routerDefaults,
      aliases: Object.fromEntries(models.flatMap(({ family, card }) => aliasesOf(family, card))),
    },
    general: { requestTimeoutMs: 600_000 },
    environment: {},
  }
}
