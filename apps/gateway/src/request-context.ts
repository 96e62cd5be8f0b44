import { AsyncLocalStorage } from "node:async_hooks"
import type { GatewayCall } from "./types.ts"

/** Ledger tag: the id of the request that a provider call belongs to. */
export const callTag = "pictor.call_id"

/** Ledger tag for a key's budget of one model. */
export const modelTag = "pictor.key_model"

export const modelTagValue = (keyId: string, model: string): string => `${keyId}/${model}`

/** The current request; undefined outside of one. */
export const calls = new AsyncLocalStorage<GatewayCall>()
