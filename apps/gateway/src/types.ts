import type {
  Account,
  ConfiguredPrice,
  ImageAdapter,
  JsonObject,
  LifecycleStatus,
} from "@pictor/core"
import type { FamilyName } from "./config/family.ts"

/** One entry of `model_list`: one named adapter, addressed `${id}/${model}`. */
export interface Deployment {
  readonly id: string
  /** `model_name`: the name in requests. Several deployments may share one. */
  readonly group: string
  /** The card's id. */
  readonly model: string
  readonly family: FamilyName
  /** The vendor in lists of models. Default: the first part of the card's id. */
  readonly ownedBy?: string
  /** The model name in requests to the client: `${id}/${model}`. */
  readonly address: string
  /** `model_id`: the id or ARN of an inference profile or a provisioned model. */
  readonly modelId?: string
  /** The endpoint is configured, and may serve models that the provider has retired. */
  readonly ownEndpoint?: true
  /** Relative share among the deployments of the lowest `order`. Default 1. */
  readonly weight: number
  /** Lower ones go first. Default 0. */
  readonly order: number
  readonly requestsPerMinute?: number
  readonly imagesPerMinute?: number
  readonly maxParallelRequests?: number
  readonly timeoutMs?: number
  /** Cooldown after failures. Default: the router's. */
  readonly cooldownMs?: number
  /** Fields of a request, for requests that leave them out. */
  readonly defaults?: JsonObject
  readonly region?: string
  readonly adapter: ImageAdapter
  /** Prices for an ARN without a list price; other configured prices are on the adapter's card. */
  readonly prices: readonly ConfiguredPrice[]
}

/** The authenticated sender of a request. */
export interface Caller {
  readonly kind: "anyone" | "master" | "key"
  readonly keyId?: string
  readonly keyAlias?: string
  readonly account: Account
  readonly tags: Readonly<Record<string, string>>
  /** Model names that it may use; empty: all. */
  readonly models: readonly string[]
  /** The key's own names for models, each with the model's name. */
  readonly aliases: Readonly<Record<string, string>>
  readonly requestsPerMinute?: number
  /** By model name. */
  readonly modelRequestsPerMinute?: Readonly<Record<string, number>>
  readonly imagesPerMinute?: number
  readonly maxParallelRequests?: number
  readonly maxBudgetMicroUsd?: number
  /** Model names with a budget of their own. */
  readonly modelBudgets?: readonly string[]
}

export interface RequestsLeft {
  readonly limit: number
  readonly remaining: number
}

/** What is known of the current request. It travels in an `AsyncLocalStorage`. */
export interface GatewayCall {
  readonly id: string
  readonly caller: Caller
  readonly startedMs: number
  /** The gateway's public origin for this request: `https://images.example.com`. */
  readonly origin?: string
  /** Counts further bytes of the request; false if the gateway is at its limit. */
  readonly reserveBytes?: (bytes: number) => boolean
  /**
   * The same for a while: the result returns the bytes. Undefined if the gateway is at its limit.
   */
  readonly holdBytes?: (bytes: number) => (() => void) | undefined
  /** Aborts when the client disconnects. */
  readonly signal?: AbortSignal
  readonly addReplyBytes?: (bytes: number) => void
  /** The requested group, after aliases. */
  group?: string
  /** The group of this turn: the requested one or a fallback. */
  currentGroup?: string
  /** The deployment that made the images, or was tried last. */
  deployment?: Deployment
  requestedRetries?: number
  /**
   * The requested groups to use if the requested one fails. Empty: none, whatever the router says.
   */
  requestedFallbacks?: readonly string[]
  retries: number
  fallbacks: number
  /** Id of a deployment whose own limit rejected the request; the router tries another one. */
  full?: string
  /** Of the key's limits, the one with the fewest requests left. */
  requestsLeft?: RequestsLeft
  /** Time with at least one provider call in flight. */
  providerMs?: number
  /** The provider calls in flight, and since when. */
  providerSpan?: { inFlight: number; sinceMs: number; endedMs?: number }
}

/** The state of a deployment, as far as it is known without a paid call. */
export interface DeploymentHealth {
  readonly model: string
  readonly model_name: string
  readonly model_id: string
  readonly region?: string
  readonly lifecycle: LifecycleStatus
  /** Why it cannot be called. */
  readonly error?: string
  /** A notice about a deployment that can be called. */
  readonly warning?: string
}

export interface Health {
  /** The deployments of models that the caller may use. `probe`: also call the provider. */
  deployments(
    mayUse: (model: string) => boolean,
    probe?: boolean,
  ): Promise<readonly DeploymentHealth[]>
  /** Rejects if requests cannot be served. */
  ready(): Promise<void>
  readonly count: number
}
