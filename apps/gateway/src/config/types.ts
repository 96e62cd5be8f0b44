import type { JsonObject, ModelCard } from "@pictor/core"
import type { KeyRules } from "../keys/key-rules.ts"
import type { FamilyName, Target } from "./family.ts"

/** One entry of `model_list` with every reference resolved. */
export interface ModelEntry extends Target {
  /** `model_info.id`, or a hash of the target, stable until the target changes. Not a secret. */
  readonly id: string
  readonly group: string
  /** The card's id. */
  readonly model: string
  readonly modelId?: string
  readonly family: FamilyName
  /** The card of a model that the family does not list. */
  readonly customCard?: ModelCard
  /** The source of the credentials, for people and without a secret: "profile". */
  readonly credentials: string
  readonly weight: number
  readonly order: number
  readonly requestsPerMinute?: number
  readonly imagesPerMinute?: number
  readonly maxParallelRequests?: number
  readonly timeoutMs?: number
  readonly cooldownMs?: number
  /** The price of one image in micro-USD, which replaces the list price. */
  readonly microUsd?: number
  /** Fields of a request, for requests that leave them out. */
  readonly defaults?: JsonObject
}

/** The error classes of LiteLLM's policies. The keys of a policy begin with them. */
export const failureKinds = [
  "BadRequestError",
  "AuthenticationError",
  "NotFoundError",
  "TimeoutError",
  "RateLimitError",
  "ContentPolicyViolationError",
  "InternalServerError",
] as const

export type FailureKind = (typeof failureKinds)[number]

export type PerKind = { readonly [Kind in FailureKind]?: number }

export interface GroupAlias {
  readonly group: string
  /** Hidden names are not in the list of models. */
  readonly hidden: boolean
}

/** `router_settings`. */
export interface RouterConfig {
  readonly retries: number
  readonly retryPolicy: PerKind
  readonly groupRetryPolicies: Readonly<Record<string, PerKind>>
  /** The shortest wait before a deployment is tried again. */
  readonly retryAfterMs: number
  /** Failures in a minute before a deployment cools down. */
  readonly allowedFails: number
  readonly allowedFailsPolicy: PerKind
  /** 0 disables cooldowns. */
  readonly cooldownMs: number
  /** The groups to try after each group. */
  readonly fallbacks: Readonly<Record<string, readonly string[]>>
  readonly contentPolicyFallbacks: Readonly<Record<string, readonly string[]>>
  /** For groups that `fallbacks` does not list. */
  readonly defaultFallbacks: readonly string[]
  readonly maxFallbacks: number
  readonly aliases: Readonly<Record<string, GroupAlias>>
  /** Replaces the model of every request. */
  readonly imageModel?: string
}

/** `general_settings`, and the settings of `litellm_settings` for the whole gateway. */
export interface GeneralConfig {
  readonly masterKey?: string
  /** The former master key, while it is being changed. */
  readonly previousMasterKey?: string
  /** `file:…` or `postgres://…`; a secret. */
  readonly databaseUrl?: string
  /** Concurrent requests in this process. */
  readonly maxParallelRequests?: number
  readonly requestTimeoutMs: number
  /** What a repeated request does if an earlier call was sent and got no verdict. */
  readonly lapsedRequests?: "refuse" | "retry"
  /** The HTTP status of `budget_exceeded`. Default 429. */
  readonly budgetStatus?: number
  /** Budgets of tags count what clients write too. */
  readonly clientTagsSpend?: boolean
  /** Headers that name the end user, in lower case; the first one that is present counts. */
  readonly endUserHeaders?: readonly string[]
  /** Origins whose pages may read answers; "*" is every origin. */
  readonly allowedOrigins?: readonly string[]
  readonly maxRequestBytes?: number
  /** The budget of the whole gateway. `duration` is in LiteLLM's form: "30d". */
  readonly budget?: { readonly microUsd: number; readonly duration?: string }
  /** What new keys get, and the most that any key may get. */
  readonly keyRules?: KeyRules
}

/** `gateway_settings`. The server has the defaults. */
export interface ServerConfig {
  /** The public address of the gateway, for links to images. */
  readonly publicUrl?: string
  /** Without `publicUrl`, `X-Forwarded-Proto` and `X-Forwarded-Host` give the public address. */
  readonly trustProxy?: boolean
  readonly imageFolder?: string
  readonly imageLinkMs?: number
  readonly imageKeepMs?: number
  /** Hosts of input images; `*.example.com` includes all subdomains. */
  readonly imageHosts?: readonly string[]
  /** The limit of bytes of requests and answers in memory. */
  readonly maxBytes?: number
  /** The same of one key. Default: half of `maxBytes`. */
  readonly maxBytesPerKey?: number
  readonly receiveMs?: number
  readonly sendMs?: number
  readonly drainMs?: number
  /** `gen_ai.operation.name` in traces. */
  readonly traceOperation?: string
}

export interface GatewayConfig {
  /** The file; undefined for the emulated configuration. */
  readonly path?: string
  readonly models: readonly ModelEntry[]
  readonly router: RouterConfig
  readonly general: GeneralConfig
  readonly server?: ServerConfig
  /** `environment_variables`; set them before anything else starts. */
  readonly environment: Readonly<Record<string, string>>
}
