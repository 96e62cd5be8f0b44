import { AsyncLocalStorage } from "node:async_hooks"
import type { GatewayCall } from "./types.ts"

/** Ledger tag: the id of the request that a provider call belongs to. */
export const callTag = "pictor.call_id"

/** The prefix of the gateway's own tags. A client's tags of this prefix are dropped. */
export const ownTagPrefix = "pictor."

/** Ledger tag: the `model_name` that was requested. */
export const groupTag = "pictor.model_group"

/** Ledger tag: the id of the deployment that was called. */
export const deploymentTag = "pictor.model_id"

/** Ledger tag: the alias of the key. */
export const keyAliasTag = "pictor.key_alias"

/** Ledger tag for a key's budget of one model. */
export const modelTag = "pictor.key_model"

export const modelTagValue = (keyId: string, model: string): string => `${keyId}/${model}`

/** The current request; undefined outside of one. */
export const calls = new AsyncLocalStorage<GatewayCall>()
