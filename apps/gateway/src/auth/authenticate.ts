import type { IncomingHttpHeaders } from "node:http"
import { ImageError } from "@pictor/core"
import type { KeyHash } from "../keys/key-secret.ts"
import { type Key, toCaller } from "../keys/repository.ts"
import { iso } from "../keys/units.ts"
import type { Caller } from "../types.ts"

/** Changes in this process apply at once, changes in other processes after this time. */
const cacheMs = 5000

const maxCachedKeys = 10_000

interface Entry {
  readonly untilMs: number
  readonly key: Promise<Key | undefined>
}

export interface KeyCache {
  get(hash: string): Promise<Key | undefined>
  clear(): void
}

/** Caches found keys. An unknown key or a failed query is not cached. `now` never goes back. */
export const createKeyCache = (
  find: (hash: string) => Promise<Key | undefined>,
  now: () => number,
): KeyCache => {
  const entries = new Map<string, Entry>()
  const load = (hash: string): Promise<Key | undefined> => {
    const entry = { untilMs: now() + cacheMs, key: find(hash) }
    const forget = (): void => {
      if (entries.get(hash) === entry) entries.delete(hash)
    }
    entries.delete(hash)
    entries.set(hash, entry)
    entry.key.then((key) => key ?? forget(), forget)
    const [oldest] = entries.keys()
    if (entries.size > maxCachedKeys && oldest !== undefined) entries.delete(oldest)
    return entry.key
  }
  return {
    get: (hash) => {
      const entry = entries.get(hash)
      return entry && entry.untilMs > now() ? entry.key : load(hash)
    },
    clear: () => entries.clear(),
  }
}

const rejection = (message: string): ImageError =>
  new ImageError({ code: "unauthenticated", message })

const anyone: Caller = { kind: "anyone", account: {}, tags: {}, models: [], aliases: {} }
const master: Caller = { ...anyone, kind: "master" }

const maxLength = 1000

const callerOf = (key: Key | undefined, nowMs: number): Caller => {
  if (!key)
    throw rejection(
      "Unknown key. Ask the operator of this gateway for a key and send it as Authorization: Bearer sk-….",
    )
  if (key.blocked)
    throw rejection(`Key ${key.id} is blocked. Ask the operator of this gateway to unblock it.`)
  if (key.expiresMs !== null && key.expiresMs <= nowMs)
    throw rejection(
      `Key ${key.id} expired at ${iso(key.expiresMs)}. Ask the operator of this gateway for a new one.`,
    )
  return toCaller(key)
}

export interface Authentication {
  readonly isMaster: (bearer: string) => boolean
  readonly hash: KeyHash
  readonly cache: KeyCache
  readonly now: () => number
}

/**
 * Finds the caller of a bearer. Throws `unauthenticated`, without the bearer. Without a master key
 * every bearer is accepted.
 */
export const createAuthenticate = (authentication: Authentication | undefined) => {
  if (!authentication) return async (): Promise<Caller> => anyone
  const { isMaster, hash, cache, now } = authentication
  return async (bearer: string | undefined): Promise<Caller> => {
    if (bearer === undefined || bearer.length > maxLength)
      throw rejection("A key is required. Send it as Authorization: Bearer sk-….")
    if (isMaster(bearer)) return master
    return callerOf(await cache.get(hash(bearer)), now())
  }
}

const scheme = /^Bearer\s+/i

const keyHeaders = ["x-litellm-api-key", "authorization", "api-key", "x-api-key"]

/**
 * The key in one of the headers of LiteLLM, OpenAI, Azure and Anthropic. LiteLLM's own header comes
 * first, as in LiteLLM: a proxy in between may use `Authorization` for itself.
 */
const bearerOf = (headers: IncomingHttpHeaders): string | undefined => {
  for (const name of keyHeaders) {
    const value = headers[name]
    const key = typeof value === "string" ? value.replace(scheme, "").trim() : ""
    if (key !== "") return key
  }
  return undefined
}

/** The sender of a request. Throws an `ImageError` of code `unauthenticated`. */
export const identifyCaller = (
  authenticate: (bearer: string | undefined) => Promise<Caller>,
  headers: IncomingHttpHeaders,
): Promise<Caller> => authenticate(bearerOf(headers))

/** The caller whose share of memory a request takes. */
export const ownerOf = ({ kind, keyId }: Caller): string => keyId ?? kind
