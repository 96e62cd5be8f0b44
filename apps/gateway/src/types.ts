import type { Account, ConfiguredPrice, ImageAdapter } from "@pictor/core"

/** One entry of `model_list`: one named adapter, addressed `${id}/${model}`. */
export interface Deployment {
  readonly id: string
  /** `model_name`: what callers ask for. Several deployments may stand behind one name. */
  readonly group: string
  /** The card's id. */
  readonly model: string
  /** What the client is asked for: `${id}/${model}`. */
  readonly address: string
  /** `model_id`: an inference profile's or provisioned model's id or ARN. */
  readonly modelId?: string
  /** Relative share among those of the lowest `order`. Default 1. */
  readonly weight: number
  /** Lower ones first. Default 0. */
  readonly order: number
  readonly requestsPerMinute?: number
  readonly imagesPerMinute?: number
  readonly maxParallelRequests?: number
  readonly timeoutMs?: number
  /** How long it is left alone after failures, in place of the router's. */
  readonly cooldownMs?: number
  readonly tags: readonly string[]
  readonly region?: string
  readonly adapter: ImageAdapter
  /** Of what an ARN names that no list price holds for; any other price of its own is on its adapter's card. */
  readonly prices: readonly ConfiguredPrice[]
}

/** Who asks. */
export interface Caller {
  readonly kind: "anyone" | "master" | "key"
  /** The key's id, which is no secret. */
  readonly keyId?: string
  readonly keyAlias?: string
  readonly account: Account
  readonly tags: Readonly<Record<string, string>>
  /** Names that it may use; none: all. */
  readonly models: readonly string[]
  /** What it calls a model, by that name: the model's own name. */
  readonly aliases: Readonly<Record<string, string>>
  readonly requestsPerMinute?: number
  /** By the model's name. */
  readonly modelRequestsPerMinute?: Readonly<Record<string, number>>
  readonly imagesPerMinute?: number
  readonly maxParallelRequests?: number
  readonly maxBudgetMicroUsd?: number
  /** Names of models that its key has budgets for. */
  readonly modelBudgets?: readonly string[]
}

/** A limit of requests per minute, and how many more it allows. */
export interface RequestsLeft {
  readonly limit: number
  readonly remaining: number
}

/** Provider calls of a request that are under way, and since when there are any. */
export interface ProviderSpan {
  underWay: number
  sinceMs: number
}

/** One request on its way, as its parts come to know more of it. It travels in an `AsyncLocalStorage`. */
export interface GatewayCall {
  readonly id: string
  readonly caller: Caller
  readonly startedMs: number
  /** Where the caller found this gateway: `https://images.example.com`. */
  readonly origin?: string
  /** May these bytes be held for it too? They are counted until it ends if so. */
  readonly hold?: (bytes: number) => boolean
  /** Counts bytes of a provider's reply among them. */
  readonly came?: (bytes: number) => void
  /** The name that was asked for, once it is read. */
  group?: string
  /** The deployment that made the images, or tried last. */
  deployment?: Deployment
  /** How often it asks to be retried at most. */
  askedRetries?: number
  retries: number
  fallbacks: number
  /** Id of a deployment that was at a limit of its own: whoever refuses a request for that says it here, and another one is asked. */
  full?: string
  /** Of the limit that the caller's key is nearest to. */
  requestsLeft?: RequestsLeft
  /** How long at least one provider call was under way. */
  providerMs?: number
  providerSpan?: ProviderSpan
}
