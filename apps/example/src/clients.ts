import { createPictor, type Middleware, type Pictor } from "@pictor/core"
import type { Choice } from "./choice.ts"
import { type Connect, type ProviderName, providers } from "./providers.ts"

interface Settings {
  readonly connect: Connect
  /** The clock that lifecycles and prices follow. */
  readonly now: () => number
  readonly middleware?: readonly Middleware[]
}

export interface Clients {
  /** The client of a choice's provider and region. */
  readonly clientFor: (choice: Pick<Choice, "provider" | "region">) => Pictor
  readonly close: () => Promise<void>
}

/** One client per provider and region, because a transport calls one region. */
export const createClients = ({ connect, now, middleware = [] }: Settings): Clients => {
  const clients = new Map<string, Pictor>()
  const create = (provider: ProviderName, region: string | undefined): Pictor =>
    createPictor({
      adapters: providers[provider].adapters(connect(provider, region)),
      middleware,
      runtime: { now },
    })
  return {
    clientFor: ({ provider, region }) => {
      const name = `${provider} ${region ?? ""}`
      const client = clients.get(name) ?? create(provider, region)
      clients.set(name, client)
      return client
    },
    close: async () =>
      void (await Promise.all([...clients.values()].map((client) => client.close()))),
  }
}
