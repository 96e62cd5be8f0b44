import type { ImageAdapter } from "./adapter.ts"
import type { RetryOptions } from "./attempts.ts"
import type { ConfiguredPrice, FieldName, LifecycleStatus, ModelCard, Parameter } from "./card.ts"
import { ImageError } from "./errors.ts"
import { createJoin } from "./idempotency.ts"
import { toJsonSchema } from "./json-schema.ts"
import type { Ledger } from "./ledger.ts"
import { lifecycleOn } from "./lifecycle.ts"
import type { Change, Plan } from "./plan.ts"
import { type Planned, planRequest } from "./planner.ts"
import type { Middleware } from "./ports.ts"
import { isRecipe } from "./recipe.ts"
import { createRegistry } from "./registry.ts"
import type { ImageRequest, ImageSource, Loose, Task } from "./request.ts"
import type { Image, ImageResult, Recipe } from "./result.ts"
import { type Running, type RunRules, runPlan } from "./run.ts"
import { type Runtime, systemRuntime } from "./runtime.ts"

export interface PictorOptions<Adapters extends readonly ImageAdapter[]> {
  readonly adapters: Adapters
  /** Reserves the estimate, settles what was delivered, keeps the budgets. None is kept where it is absent. */
  readonly ledger?: Ledger
  readonly middleware?: readonly Middleware[]
  /** The caller's own prices; they come before the cards'. */
  readonly prices?: readonly ConfiguredPrice[]
  /** The largest `n`. Default 100. */
  readonly maxImages?: number
  /** Calls of one request at a time. Default 4. */
  readonly parallelCalls?: number
  /** Default 3 attempts in all, none of what may have been charged. */
  readonly retry?: false | RetryOptions
  /** What to do with a retired model. Default `warn`: private and provisioned copies live on. */
  readonly lifecycle?: "warn" | "refuse"
  readonly runtime?: Partial<Runtime>
}

type Bare<Model extends string> = Model extends `${string}/${infer Rest}` ? Bare<Rest> : Model
type Ids<Adapters extends readonly ImageAdapter[]> = Adapters[number] extends ImageAdapter<infer Id, infer _> ? Id : never
type ById<Each> = Each extends ImageAdapter<infer _, infer Options> ? Options : never
type OptionOf<Each, Model> = Each extends unknown ? (Model extends keyof Each ? Each[Model] : never) : never
/** The type of `options` for a model string: the family's where the id is known, else any record. */
export type OptionsFor<Adapters extends readonly ImageAdapter[], Model extends string> =
  Bare<Model> extends Ids<Adapters> ? OptionOf<ById<Adapters[number]>, Bare<Model>> : Loose

/** One model's abilities. */
export interface ModelInfo {
  readonly card: ModelCard
  readonly lifecycle: LifecycleStatus
  readonly parameters: { readonly [T in Task]?: { readonly [Name in FieldName]?: Parameter } }
  /** JSON Schema of the neutral parameters of a task. */
  schema(task?: Task): Loose
}

export interface Pictor<Adapters extends readonly ImageAdapter[] = readonly ImageAdapter[]> {
  /** What `generate` would do: no call, no charge. */
  plan<const Model extends Ids<Adapters> | (string & {})>(request: ImageRequest<Model, OptionsFor<Adapters, Model>> | Recipe): Promise<Plan>
  /** Makes the images. Given a plan of this client it sends exactly that. Throws an `ImageError` where nothing is delivered. */
  generate<const Model extends Ids<Adapters> | (string & {})>(
    request: ImageRequest<Model, OptionsFor<Adapters, Model>> | Plan,
    running?: Running,
  ): Promise<ImageResult>
  /** Orders an image again; the whole call that made it is charged. */
  replay(recipe: Recipe, inputs?: Running & { readonly inputs?: Readonly<Record<string, ImageSource>> }): Promise<Image>
  models(filter?: { readonly task?: Task; readonly lifecycle?: LifecycleStatus }): readonly ModelCard[]
  model(id: string): ModelInfo
  /** Closes the transports and the ledger. */
  close(): Promise<void>
}

const freeze = <Value>(value: Value): Value => {
  if (typeof value !== "object" || value === null || Object.isFrozen(value) || ArrayBuffer.isView(value)) return value
  for (const each of Object.values(value)) freeze(each)
  return Object.freeze(value)
}

const retryRules = (retry: false | RetryOptions | undefined): Required<RetryOptions> => {
  const { attempts = 3, maybeBilled = false } = retry === false ? { attempts: 1 } : (retry ?? {})
  return { attempts, maybeBilled }
}

const requestOf = ({ request, model, modelId, callSeed, callImages, replayable, reason }: Recipe): ImageRequest => {
  if (!replayable) throw new ImageError({ code: "unsupported", message: `This image cannot be ordered again: ${reason ?? "no seed is known"}.` })
  return { ...request, model, modelId, n: callImages, ...(callSeed === undefined ? {} : { seed: callSeed }) } as ImageRequest
}

/**
 * A client for the models of some adapters.
 *
 * @example
 * const pictor = createPictor({ adapters: [novaCanvas(bedrock({ region: "us-east-1" }))] })
 * const { images, cost } = await pictor.generate({ model: "amazon.nova-canvas-v1:0", prompt: "Sri lanka tea plantation." })
 */
export const createPictor = <const Adapters extends readonly ImageAdapter[]>(options: PictorOptions<Adapters>): Pictor<Adapters> => {
  const { adapters, ledger, middleware = [], prices = [], maxImages = 100, parallelCalls = 4, lifecycle = "warn" } = options
  const runtime: Runtime = { ...systemRuntime, ...options.runtime }
  const registry = createRegistry(adapters)
  const known = new WeakMap<Plan, Planned>()
  const join = createJoin()
  const rules = { prices, maxImages, lifecycle, now: runtime.now, random: runtime.random }
  const runRules: RunRules = { ledger, middleware, parallelCalls, retry: retryRules(options.retry), runtime }

  const planOne = async (request: ImageRequest, changes: readonly Change[] = [], region?: string): Promise<Planned> => {
    if (typeof request !== "object" || request === null)
      throw new ImageError({ code: "invalid_request", message: "The request must be an object with a model and a prompt." })
    const target = registry.resolve(request.model, request.modelId)
    const planned = await planRequest(request, region === undefined ? target : { ...target, region }, rules, changes)
    known.set(freeze(planned.plan), planned)
    return planned
  }

  const run = (planned: Planned, running: Running): Promise<ImageResult> =>
    join(planned, (idempotency) => runPlan(planned, running, runRules, idempotency))

  const ringed = <Out>(request: ImageRequest, core: (request: ImageRequest, changes: readonly Change[]) => Promise<Out>): Promise<Out> => {
    const enter = (index: number, given: ImageRequest, changes: readonly Change[]): Promise<Out> => {
      const ring = middleware.slice(index).find((each) => each.request)
      if (!ring?.request) return core(given, changes)
      return ring.request<Out>(given, (altered, more = []) => enter(middleware.indexOf(ring) + 1, altered, [...changes, ...more]))
    }
    return enter(0, request, [])
  }

  const planOf = async (request: ImageRequest | Recipe): Promise<Plan> => {
    if (typeof request === "object" && request !== null && isRecipe(request)) return (await planOne(requestOf(request), [], request.region)).plan
    return ringed(request, async (altered, changes) => (await planOne(altered, changes)).plan)
  }

  const generate = async (request: ImageRequest | Plan, running: Running = {}): Promise<ImageResult> => {
    const planned = known.get(request as Plan)
    if (planned) return run(planned, running)
    if (typeof request === "object" && request !== null && "calls" in request && "estimate" in request)
      throw new ImageError({
        code: "invalid_request",
        message: "This client did not make this plan. Plan the request again with the client that sends it.",
      })
    return ringed(request as ImageRequest, async (altered, changes) => run(await planOne(altered, changes), running))
  }

  const replay = async (
    recipe: Recipe,
    { inputs: _inputs, ...running }: Running & { readonly inputs?: Readonly<Record<string, ImageSource>> } = {},
  ): Promise<Image> => {
    const result = await run(await planOne(requestOf(recipe), [], recipe.region), running)
    const slot = result.slots[recipe.index]
    if (slot?.status === "delivered") return slot.image
    const error = slot?.status === "failed" ? slot.error : undefined
    throw new ImageError({
      code: error?.code ?? "content_filtered",
      message: `Image ${recipe.index} of the call was not delivered again.`,
      slots: result.slots,
      cost: result.cost,
      cause: error,
    })
  }

  const statusOf = (card: ModelCard): LifecycleStatus => lifecycleOn(card, new Date(runtime.now()).toISOString().slice(0, 10))

  return {
    plan: planOf as Pictor<Adapters>["plan"],
    generate: generate as Pictor<Adapters>["generate"],
    replay,
    models: ({ task, lifecycle: wanted } = {}) =>
      registry.cards.filter((card) => (task === undefined || card.tasks[task] !== undefined) && (wanted === undefined || statusOf(card) === wanted)),
    model: (id) => {
      const { card } = registry.resolve(id)
      return {
        card,
        lifecycle: statusOf(card),
        parameters: Object.fromEntries(Object.entries(card.tasks).map(([task, { fields }]) => [task, fields])),
        schema: (task = "text-to-image") => {
          const found = card.tasks[task]
          if (!found)
            throw new ImageError({ code: "unsupported", message: `${card.id} has no task ${task}; it has ${Object.keys(card.tasks).join(", ")}.` })
          return toJsonSchema(found)
        },
      }
    },
    close: async () => {
      await Promise.all([...new Set(adapters.map(({ transport }) => transport))].map((transport) => transport.close?.()))
      await ledger?.close()
    },
  }
}
