import type { ImageAdapter } from "./contract/adapter.ts"
import type { LifecycleStatus, ModelCard } from "./contract/card.ts"
import type { Pictor, PictorOptions, ReplayInputs } from "./contract/client.ts"
import { invalidRequest } from "./contract/errors.ts"
import type { Plan } from "./contract/plan.ts"
import type { ImageRequest } from "./contract/request.ts"
import type { ImageResult, Recipe } from "./contract/result.ts"
import type { Runtime } from "./contract/runtime.ts"
import type { Stopping } from "./generate/cancellation.ts"
import { createStopping, inTime } from "./generate/cancellation.ts"
import { type GenerateOptions, type Once, type RunRules, runPlan } from "./generate/generate.ts"
import { createOnce, type Turns } from "./generate/idempotency.ts"
import { isRecipe } from "./generate/outcome.ts"
import { imageOf, planAgain } from "./generate/replay.ts"
import { throughRequestRing } from "./generate/run-middleware.ts"
import type { Keeping } from "./generate/stored-result.ts"
import { defined, isObject } from "./lib/object.ts"
import { systemRuntime } from "./lib/system-runtime.ts"
import { createRegistry, lifecycleOn, modelInfo, type Registry } from "./models/registry.ts"
import {
  type Asked,
  createPlanning,
  type Planning,
  type PlanningRules,
  snapshot,
} from "./planning/plan.ts"

type RequestCore<Out> = Parameters<typeof throughRequestRing<Out>>[2]

const endless = (): Stopping => ({
  signal: new AbortController().signal,
  stopped: () => undefined,
  orStopped: (promise) => promise,
})

/** Sends plans. */
const createRun = (rules: RunRules & Keeping, registry: Registry, planning: Planning) => {
  let joining: ReturnType<typeof createOnce> | undefined
  return async (planned: Asked, running: GenerateOptions, turns?: Turns): Promise<ImageResult> => {
    const run = (stopping: Stopping, once?: Once): Promise<ImageResult> =>
      runPlan(planned, stopping, rules, once, running.onImages)
    if (planned.request.idempotencyKey !== undefined) {
      joining ??= createOnce(rules, registry, planning)
      return joining(planned, running, turns, run)
    }
    if (running.signal === undefined && running.timeoutMs === undefined) return run(endless())
    const stopping = createStopping(running)
    return run(stopping).finally(stopping.done)
  }
}

const closeAll = async (
  closables: readonly ({ readonly close?: () => Promise<void> } | undefined)[],
): Promise<void> => {
  const closed = await Promise.allSettled(
    [...new Set(closables)].map(async (each) => each?.close?.()),
  )
  for (const end of closed) if (end.status === "rejected") throw end.reason
}

/**
 * A client for the models of some adapters.
 *
 * @example
 * const pictor = createPictor({ adapters: [novaCanvas(bedrock({ region: "us-east-1" }))] })
 * const { images, cost } = await pictor.generate({ model: "amazon.nova-canvas-v1:0", prompt: "Sri lanka tea plantation." })
 */
export const createPictor = <const Adapters extends readonly ImageAdapter[]>(
  options: PictorOptions<Adapters>,
): Pictor<Adapters> => {
  checkOptions(options)
  const {
    adapters,
    ledger,
    imageStore: store,
    imageOps: images,
    middleware = [],
    parallelCalls = 4,
    prices = [],
    maxImages = 100,
    lifecycle = "warn",
  } = options
  const runtime: Runtime = { ...systemRuntime, ...defined(options.runtime ?? {}) }
  const registry = createRegistry(adapters)
  const retry = {
    attempts: 3,
    maybeBilled: false,
    ...defined(options.retry === false ? { attempts: 1 } : (options.retry ?? {})),
  }
  const rules: RunRules & Keeping & PlanningRules = {
    ledger,
    store,
    images,
    middleware,
    parallelCalls,
    prices,
    maxImages,
    lifecycle,
    retry,
    runtime,
  }
  const planning = createPlanning(registry, rules)
  const run = createRun(rules, registry, planning)
  const statusOf = (card: ModelCard): LifecycleStatus =>
    lifecycleOn(card, new Date(runtime.now()).toISOString().slice(0, 10))

  const inRings = async <Out>(request: ImageRequest, core: RequestCore<Out>): Promise<Out> => {
    if (!middleware.some((each) => each.request)) return core(request)
    // A ring may take its time, or plan again; the caller may change the request meanwhile.
    const asked = snapshot(request)
    return throughRequestRing(middleware, asked, core)
  }

  const plan = async (
    request: ImageRequest | Recipe,
    { inputs }: ReplayInputs = {},
  ): Promise<Plan> => {
    if (isObject(request) && isRecipe(request))
      return (await planAgain(planning, request, inputs)).plan
    return inRings(
      request,
      async (altered, alteration) => (await planning.plan(altered, alteration)).plan,
    )
  }

  const generate = async (
    request: ImageRequest | Plan,
    running: GenerateOptions = {},
  ): Promise<ImageResult> => {
    const planned = isObject(request) ? planning.recall(request) : undefined
    if (planned) return run(planned, running)
    if (isObject(request) && "calls" in request && "estimate" in request)
      throw invalidRequest("This client did not make this plan. Plan the request again.")
    const startedMs = runtime.now()
    return inRings(request, async (altered, alteration) => {
      const made = await planning.plan(altered, alteration)
      const left =
        running.timeoutMs === undefined ? running : inTime(running, runtime.now() - startedMs)
      return run(made, left, alteration?.turns)
    })
  }

  return {
    plan,
    generate,
    replay: async (recipe, running = {}) => {
      return imageOf(
        await run(await planAgain(planning, recipe, running.inputs), running),
        recipe.index,
      )
    },
    models: ({ task, lifecycle: status } = {}) =>
      registry.cards.filter(
        (card) =>
          (task === undefined || card.tasks[task] !== undefined) &&
          (status === undefined || statusOf(card) === status),
      ),
    model: (id) => {
      const { card } = registry.resolve(id)
      return modelInfo(card, statusOf(card))
    },
    close: () => closeAll([...adapters.map(({ transport }) => transport), ledger]),
  }
}

const check = (name: string, words: string, isRight: boolean): void => {
  if (!isRight) throw invalidRequest(`createPictor: ${name} must be ${words}.`)
}

const checkCount = (name: string, value = 1): void =>
  check(
    name,
    `a whole number from 1 to ${Number.MAX_SAFE_INTEGER}`,
    Number.isSafeInteger(value) && value >= 1,
  )

const checkText = (name: string, words: string, pattern: RegExp, value: string | undefined): void =>
  check(name, words, value === undefined || pattern.test(value))

/** Throws `invalid_request` for numbers that a client could not keep to. */
export const checkOptions = ({
  maxImages,
  parallelCalls,
  retry,
  prices = [],
}: PictorOptions<readonly ImageAdapter[]>): void => {
  checkCount("maxImages", maxImages)
  checkCount("parallelCalls", parallelCalls)
  checkCount("retry.attempts", retry ? retry.attempts : undefined)
  for (const { model, microUsd, currency, ...dates } of prices) {
    const price = `of the price of ${model}`
    check(
      `microUsd ${price}`,
      `a number from 0 to ${Number.MAX_SAFE_INTEGER}`,
      Number.isFinite(microUsd) && microUsd >= 0 && microUsd <= Number.MAX_SAFE_INTEGER,
    )
    checkText(`currency ${price}`, "a code like EUR", /^[A-Z]{3}$/, currency)
    for (const name of ["validFrom", "validTo"] as const)
      checkText(`${name} ${price}`, "a date like 2026-11-20", /^\d{4}-\d{2}-\d{2}$/, dates[name])
  }
}
