import { type ImageError, imageError, isImageError, type Slot } from "../contract/errors.ts"
import type { GenerateOptions, ImageResult } from "../contract/generate.ts"
import { retarget } from "../contract/middleware.ts"
import type { InputImage } from "../contract/plan.ts"
import type { ImageRequest, JsonObject } from "../contract/request.ts"
import { isObject, mapValues, pick } from "../lib/object.ts"
import { sha256 } from "../lib/sha256.ts"
import type { Registry } from "../models/registry.ts"
import type { InputImages, Planned, Planning } from "../planning/types.ts"
import {
  type Cancellation,
  createCancellation,
  createSharedCancellation,
  type SharedCancellation,
} from "./cancellation.ts"
import type { Resumer } from "./resume.ts"
import { type ResumedImages, recallResult, storeImages } from "./stored-result.ts"
import type { GenerateRules, Idempotency, IdempotentRun, RowGroup } from "./types.ts"

type KeyedRun = (cancellation: Cancellation, idempotency: Idempotency) => Promise<ImageResult>
type Run = (cancellation: Cancellation, idempotent?: IdempotentRun) => Promise<ImageResult>

interface SharedRun {
  readonly hash: Promise<string>
  readonly result: Promise<ImageResult>
  readonly cancellation: SharedCancellation
}

/**
 * Runs requests with an idempotency key. A request joins the same one that is running in this
 * process; the shared run is cancelled when all of its callers are. A key belongs to its account.
 */
export const createIdempotency = (
  registry: Registry,
  planning: Planning,
  { ledger, imageStore, lapsed, runtime }: GenerateRules,
  resumer: Resumer,
) => {
  const recoverRules = { planning, resumer, ledger, imageStore, lapsed, runtime }
  const running = new Map<string, SharedRun>()

  const start = (key: string, hash: Promise<string>, run: KeyedRun): SharedRun => {
    const cancellation = createSharedCancellation()
    const result = hash
      .then((hashed) => run(cancellation, { key, hash: hashed, lapsed }))
      .finally(() => running.delete(key))
    const shared = { hash, result, cancellation }
    // Before the first await, so that every later request finds it.
    running.set(key, shared)
    return shared
  }

  const enter = async (
    { request: { idempotencyKey, account } }: Planned,
    hash: Promise<string>,
    own: Cancellation,
    run: KeyedRun,
  ): Promise<SharedRun> => {
    const key = JSON.stringify([account?.key ?? null, idempotencyKey])
    for (;;) {
      const other = running.get(key)
      const shared = other ?? start(key, hash, run)
      if (shared.cancellation.signal.aborted) {
        // All of its callers have left: wait for its end, then start again.
        await shared.result.catch(() => {})
        continue
      }
      shared.cancellation.enter()
      if (!other || (await other.hash) === (await hash)) return shared
      shared.cancellation.leave(own)
      throw imageError(
        "idempotency_mismatch",
        "This idempotency key is in use for another request. Use a new key for a new request.",
      )
    }
  }

  return async (
    planned: Planned,
    options: GenerateOptions,
    rows: RowGroup,
    run: Run,
  ): Promise<ImageResult> => {
    const own = createCancellation(options)
    const keyedRun: KeyedRun = (cancellation, idempotency) =>
      run(
        cancellation,
        idempotentRun(recoverRules, planned, idempotency, rows, cancellation.signal),
      )
    try {
      const shared = await enter(planned, requestHash(planned, registry), own, keyedRun)
      return await waitFor(shared, own, planned.plan.model)
    } finally {
      own.done()
    }
  }
}

interface RecoverRules extends Pick<GenerateRules, "ledger" | "imageStore" | "lapsed" | "runtime"> {
  readonly planning: Planning
  readonly resumer: Resumer
}

/** A run with a key: how it stores images, and how it gets those of an earlier run. */
const idempotentRun = (
  { planning, resumer, ledger, imageStore, lapsed, runtime }: RecoverRules,
  planned: Planned,
  idempotency: Idempotency,
  rows: RowGroup,
  signal: AbortSignal,
): IdempotentRun => ({
  ...idempotency,
  rows,
  storeImages: async (row, { plan, request }, slots, warnings) => {
    if (!imageStore) return
    const { tags = {}, account = {} } = request
    const day = new Date(runtime.now()).toISOString().slice(0, 10)
    await storeImages(imageStore, row, slots, { model: plan.model, day, tags, account }, warnings)
  },
  recover: async (attempt) => {
    const recall = (error: unknown, resumed?: ResumedImages): Promise<ImageResult> =>
      recallResult(
        error,
        { ledger, imageStore },
        planned,
        idempotency,
        (model) => planFor(planning, planned, model),
        resumed,
      )
    try {
      return await attempt("refuse")
    } catch (error) {
      if (!isImageError(error, "idempotency_unresolved")) return recall(error)
      const resumed = await resumeRows(error, resumer, signal)
      return attempt("refuse").catch((later: unknown) =>
        lapsed === "retry" && hasOnlyLost(later, resumed)
          ? attempt("retry")
          : recall(later, resumed),
      )
    }
  },
})

/**
 * Resumes the jobs of an earlier run, so that none is ordered twice. Throws
 * `idempotency_in_progress` while one of them is running.
 */
const resumeRows = async (
  { rows = [] }: ImageError,
  { find, resumeJob }: Resumer,
  signal: AbortSignal,
): Promise<ResumedImages> => {
  const resumed = new Map<string, readonly Slot[]>()
  const resumeRow = async (id: string): Promise<string | undefined> => {
    const found = await find(id)
    if (isImageError(found)) return undefined
    const result = await resumeJob(found, signal)
    if (result.status === "delivered") resumed.set(id, result.slots)
    return result.status
  }
  try {
    const statuses = await Promise.all(rows.map(resumeRow))
    if (!statuses.includes("running")) return resumed
  } catch (cause) {
    // The state of the job is unknown, so it must not be ordered again.
    throw inProgress(cause)
  }
  throw inProgress()
}

const inProgress = (cause?: unknown): ImageError =>
  imageError(
    "idempotency_in_progress",
    "The job of this idempotency key has not ended yet. Try again later.",
    { retryable: true, retryAfterMs: 5000, cause },
  )

/** Whether every unresolved row belongs to a call whose images are lost. */
const hasOnlyLost = (error: unknown, resumed: ResumedImages): boolean =>
  isImageError(error, "idempotency_unresolved") && !error.rows?.some((row) => resumed.has(row))

/**
 * The result of the run, or soon after this caller's own signal an error. The last caller to leave
 * waits for the end of the cancelled run, which reports what was delivered.
 */
const waitFor = (
  { result, cancellation }: SharedRun,
  own: Cancellation,
  model: string,
): Promise<ImageResult> =>
  new Promise((resolve, reject) => {
    const leave = (): void => {
      if (!cancellation.leave(own)) own.raceAbort(result, model).then(resolve, reject)
    }
    if (own.signal.aborted) leave()
    else own.signal.addEventListener("abort", leave, { once: true })
    result.then(resolve, reject)
  })

/** The same request planned for another model of its fallback. */
const planFor = (planning: Planning, planned: Planned, model: string): Promise<Planned> => {
  const { request, requestChanges, originalRequest, inputImages, hasModelMask } = planned
  // A mask in the model's own polarity came in `options`, which belong to the first model.
  const images = pick(
    imageValues(inputImages, "base64"),
    (_, field) => !hasModelMask || field !== "mask",
  )
  const change = {
    field: "model",
    action: "mapped",
    from: request.model,
    to: model,
    why: "it made the images of this idempotency key",
  } as const
  return planning.plan(
    { ...retarget(request, model), ...images },
    { changes: [...requestChanges, change], originalRequest },
  )
}

const imageValues = (images: InputImages, name: "sha256" | "base64"): JsonObject =>
  mapValues(images, (value: InputImage | readonly InputImage[]) =>
    name in value
      ? (value as InputImage)[name]
      : (value as readonly InputImage[]).map((image) => image[name]),
  )

/** A hash of the request as the caller gave it, without its key, tags and account. */
const requestHash = async (
  { originalRequest, inputImages }: Planned,
  registry: Registry,
): Promise<string> => {
  const {
    idempotencyKey: _key,
    tags: _tags,
    clientTags: _clientTags,
    account: _account,
    ...request
  }: JsonObject = {
    ...originalRequest,
    ...resolvedModel(originalRequest, registry),
    ...imageValues(inputImages, "sha256"),
  }
  return sha256(new TextEncoder().encode(JSON.stringify(sorted(request))))
}

/** The ids of the model, whatever name the caller used. An unknown name stays. */
const resolvedModel = ({ model, modelId }: ImageRequest, registry: Registry): JsonObject => {
  try {
    const target = registry.resolve(model, modelId)
    return { model: target.card.id, modelId: target.modelId }
  } catch {
    return { model, modelId }
  }
}

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isObject(value)) return value
  const entries = Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1))
  return mapValues(Object.fromEntries(entries), sorted)
}
