import { imageError } from "../contract/errors.ts"
import type { ImageResult } from "../contract/generate.ts"
import type { CallAnswer, CallAttempt, Middleware } from "../contract/middleware.ts"
import type { Change, Plan } from "../contract/plan.ts"
import type { ImageRequest } from "../contract/request.ts"
import { snapshot, withoutImages } from "../planning/plan.ts"
import type { Origin } from "../planning/types.ts"
import type { RowGroup } from "./types.ts"

type Core<Out> = (request: ImageRequest, origin?: Origin, rows?: RowGroup) => Promise<Out>

/** Runs the request middleware around `core` and collects the changes that each one passes on. */
export const throughRequestMiddleware = async <Out>(
  middleware: readonly Middleware[],
  request: ImageRequest,
  core: Core<Out>,
): Promise<Out> => {
  const layers = middleware.filter((each) => each.request)
  if (layers.length === 0) return core(request)
  // A copy, because middleware may take its time, or plan again, while the caller changes the
  // request.
  const original = snapshot(request)
  const originalRequest = withoutImages(original)
  const rows: RowGroup = {}
  const run = (at: number, current: ImageRequest, changes: readonly Change[]): Promise<Out> => {
    const next = (altered: ImageRequest, more: readonly Change[] = []): Promise<Out> =>
      run(at + 1, altered, [...changes, ...more])
    return (
      layers[at]?.request?.<Out>(current, next) ?? core(current, { changes, originalRequest }, rows)
    )
  }
  return run(0, original, [])
}

export const throughPlanMiddleware = (
  middleware: readonly Middleware[],
  plan: Plan,
  core: () => Promise<ImageResult>,
): Promise<ImageResult> =>
  runLayers(
    middleware.map((each) => each.plan),
    guarded("plan", core, (given) => given === plan),
    plan,
  )

export const throughCallMiddleware = (
  middleware: readonly Middleware[],
  attempt: CallAttempt,
  core: (attempt: CallAttempt) => Promise<CallAnswer>,
): Promise<CallAnswer> =>
  runLayers(
    middleware.map((each) => each.call),
    guarded("call", core, ({ call }) => call === attempt.call),
    attempt,
  )

type Next<Value, Out> = (value: Value) => Promise<Out>
type Layer<Value, Out> = (value: Value, next: Next<Value, Out>) => Promise<Out>

const runLayers = <Value, Out>(
  layers: readonly (Layer<Value, Out> | undefined)[],
  core: Next<Value, Out>,
  value: Value,
): Promise<Out> =>
  layers.reduceRight<Next<Value, Out>>(
    (next, layer) => (layer ? (each) => layer(each, next) : next),
    core,
  )(value)

/** The core of plan and call middleware: it runs only once, and only with the unaltered value. */
const guarded = <Value, Out>(
  kind: "plan" | "call",
  core: Next<Value, Out>,
  isUnaltered: (value: Value) => boolean,
): Next<Value, Out> => {
  let hasRun = false
  return async (value) => {
    const reject = (why: string): never => {
      throw imageError("invalid_request", `Middleware ${why}`, { maybeBilled: hasRun })
    }
    if (hasRun) reject(`may run a ${kind} only once. To repeat calls, use createPictor({ retry }).`)
    if (!isUnaltered(value))
      reject(`may not alter a ${kind}. Alter the request in \`request\` instead.`)
    hasRun = true
    return core(value)
  }
}
