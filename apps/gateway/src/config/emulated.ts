import { cards, namesOf } from "./catalogue.ts"
import { routerDefaults } from "./router-config.ts"
import type { GatewayConfig, GroupAlias } from "./types.ts"

/** Every name that a configuration accepts for a model. */
const aliases: Readonly<Record<string, GroupAlias>> = Object.fromEntries(
  cards.flatMap((card) => {
    const prefixes = ["", "bedrock/", ...card.regions.map((region) => `bedrock/${region}/`)]
    return prefixes
      .flatMap((prefix) => [card.id, ...namesOf(card)].map((name) => `${prefix}${name}`))
      .filter((name) => name !== card.id)
      .map((name) => [name, { group: card.id, hidden: true }] as const)
  }),
)

/** Every model on an emulator. Explicit endpoint and credentials override the environment. */
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
    credentials: "none (emulator)",
    weight: 1,
    order: 0,
  })),
  router: { ...routerDefaults, aliases },
  general: { requestTimeoutMs: 600_000 },
  environment: {},
})
