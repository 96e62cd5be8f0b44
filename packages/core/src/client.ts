import type { ImageAdapter } from "./contract/adapter.ts"
import type { LifecycleStatus, ModelCard } from "./contract/card.ts"
import type { ModelsOf, Pictor, PictorFor, PictorOptions } from "./contract/client.ts"
import { invalidRequest } from "./contract/errors.ts"
import type { GenerateOptions } from "./contract/generate.ts"
import type { Plan } from "./contract/plan.ts"
import type { ImageRequest } from "./contract/request.ts"
import type { ImageResult } from "./contract/result.ts"
import type { Runtime } from "./contract/runtime.ts"
import type { Stopping } from "./generate/cancellation.ts"
import { createStopping, inTime } from "./generate/cancellation.ts"
import { type Once, type RunRules, runPlan } from "./generate/generate.ts"
import { createOnce, type Turns } from "./generate/idempotency.ts"
import { imageOf, planAgain } from "./generate/replay.ts"
import { throughRequestRing } from "./generate/run-middleware.ts"
import type { Keeping } from "./generate/stored-result.ts"
import { defined, isObject } from "./lib/object.ts"
import { systemRuntime } from "./lib/system-runtime.ts"
import { createRegistry, lifecycleOn, modelInfo, type Registry } from "./models/registry.ts"
import { checkOptionNames } from "./models/suggest.ts"
import { createPlanning, snapshot } from "./planning/plan.ts"
import type { Planned, Planning, PlanningRules } from "./planning/types.ts"

const clientNames = {
  adapters: true,
  ledger: true,
  imageStore: true,
  imageOps: true,
  middleware: true,
  prices: true,
  maxImages: true,
  parallelCalls: true,
  retry: true,
  lifecycle: true,
  runtime: true,
} as const
const generateNames = { signal: true, timeoutMs: true, onImages: true } as const
const replayNames = { inputs: true, signal: true, timeoutMs: true } as const

type RequestCore<Out> = Parameters<typeof throughRequestRing<Out>>[2]

const endless = (): Stopping => ({
  signal: new AbortController().signal,
  stopped: () => undefined,
  orStopped: (promise) => promise,
})

/** Sends plans. */
const createRun = (rules: RunRules & Keeping, registry: Registry, planning: Planning) => {
  let joining: ReturnType<typeof createOnce> | undefined
  return async (
    planned: Planned,
    running: GenerateOptions,
    turns?: Turns,
  ): Promise<ImageResult> => {
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

/** The client's methods about its models. */
const modelsOf = (
  registry: Registry,
  { now }: Pick<Runtime, "now">,
): Pick<Pictor, "models" | "model"> => {
  const statusOf = (card: ModelCard): LifecycleStatus =>
    lifecycleOn(card, new Date(now()).toISOString().slice(0, 10))
  return {
    models: (filter = {}) => {
      checkOptionNames("models", filter, { task: true, lifecycle: true })
      const { task, lifecycle } = filter
      return registry.cards.filter(
        (card) =>
          (task === undefined || card.tasks[task] !== undefined) &&
          (lifecycle === undefined || statusOf(card) === lifecycle),
      )
    },
    model: (id) => {
      const { card } = registry.resolve(id)
      return modelInfo(card, statusOf(card))
    },
  }
}

/** Everything that planning and sending need to know of the options, defaults in. */
const rulesOf = (options: PictorOptions<readonly ImageAdapter[]>) => ({
  ledger: options.ledger,
  store: options.imageStore,
  imageOps: options.imageOps,
  middleware: options.middleware ?? [],
  parallelCalls: options.parallelCalls ?? 4,
  prices: options.prices ?? [],
  maxImages: options.maxImages ?? 100,
  lifecycle: options.lifecycle ?? "warn",
  retry: {
    attempts: 3,
    maybeBilled: false,
    ...defined(options.retry === false ? { attempts: 1 } : (options.retry ?? {})),
  },
  runtime: { ...systemRuntime, ...defined(options.runtime ?? {}) },
})

/**
 * A client for the models of some adapters.
 *
 * @example
 * const pictor = createPictor({ adapters: [novaCanvas(bedrock({ region: "us-east-1" }))] })
 * const { images, cost } = await pictor.generate({ model: "amazon.nova-canvas-v1:0", prompt: "Sri lanka tea plantation." })
 */
export const createPictor = <const Adapters extends readonly ImageAdapter[]>(
  options: PictorOptions<Adapters>,
): PictorFor<ModelsOf<Adapters>> => {
  checkOptions(options)
  const { adapters, ledger } = options
  const rules: RunRules & Keeping & PlanningRules = rulesOf(options)
  const { middleware, runtime } = rules
  const registry = createRegistry(adapters)
  const planning = createPlanning(registry, rules)
  const run = createRun(rules, registry, planning)

  const inRings = async <Out>(request: ImageRequest, core: RequestCore<Out>): Promise<Out> => {
    if (!middleware.some((each) => each.request)) return core(request)
    // A ring may take its time, or plan again; the caller may change the request meanwhile.
    const asked = snapshot(request)
    return throughRequestRing(middleware, asked, core)
  }

  const plan = (request: ImageRequest): Promise<Plan> =>
    inRings(request, async (altered, alteration) => (await planning.plan(altered, alteration)).plan)

  const generate = async (
    request: ImageRequest,
    running: GenerateOptions = {},
  ): Promise<ImageResult> => {
    checkOptionNames("generate", running, generateNames)
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
    run: async (made, running = {}) => {
      checkOptionNames("run", running, generateNames)
      const planned = isObject(made) ? planning.recall(made) : undefined
      if (!planned)
        throw invalidRequest("This client did not make this plan. Plan the request again.")
      return run(planned, running)
    },
    replay: async (recipe, running = {}) => {
      checkOptionNames("replay", running, replayNames)
      const { inputs, ...limits } = running
      return imageOf(await run(await planAgain(planning, recipe, inputs), limits), recipe.index)
    },
    planReplay: async (recipe, again = {}) => {
      checkOptionNames("planReplay", again, { inputs: true })
      return (await planAgain(planning, recipe, again.inputs)).plan
    },
    ...modelsOf(registry, runtime),
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
export const checkOptions = (options: PictorOptions<readonly ImageAdapter[]>): void => {
  checkOptionNames("createPictor", options, clientNames)
  const { maxImages, parallelCalls, retry, prices = [] } = options
  if (retry)
    checkOptionNames("createPictor({ retry })", retry, { attempts: true, maybeBilled: true })
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
