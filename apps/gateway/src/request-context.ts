import { AsyncLocalStorage } from "node:async_hooks"
import type { GatewayCall } from "./types.ts"

/** The tag by which the ledger knows which request a provider call was made for. */
export const callTag = "pictor.call_id"

/** The tag by which the ledger counts what a key spends on one of its models: `key_…/name`. */
export const modelTag = "pictor.key_model"

/** The request that the code under way works for; undefined outside of one. */
export const calls = new AsyncLocalStorage<GatewayCall>()
