import { type ImageError, imageError, isImageError } from "../contract/errors.ts"
import type { GenerateOptions } from "../contract/generate.ts"
import { retarget } from "../contract/middleware.ts"
import type { InputImage } from "../contract/plan.ts"
import type { ImageRequest, JsonObject } from "../contract/request.ts"
import type { ImageResult } from "../contract/result.ts"
import { isObject, mapValues, pick } from "../lib/object.ts"
import { sha256 } from "../lib/sha256.ts"
import type { Registry } from "../models/registry.ts"
import type { Ordered, Planned, Planning } from "../planning/types.ts"
import {
  createSharedStopping,
  createStopping,
  type SharedStopping,
  type Stopping,
} from "./cancellation.ts"
import type { Once } from "./generate.ts"
import { type Keeping, keepImages, replayed } from "./stored-result.ts"

type RunOnce = (stopping: Stopping, once?: Once) => Promise<ImageResult>

/** Runs requests that have an idempotency key: each joins the same one that is running, and gets again what was done before. */
export const createOnce = (keeping: Keeping, registry: Registry, planning: Planning) => {
  const join = createJoin()
  const { store } = keeping
  return (
    asked: Planned,
    running: GenerateOptions,
    turns: Turns | undefined,
    run: RunOnce,
  ): Promise<ImageResult> => {
    const planned = ordered(asked, registry, planning)
    return join(planned, running, (stopping, idempotency) => {
      if (!idempotency) return run(stopping)
      return run(stopping, {
        idempotency: { ...idempotency, turns: turns ?? {} },
        keep: async (id, slots, warnings) => {
          if (store) await keepImages(store, id, slots, warnings)
        },
        replayed: async (error) => {
          if (!isImageError(error, "idempotency_replayed")) throw error
          return replayed(error, keeping, planned, idempotency)
        },
      })
    })
  }
}

const each =
  (name: "sha256" | "base64") =>
  (value: InputImage | readonly InputImage[]): unknown =>
    name in value
      ? (value as InputImage)[name]
      : (value as readonly InputImage[]).map((image) => image[name])

/** The images as they were given, but for what belongs to the model's own words. */
const sourcesOf = ({ inputImages, hasModelMask }: Planned): JsonObject =>
  pick(mapValues(inputImages, each("base64")), (_, field) => !hasModelMask || field !== "mask")

/** Whatever name the model has; one that nobody has keeps its name. */
const modelOf = ({ model, modelId }: ImageRequest, registry: Registry): JsonObject => {
  try {
    const target = registry.resolve(model, modelId)
    return { model: target.card.id, modelId: target.modelId }
  } catch {
    return { model, modelId }
  }
}

/** A plan with the order that it fills. */
export const ordered = (
  planned: Planned,
  registry: Registry,
  { plan }: Pick<Planning, "plan">,
): Ordered => ({
  ...planned,
  order: () => ({
    ...planned.originalRequest,
    ...modelOf(planned.originalRequest, registry),
    ...mapValues(planned.inputImages, each("sha256")),
  }),
  planFor: async (model) => {
    const { request, requestChanges, originalRequest } = planned
    const why = "it has made the images of this idempotency key"
    const change = {
      field: "model",
      action: "mapped",
      from: request.model,
      to: model,
      why,
    } as const
    const again = await plan(
      { ...retarget(request, model), ...sourcesOf(planned) },
      { changes: [...requestChanges, change], originalRequest },
    )
    return ordered(again, registry, { plan })
  },
})

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isObject(value)) return value
  return mapValues(
    Object.fromEntries(
      Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1)),
    ),
    sorted,
  )
}

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

/** What one `generate` reserves: models that are asked in turn belong to what its idempotency key began. */
export interface Turns {
  /** Its first row in the ledger. */
  firstRow?: string | undefined
}

export interface Keyed extends Idempotency {
  readonly turns: Turns
}

interface Joinable {
  readonly hash: Promise<string>
  readonly promise: Promise<unknown>
  readonly stopping: SharedStopping
}

const mismatch = (): ImageError =>
  imageError(
    "idempotency_mismatch",
    "This idempotency key is in use for another request. Take a new key for a new request.",
  )

/** The shared end, or soon after this caller's own signal an error; what nobody waits for any more ends by itself and says what it came to. */
const waitFor = <Out>(
  { promise, stopping }: Joinable,
  own: Stopping,
  model: string,
): Promise<Out> => {
  const ended = promise as Promise<Out>
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      if (!stopping.leave(own)) own.orStopped(ended, model).then(resolve, reject)
    }
    if (own.signal.aborted) leave()
    else own.signal.addEventListener("abort", leave, { once: true })
    ended.then(resolve, reject)
  })
}

type Run<Out> = (stopping: Stopping, idempotency?: Idempotency) => Promise<Out>

/**
 * Joins a request to the one with the same key that is running in this process; it is stopped when all who wait for it are. A key is its account's
 * own.
 */
export const createJoin = () => {
  const running = new Map<string, Joinable>()
  const begin = <Out>(key: string, hash: Promise<string>, run: Run<Out>): Joinable => {
    const stopping = createSharedStopping()
    // Known before anything is awaited: whoever comes meanwhile must find it.
    const promise = hash
      .then((hashed) => run(stopping, { key, hash: hashed }))
      .finally(() => running.delete(key))
    const begun = { hash, promise, stopping }
    running.set(key, begun)
    return begun
  }
  const enter = async <Out>(
    key: string,
    hash: Promise<string>,
    own: Stopping,
    run: Run<Out>,
  ): Promise<Joinable> => {
    for (;;) {
      const other = running.get(key)
      const joined = other ?? begin(key, hash, run)
      if (joined.stopping.signal.aborted) {
        // Its callers have all left: it is nobody's to join, only to wait for.
        await joined.promise.catch(() => {})
        continue
      }
      joined.stopping.enter()
      if (!other || (await other.hash) === (await hash)) return joined
      joined.stopping.leave(own)
      throw mismatch()
    }
  }
  return async <Out>(planned: Ordered, limits: GenerateOptions, run: Run<Out>): Promise<Out> => {
    const { idempotencyKey, account } = planned.request
    const own = createStopping(limits)
    try {
      if (idempotencyKey === undefined) return await run(own)
      const key = JSON.stringify([account?.key ?? null, idempotencyKey])
      return await waitFor<Out>(
        await enter(key, requestHash(planned), own, run),
        own,
        planned.plan.model,
      )
    } finally {
      own.done()
    }
  }
}
