import { AsyncLocalStorage } from "node:async_hooks"
import type { GatewayCall } from "./types.ts"

/** The request that the code under way works for; undefined outside of one. */
export const calls = new AsyncLocalStorage<GatewayCall>()
