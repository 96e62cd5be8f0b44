import type { ImageAdapter } from "./adapter.ts"
import type { RetryOptions } from "./attempts.ts"
import type { LifecycleStatus, ModelCard } from "./card.ts"
import { checkOptions } from "./check-options.ts"
import type { Pictor, PictorOptions, ReplayInputs } from "./client-types.ts"
import { defined } from "./defined.ts"
import { ImageError } from "./errors.ts"
import { createJoin } from "./idempotency.ts"
import { lifecycleOn } from "./lifecycle.ts"
import { modelInfo } from "./model-info.ts"
import type { Plan } from "./plan.ts"
import { createPlanning, type Ordered } from "./planning.ts"
import { isRecipe } from "./recipe.ts"
import { createRegistry } from "./registry.ts"
import type { ImageRequest } from "./request.ts"
import { throughRequestRing } from "./request-ring.ts"
import type { Image, ImageResult, Recipe } from "./result.ts"
import { type Running, type RunRules, runPlan } from "./run.ts"
import { type Runtime, systemRuntime } from "./runtime.ts"
import { snapshot } from "./snapshot.ts"

const retryRules = (retry: false | RetryOptions | undefined): Required<RetryOptions> => {
  const { attempts = 3, maybeBilled = false } = retry === false ? { attempts: 1 } : (retry ?? {})
  return { attempts, maybeBilled }
}

const imageOf = ({ slots, cost }: ImageResult, index: number): Image => {
  const slot = slots[index]
  if (slot?.status === "delivered") return slot.image
  const error = slot?.status === "failed" ? slot.error : undefined
  throw new ImageError({
    code: error?.code ?? "content_filtered",
    message: `Image ${index} of the call was not delivered again.`,
    slots,
    cost,
    cause: error,
  })
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null

/** What is left of the whole request's time, of which a ring may have taken some. */
const inTime = (running: Running, passedMs: number): Running => {
  const { timeoutMs } = running
  if (timeoutMs === undefined || !(timeoutMs > 0) || passedMs <= 0) return running
  if (passedMs < timeoutMs) return { ...running, timeoutMs: timeoutMs - passedMs }
  throw new ImageError({ code: "timeout", message: `The request's deadline of ${timeoutMs} ms has passed; nothing more was sent.` })
}

const notOurs = (): ImageError =>
  new ImageError({ code: "invalid_request", message: "This client did not make this plan. Plan the request again with the client that sends it." })

/**
 * A client for the models of some adapters.
 *
 * @example
 * const pictor = createPictor({ adapters: [novaCanvas(bedrock({ region: "us-east-1" }))] })
 * const { images, cost } = await pictor.generate({ model: "amazon.nova-canvas-v1:0", prompt: "Sri lanka tea plantation." })
 */
export const createPictor = <const Adapters extends readonly ImageAdapter[]>(options: PictorOptions<Adapters>): Pictor<Adapters> => {
  checkOptions(options)
  const { adapters, ledger, store, middleware = [], parallelCalls = 4 } = options
  const runtime: Runtime = { ...systemRuntime, ...defined(options.runtime ?? {}) }
  const registry = createRegistry(adapters)
  const planning = createPlanning(registry, options, runtime)
  const join = createJoin()
  const rules: RunRules = { ledger, store, middleware, parallelCalls, retry: retryRules(options.retry), runtime }
  const run = (planned: Ordered, running: Running): Promise<ImageResult> =>
    join(planned, running, (stopping, idempotency) => runPlan(planned, stopping, rules, idempotency))
  const statusOf = (card: ModelCard): LifecycleStatus => lifecycleOn(card, new Date(runtime.now()).toISOString().slice(0, 10))

  // A ring may take its time, or plan again; the caller may change the request meanwhile.
  const kept = (request: ImageRequest): ImageRequest => (middleware.some((each) => each.request) ? snapshot(request) : request)

  const plan = async (request: ImageRequest | Recipe, { inputs }: ReplayInputs = {}): Promise<Plan> => {
    if (isObject(request) && isRecipe(request)) return (await planning.planAgain(request, inputs)).plan
    return throughRequestRing(middleware, kept(request), async (altered, changes, asked) => (await planning.plan(altered, { changes, asked })).plan)
  }

  const generate = async (request: ImageRequest | Plan, running: Running = {}): Promise<ImageResult> => {
    const planned = isObject(request) ? planning.recall(request) : undefined
    if (planned) return run(planned, running)
    if (isObject(request) && "calls" in request && "estimate" in request) throw notOurs()
    const startedMs = runtime.now()
    return throughRequestRing(middleware, kept(request), async (altered, changes, asked) =>
      run(await planning.plan(altered, { changes, asked }), inTime(running, runtime.now() - startedMs)),
    )
  }

  return {
    plan: plan,
    generate: generate,
    replay: async (recipe, running = {}) => imageOf(await run(await planning.planAgain(recipe, running.inputs), running), recipe.index),
    models: ({ task, lifecycle } = {}) =>
      registry.cards.filter(
        (card) => (task === undefined || card.tasks[task] !== undefined) && (lifecycle === undefined || statusOf(card) === lifecycle),
      ),
    model: (id) => {
      const { card } = registry.resolve(id)
      return modelInfo(card, statusOf(card))
    },
    close: async () => {
      const transports = [...new Set(adapters.map(({ transport }) => transport))]
      const closed = await Promise.allSettled([...transports, ledger].map(async (each) => each?.close?.()))
      const failed = closed.find(({ status }) => status === "rejected")
      if (failed?.status === "rejected") throw failed.reason
    },
  }
}
