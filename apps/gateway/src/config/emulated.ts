import type { ModelCard } from "@pictor/core"
import { aliasesOf, cards } from "./catalogue.ts"
import { routerDefaults } from "./router-config.ts"
import type { GatewayConfig, GroupAlias } from "./types.ts"

/** A model by every name that a file could give it. */
const namesOf = (card: ModelCard): readonly string[] => {
  const names = [card.id, ...aliasesOf(card), ...(card.profiles ?? [])]
  return ["", "bedrock/", ...card.regions.map((region) => `bedrock/${region}/`)].flatMap((prefix) =>
    names.map((name) => `${prefix}${name}`),
  )
}

const aliases: Readonly<Record<string, GroupAlias>> = Object.fromEntries(
  cards.flatMap((card) =>
    namesOf(card).flatMap((name) =>
      name === card.id ? [] : [[name, { group: card.id, hidden: true }] as const],
    ),
  ),
)

/** Every model, all on an emulator: endpoint and keys are given, so that nothing in the environment comes before them. */
export const emulatedConfig = (endpoint: string): GatewayConfig => ({
  models: cards.map(({ id, regions }) => ({
    id,
    group: id,
    model: id,
    bedrock: {
      endpoint,
      region: regions[0] ?? "us-east-1",
      credentials: { accessKeyId: "emulated", secretAccessKey: "emulated" },
    },
    authentication: "no keys, on the emulator",
    weight: 1,
    order: 0,
    tags: [],
  })),
  router: { ...routerDefaults, aliases },
  general: { requestTimeoutMs: 600_000 },
  environment: {},
})
