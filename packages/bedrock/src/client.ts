import type {
  BedrockRuntimeClient,
  BedrockRuntimeClientConfig,
} from "@aws-sdk/client-bedrock-runtime"
import type { HttpHandler } from "@smithy/core/protocols"
import { explicitEndpoint, findEndpoint } from "./endpoint.ts"
import { resolveIdentity } from "./identity.ts"
import type { BedrockOptions } from "./options.ts"
import type { RequestTemplate } from "./resend.ts"
import { createRequestHandler } from "./send-observer.ts"

export interface RegionalClient {
  readonly client: BedrockRuntimeClient
  /** By operation and model id. */
  readonly templates: Map<string, RequestTemplate>
}

/** The SDK's clients, one for each region, created at the first use. */
export interface Clients {
  get(region: string): Promise<RegionalClient>
  close(): Promise<void>
}

export const createClients = (options: BedrockOptions): Clients => {
  const handler = createRequestHandler(options)
  const clients = new Map<string, Promise<RegionalClient>>()
  let endpoint: Promise<string | undefined> | undefined
  const getEndpoint = (): Promise<string | undefined> => {
    endpoint ??= findEndpoint(options.endpoint).catch((error: unknown) => {
      endpoint = undefined
      throw error
    })
    return endpoint
  }
  const create = async (region: string): Promise<RegionalClient> => {
    const { BedrockRuntimeClient } = await import("@aws-sdk/client-bedrock-runtime")
    const config = {
      ...(await clientConfig(region, options, handler)),
      ...explicitEndpoint(await getEndpoint()),
    }
    return { client: new BedrockRuntimeClient(config), templates: new Map() }
  }
  return {
    get: (region) => {
      const known = clients.get(region)
      if (known) return known
      const created = create(region)
      clients.set(region, created)
      created.catch(() => clients.delete(region))
      return created
    },
    close: async () => {
      const open = await Promise.allSettled(clients.values())
      clients.clear()
      for (const each of open) if (each.status === "fulfilled") each.value.client.destroy()
      if (!endpoint) return
      endpoint = undefined
      await options.onClose?.()
    },
  }
}

/** What the clients of Bedrock and of its control plane have in common. Core makes the retries. */
export const clientConfig = async (
  region: string,
  options: BedrockOptions,
  requestHandler: HttpHandler,
): Promise<BedrockRuntimeClientConfig> => ({
  region,
  ...(await resolveIdentity(options)),
  ...(options.profile && { profile: options.profile }),
  maxAttempts: 1,
  retryMode: "standard" as const,
  requestHandler,
})
