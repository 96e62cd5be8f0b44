import type {
  BedrockRuntimeClient,
  BedrockRuntimeClientConfig,
} from "@aws-sdk/client-bedrock-runtime"
import type { Attempts } from "./attempt.ts"
import { observe } from "./handler.ts"
import { resolveIdentity } from "./identity.ts"
import { type BedrockOptions, defaultTimeoutMs } from "./options.ts"
import { createForms, type Forms } from "./resend.ts"

export type ClientSettings = Pick<
  BedrockRuntimeClientConfig,
  | "region"
  | "profile"
  | "credentials"
  | "token"
  | "authSchemePreference"
  | "maxAttempts"
  | "retryMode"
  | "requestHandler"
>

/** The SDK's clients, one per region, each made at its first use and kept. */
export interface Clients {
  readonly attempts: Attempts
  readonly forms: Forms
  get(region: string): Promise<BedrockRuntimeClient>
  close(): Promise<void>
}

export const createClients = (options: BedrockOptions): Clients => {
  const attempts: Attempts = new WeakMap()
  const clients = new Map<string, Promise<BedrockRuntimeClient>>()
  const create = (region: string): Promise<BedrockRuntimeClient> => {
    const client = createClient(region, options, attempts)
    clients.set(region, client)
    client.catch(() => clients.delete(region))
    return client
  }
  return {
    attempts,
    forms: createForms(),
    get: (region) => clients.get(region) ?? create(region),
    close: async () => {
      const open = await Promise.allSettled(clients.values())
      clients.clear()
      for (const client of open) if (client.status === "fulfilled") client.value.destroy()
    },
  }
}

const createClient = async (
  region: string,
  options: BedrockOptions,
  attempts: Attempts,
): Promise<BedrockRuntimeClient> => {
  const [{ BedrockRuntimeClient }, settings] = await Promise.all([
    import("@aws-sdk/client-bedrock-runtime"),
    clientSettings(region, options, attempts),
  ])
  return new BedrockRuntimeClient({ ...settings, ...endpointConfig(options.endpoint) })
}

/** What Bedrock's clients have in common: who asks, one attempt, and a handler that notes what happened. */
export const clientSettings = async (
  region: string,
  options: Omit<BedrockOptions, "endpoint">,
  attempts: Attempts,
): Promise<ClientSettings> => {
  const [{ NodeHttp2Handler }, net, tls, identity] = await Promise.all([
    import("@smithy/node-http-handler"),
    import("node:net"),
    import("node:tls"),
    resolveIdentity(options),
  ])
  return {
    region,
    ...identity,
    ...(options.profile && { profile: options.profile }),
    maxAttempts: 1,
    retryMode: "standard",
    requestHandler: observe(
      options.requestHandler,
      { NodeHttp2Handler, net, tls },
      attempts,
      options.timeoutMs ?? defaultTimeoutMs,
    ),
  }
}

/**
 * An explicit endpoint goes before all settings: the SDK would refuse it together with FIPS or dual-stack ones. `AWS_BEDROCK_RUNTIME_ENDPOINT` is what
 * LiteLLM reads (https://docs.litellm.ai/docs/providers/bedrock, seen 2026-11-20); the SDK's own variable for this service goes before it.
 */
const endpointConfig = (
  endpoint: string | undefined,
): Pick<BedrockRuntimeClientConfig, "endpoint" | "useFipsEndpoint" | "useDualstackEndpoint"> => {
  if (endpoint) return { endpoint, useFipsEndpoint: false, useDualstackEndpoint: false }
  const {
    AWS_ENDPOINT_URL_BEDROCK_RUNTIME: own,
    AWS_BEDROCK_RUNTIME_ENDPOINT: other,
    AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: ignore,
  } = process.env
  return other?.trim() && !own && ignore !== "true" ? { endpoint: other.trim() } : {}
}
