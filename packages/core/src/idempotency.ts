import { ImageError } from "./errors.ts"
import type { Ordered } from "./planning.ts"
import type { Running } from "./run.ts"
import { sha256 } from "./sha256.ts"
import { createStopping, orStopped } from "./stopping.ts"

const sorted = (value: unknown): unknown =>
  value !== null && typeof value === "object" && !Array.isArray(value)
    ? Object.fromEntries(
        Object.entries(value)
          .filter(([, each]) => each !== undefined)
          .toSorted(([left], [right]) => (left < right ? -1 : 1))
          .map(([key, each]) => [key, sorted(each)]),
      )
    : Array.isArray(value)
      ? value.map(sorted)
      : value

/** A fingerprint of what was asked, whoever asked it. */
const requestHash = async ({ order }: Ordered): Promise<string> => {
  const { idempotencyKey: _key, tags: _tags, account: _account, ...asked } = order()
  const text = JSON.stringify(sorted(asked))
  return sha256(new TextEncoder().encode(text))
}

export interface Idempotency {
  readonly key: string
  /** Of the request. */
  readonly hash: string
}

interface Joinable {
  readonly hash: Promise<string>
  readonly promise: Promise<unknown>
}

/** Joins a request to the one with the same key that is running in this process. A key is its account's own. */
export const createJoin = () => {
  const running = new Map<string, Joinable>()
  return async <Out>(planned: Ordered, { signal, timeoutMs }: Running, run: (idempotency?: Idempotency) => Promise<Out>): Promise<Out> => {
    const { idempotencyKey, account } = planned.request
    if (idempotencyKey === undefined) return run()
    const key = JSON.stringify([account?.key ?? null, idempotencyKey])
    const hash = requestHash(planned)
    const other = running.get(key)
    if (!other) {
      // Known before anything is awaited: whoever comes meanwhile must find it.
      const promise = hash.then((hashed) => run({ key, hash: hashed })).finally(() => running.delete(key))
      running.set(key, { hash, promise })
      return promise
    }
    if ((await other.hash) !== (await hash))
      throw new ImageError({
        code: "idempotency_mismatch",
        message: "This idempotency key is in use for another request. Take a new key for a new request.",
      })
    const stopping = createStopping(signal, timeoutMs)
    return orStopped(other.promise as Promise<Out>, stopping, planned.plan.model).finally(stopping.done)
  }
}
