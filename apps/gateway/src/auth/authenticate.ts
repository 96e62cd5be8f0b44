import { ImageError } from "@pictor/core"
import { type Hash, sameAs } from "../keys/key-secret.ts"
import { type Key, toCaller } from "../keys/repository.ts"
import { iso } from "../keys/time.ts"
import type { Caller } from "../types.ts"

/** Other processes see a key that is changed, blocked or deleted here so much later, and this one at once. */
const keepMs = 5000

/** Keys at a time; the longest kept goes first. */
const maxKept = 10_000

interface Kept {
  readonly untilMs: number
  readonly key: Promise<Key | undefined>
}

export interface KeyCache {
  get(hash: string): Promise<Key | undefined>
  clear(): void
}

/** Remembers keys for a short while, so that a busy one costs the database nothing; what is not found is not remembered. */
export const createKeyCache = (
  find: (hash: string) => Promise<Key | undefined>,
  now: () => number,
): KeyCache => {
  const kept = new Map<string, Kept>()
  const load = (hash: string): Promise<Key | undefined> => {
    const entry = { untilMs: now() + keepMs, key: find(hash) }
    const forget = (): void => {
      if (kept.get(hash) === entry) kept.delete(hash)
    }
    kept.delete(hash)
    kept.set(hash, entry)
    entry.key.then((key) => key ?? forget(), forget)
    const [oldest] = kept.keys()
    if (kept.size > maxKept && oldest !== undefined) kept.delete(oldest)
    return entry.key
  }
  return {
    get: (hash) => {
      const there = kept.get(hash)
      return there && there.untilMs > now() ? there.key : load(hash)
    },
    clear: () => kept.clear(),
  }
}

const refused = (message: string): ImageError =>
  new ImageError({ code: "unauthenticated", message })

const anyone: Caller = { kind: "anyone", account: {}, tags: {}, models: [], aliases: {} }
const master: Caller = { ...anyone, kind: "master" }

/** Longer ones are nobody's. */
const maxLength = 1000

const check = (key: Key | undefined, nowMs: number): Caller => {
  if (!key)
    throw refused(
      "There is no such key. Ask whoever runs this gateway for one, and send it as Authorization: Bearer sk-….",
    )
  if (key.blocked)
    throw refused(`The key ${key.id} is blocked. Ask whoever runs this gateway to unblock it.`)
  if (key.expiresMs !== null && key.expiresMs <= nowMs)
    throw refused(`The key ${key.id} expired at ${iso(key.expiresMs)}. Ask for a new one.`)
  return toCaller(key)
}

export interface Authentication {
  readonly masterKey: string
  readonly hash: Hash
  readonly cache: KeyCache
  readonly now: () => number
}

/** Who a request comes from. Throws `unauthenticated`; never with what was given. Without a master key everybody is `anyone`. */
export const createAuthenticate = (authentication: Authentication | undefined) => {
  if (!authentication) return async (): Promise<Caller> => anyone
  const { masterKey, hash, cache, now } = authentication
  const isMaster = sameAs(masterKey)
  return async (bearer: string | undefined): Promise<Caller> => {
    if (bearer === undefined || bearer.length > maxLength)
      throw refused("This gateway needs a key: send it as Authorization: Bearer sk-….")
    if (isMaster(bearer)) return master
    return check(await cache.get(hash(bearer)), now())
  }
}
