import type { BedrockOptions } from "@pictor/bedrock"

/** One usable entry of `model_list`, every reference resolved. */
export interface ModelEntry {
  /** `model_info.id`, or a hash of what is called and where: the same as long as that is. No secret has a part in it. */
  readonly id: string
  readonly group: string
  /** The card's id. */
  readonly model: string
  readonly modelId?: string
  /** How it is reached; holds secrets. */
  readonly bedrock: BedrockOptions
  /** How it proves who it is, in words without a secret: "a profile". */
  readonly authentication: string
  readonly weight: number
  readonly order: number
  readonly requestsPerMinute?: number
  readonly imagesPerMinute?: number
  readonly maxParallelRequests?: number
  readonly timeoutMs?: number
  readonly cooldownMs?: number
  /** Of one image, in micro-USD, in place of the list price. */
  readonly microUsd?: number
  readonly tags: readonly string[]
}

/** What LiteLLM's policies tell apart; the names of its keys begin with it. */
export type FailureKind =
  | "BadRequestError"
  | "AuthenticationError"
  | "NotFoundError"
  | "TimeoutError"
  | "RateLimitError"
  | "ContentPolicyViolationError"
  | "InternalServerError"

export type PerKind = { readonly [Kind in FailureKind]?: number }

export interface GroupAlias {
  readonly group: string
  /** It is not among the models that are listed. */
  readonly hidden: boolean
}

/** `router_settings`. */
export interface RouterConfig {
  /** Further tries after the first, of one group. */
  readonly retries: number
  readonly retryPolicy: PerKind
  readonly groupRetryPolicies: Readonly<Record<string, PerKind>>
  /** The shortest wait before the same deployment is tried again. */
  readonly retryAfterMs: number
  /** Failures in a minute that do not cool a deployment down yet. */
  readonly allowedFails: number
  readonly allowedFailsPolicy: PerKind
  /** 0: never. */
  readonly cooldownMs: number
  /** By group: the groups to ask where it fails. */
  readonly fallbacks: Readonly<Record<string, readonly string[]>>
  readonly contentPolicyFallbacks: Readonly<Record<string, readonly string[]>>
  /** Of the groups that `fallbacks` does not name. */
  readonly defaultFallbacks: readonly string[]
  readonly maxFallbacks: number
  readonly aliases: Readonly<Record<string, GroupAlias>>
  /** Every request is made with this group, whatever model it names. */
  readonly imageModel?: string
}

/** `general_settings`, and what of `litellm_settings` is the whole gateway's. */
export interface GeneralConfig {
  readonly masterKey?: string
  /** The one before, while it is being changed. */
  readonly previousMasterKey?: string
  /** `file:…` or `postgres://…`; a secret. */
  readonly databaseUrl?: string
  /** At a time, in this process. */
  readonly maxParallelRequests?: number
  /** Of a whole request. */
  readonly requestTimeoutMs: number
  readonly maxRequestBytes?: number
  /** Of the whole gateway; `duration` as LiteLLM writes it: "30d". */
  readonly budget?: { readonly microUsd: number; readonly duration?: string }
}

/** `gateway_settings`: what LiteLLM has no name for. What is absent has the server's own default. */
export interface ServerConfig {
  /** Where the outside finds the gateway, for the links of images. */
  readonly publicUrl?: string
  /** Do `X-Forwarded-Proto` and `X-Forwarded-Host` say it, where `publicUrl` does not? */
  readonly trustProxy?: boolean
  readonly imageFolder?: string
  /** How long a link to an image holds, and how long the image is kept. */
  readonly imageLinkMs?: number
  readonly imageKeepMs?: number
  /** Hosts that images are fetched from where a request names their URL; `*.example.com` are all below it. */
  readonly imageHosts?: readonly string[]
  /** Of requests and answers that are held at a time. */
  readonly maxBytes?: number
  readonly receiveMs?: number
  readonly sendMs?: number
  readonly drainMs?: number
  /** `gen_ai.operation.name` in traces. */
  readonly traceOperation?: string
}

export interface GatewayConfig {
  /** The file it came from; undefined: there is none, and everything goes to an emulator. */
  readonly path?: string
  readonly models: readonly ModelEntry[]
  readonly router: RouterConfig
  readonly general: GeneralConfig
  readonly server?: ServerConfig
  /** `environment_variables`, to be set before anything else begins. */
  readonly environment: Readonly<Record<string, string>>
}
