import { imageError } from "../contract/errors.ts"
import type { CallAnswer, CallAttempt, Middleware } from "../contract/middleware.ts"
import type { Change, Plan } from "../contract/plan.ts"
import type { ImageRequest } from "../contract/request.ts"
import type { ImageResult } from "../contract/result.ts"
import { withoutImages } from "../planning/plan.ts"
import type { Turns } from "./idempotency.ts"

type Layer<Value, Out> = (value: Value, next: (value: Value) => Promise<Out>) => Promise<Out>

/** What a ring is around: entered once at most, and with the value that the ring was given. `kind`: the ring, for messages. */
const guarded = <Value, Out>(
  kind: "plan" | "call",
  core: (value: Value) => Promise<Out>,
  isSame: (value: Value) => boolean,
): typeof core => {
  let entered = false
  return async (value) => {
    const refuse = (why: string): never => {
      throw imageError("invalid_request", `A ${kind} ring ${why}`, { maybeBilled: entered })
    }
    if (entered)
      refuse("may go on once; repeating calls is Pictor's own work: createPictor({ retry }).")
    if (!isSame(value))
      refuse(`may veto or observe a ${kind}, not alter it; alter the request in a request ring.`)
    entered = true
    return core(value)
  }
}

const runThrough = <Value, Out>(
  layers: readonly (Layer<Value, Out> | undefined)[],
  core: (value: Value) => Promise<Out>,
  value: Value,
): Promise<Out> =>
  layers.reduceRight<(value: Value) => Promise<Out>>(
    (next, layer) => (layer ? (each) => layer(each, next) : next),
    core,
  )(value)

/** Runs a plan through every plan ring, the first listed outermost. */
export const throughPlanRing = (
  middleware: readonly Middleware[],
  planned: Plan,
  core: (plan: Plan) => Promise<ImageResult>,
): Promise<ImageResult> =>
  runThrough(
    middleware.map(({ plan }) => plan),
    guarded("plan", core, (plan) => plan === planned),
    planned,
  )

/** Runs one attempt of a call through every call ring. */
export const throughCallRing = (
  middleware: readonly Middleware[],
  attempt: CallAttempt,
  core: (attempt: CallAttempt) => Promise<CallAnswer>,
): Promise<CallAnswer> =>
  runThrough(
    middleware.map(({ call }) => call),
    guarded("call", core, ({ call }) => call === attempt.call),
    attempt,
  )

/** How rings altered a request, and what was asked before them. */
interface Alteration {
  readonly changes: readonly Change[]
  /** Without its images. */
  readonly originalRequest: ImageRequest
  /** Every time that they go on belongs to one request. */
  readonly turns: Turns
}

type Core<Out> = (request: ImageRequest, alteration?: Alteration) => Promise<Out>

/** Runs a request through every request ring, the first listed outermost, gathering what each says it changed. */
export const throughRequestRing = <Out>(
  middleware: readonly Middleware[],
  asked: ImageRequest,
  core: Core<Out>,
): Promise<Out> => {
  const turns: Turns = {}
  const through = (at: number, request: ImageRequest, changes: readonly Change[]): Promise<Out> => {
    const ring = middleware[at]
    if (!ring) return core(request, { changes, originalRequest: withoutImages(asked), turns })
    if (!ring.request) return through(at + 1, request, changes)
    return ring.request<Out>(request, (altered, more = []) =>
      through(at + 1, altered, [...changes, ...more]),
    )
  }
  return through(0, asked, [])
}
