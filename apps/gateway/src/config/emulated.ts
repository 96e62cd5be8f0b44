import { cards } from "./catalogue.ts"
import { routerDefaults } from "./router-config.ts"
import type { GatewayConfig } from "./types.ts"

/** Every model, all on an emulator: endpoint and keys are given, so that nothing in the environment comes before them. */
export const emulatedConfig = (endpoint: string): GatewayConfig => ({
  models: cards.map(({ id, regions }) => ({
    id,
    group: id,
    model: id,
    bedrock: { endpoint, region: regions[0] ?? "us-east-1", credentials: { accessKeyId: "emulated", secretAccessKey: "emulated" } },
    authentication: "no keys, on the emulator",
    weight: 1,
    order: 0,
    tags: [],
  })),
  router: routerDefaults,
  general: { requestTimeoutMs: 600_000 },
  environment: {},
})
