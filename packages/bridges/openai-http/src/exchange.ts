import {
  type Account,
  type ImageRequest,
  type ImagesEvent,
  isImageError,
  type Plan,
} from "@pictor/core"
import { jsonAnswer, problemAnswer } from "./answer.ts"
import { toCost } from "./cost.ts"
import { changesOf, deliver } from "./deliver.ts"
import { answerEvents, type Making, wholeEvents } from "./events.ts"
import {
  allWrong,
  type Fault,
  missing,
  type Outcome,
  type Problem,
  refusal,
  unsupported,
} from "./fault.ts"
import { endOf, type Made, madeInTime } from "./made.ts"
import { modelInfoFor, notAllowed, notFound, visibleModels } from "./models.ts"
import { type Asked, toFaults } from "./names.ts"
import type { Kind } from "./parameters.ts"
import { internal, toImageError, toProblem } from "./problem.ts"
import { type Body, readBody } from "./read-body.ts"
import { type Order, readOrder } from "./read-order.ts"
import { handOver } from "./store.ts"
import type { Answer, Asking, Limits, OpenaiHttpOptions, RequestContext } from "./types.ts"
import { isFields } from "./values.ts"

/** One request, and what it is answered with. */
export interface Exchange {
  readonly request: Asking
  readonly context: RequestContext
  readonly options: OpenaiHttpOptions
  readonly limits: Limits
  readonly now: () => number
}

/** Undefined where none is named. */
const modelOf = (body: Body, pathModel: string | undefined): string | undefined => {
  const model = pathModel ?? body.fields["model"]
  return typeof model === "string" && model !== "" ? model : undefined
}

const withoutModel = ({ options, context }: Exchange): Fault => {
  const names = visibleModels(options, context).map(({ id }) => id)
  const examples = names.length > 0 ? `: ${names.slice(0, 5).join(", ")}` : ""
  return missing(
    "model",
    `model is missing: give the name of one that GET /v1/models lists${examples}.`,
  )
}

interface Ordered {
  readonly order: Order
  readonly request: ImageRequest
}

const askedOf = ({ order, request }: Ordered): Asked => ({
  kind: order.kind,
  own: order.own,
  request: { ...request },
})

const accountOf = (order: Order, { account }: RequestContext): Account | undefined => {
  const user = account?.user ?? order.user
  return user === undefined ? account : { ...account, user }
}

/** The order with what the host and the headers say of it. */
const completed = (order: Order, { request, context }: Exchange): ImageRequest => {
  const account = accountOf(order, context)
  const own = order.request.tags
  // What is no object is left for core to refuse.
  const tags =
    context.tags && (own === undefined || isFields(own)) ? { ...own, ...context.tags } : undefined
  const idempotencyKey = request.headers.get("idempotency-key") ?? ""
  return {
    ...order.request,
    ...(account ? { account } : {}),
    ...(tags ? { tags } : {}),
    ...(idempotencyKey ? { idempotencyKey } : {}),
  }
}

const bare = (param: string): string => param.replace(/\[.*/, "")

/** What is wrong with it, also as core finds it beside the fields that are known to be. */
const allFaults = async (
  order: Order,
  ordered: ImageRequest,
  exchange: Exchange,
): Promise<readonly Fault[]> => {
  const faults = [...order.faults, ...unanswerable(order, exchange)]
  if (faults.length === 0) return faults
  const named = new Set(faults.map(({ param }) => bare(param)))
  try {
    await exchange.options.pictor.plan(ordered)
    return faults
  } catch (thrown) {
    const found = isImageError(thrown) ? toFaults(thrown, askedOf({ order, request: ordered })) : []
    return [...faults, ...found.filter(({ param }) => !named.has(bare(param)))]
  }
}

const unretried = ({ retries }: Order, { context }: Exchange): readonly Fault[] =>
  retries === undefined || context.onRetries
    ? []
    : [
        unsupported(
          "num_retries",
          "num_retries is not supported: how often a request is retried is this server's to say. Leave it out.",
        ),
      ]

const unanswerable = (order: Order, exchange: Exchange): readonly Fault[] => [
  ...unretried(order, exchange),
  ...unstored(order, exchange),
]

const unstored = ({ wish }: Order, { options }: Exchange): readonly Fault[] => {
  if (!wish.url) return []
  const refuse = (why: string): readonly Fault[] => [
    {
      ...unsupported("response_format", `response_format url is not supported ${why}`),
      code: "unsupported_value",
    },
  ]
  if (wish.stream) return refuse("with stream: events carry b64_json.")
  return options.store ? [] : refuse("here: this server stores no images. Ask for b64_json.")
}

/** All that is known to be wrong where nobody can say what the model takes. */
const wrongWithoutModel = (body: Body, order: Order, exchange: Exchange): Problem => {
  const { kind, own } = order
  const said = [body.fields["prompt"], body.fields["pictor"]].some(
    (field) => field !== undefined && field !== null,
  )
  const promptless =
    kind === "generations" && !said && own.size === 0
      ? [missing("prompt", "prompt is missing: say what to draw.")]
      : []
  // In a form it is a text, or was given more than once.
  const twice = body.form ? order.faults.find(({ param }) => param === "model") : undefined
  const others = order.faults.filter(({ param }) => param !== "model")
  return allWrong([
    twice ?? withoutModel(exchange),
    ...promptless,
    ...others,
    ...unanswerable(order, exchange),
  ])
}

/** Reads a request to the end; all that is wrong with it is one problem. */
const read = async (
  exchange: Exchange,
  kindOf: (body: Body) => Kind,
  forms: boolean,
  pathModel: string | undefined,
): Promise<Outcome<Ordered>> => {
  const { request, context, options, limits } = exchange
  if ((request.headers.get("idempotency-key")?.length ?? 0) > 255)
    return refusal(400, "invalid_idempotency_key", "Idempotency-Key is longer than 255 characters.")
  const { value: body, problem } = await readBody(request, {
    limit: limits.bodyBytes,
    forms,
    body: context.body,
  })
  if (problem) return { problem }
  const model = modelOf(body, pathModel)
  if (model !== undefined && context.mayUse?.(model) === false)
    return { problem: notAllowed(model, options, context) }
  const signal = context.signal ?? request.signal
  const { images, fetchImage } = options
  const cardOf = () =>
    model === undefined ? undefined : modelInfoFor(options, model, context)?.card
  const order = await readOrder(body, {
    kind: kindOf(body),
    model: model ?? "",
    cardOf,
    limits,
    images,
    fetchImage,
    signal,
  })
  if (model === undefined) return { problem: wrongWithoutModel(body, order, exchange) }
  const ordered = completed(order, exchange)
  const [first, ...rest] = await allFaults(order, ordered, exchange)
  if (first) return { problem: allWrong([first, ...rest]) }
  if (order.retries !== undefined) context.onRetries?.(order.retries)
  return { value: { order, request: ordered } }
}

/** What is no error of Pictor's is a fault of ours. */
const problemOf = (thrown: unknown, ordered: Ordered, { options, context }: Exchange): Problem => {
  if (!isImageError(thrown)) return internal
  // Core would name models that the caller does not see; a provider that lacks one says so with its status.
  const isHidden =
    thrown.code === "model_not_found" &&
    thrown.status === undefined &&
    (options.models || context.mayUse)
  return isHidden
    ? notFound(ordered.request.model, options, context)
    : toProblem(thrown, askedOf(ordered))
}

const failed = (thrown: unknown, ordered: Ordered, exchange: Exchange): Answer =>
  problemAnswer(problemOf(thrown, ordered, exchange), toImageError(thrown))

/** The shorter of what the host gives and what the request asks for. */
const timeOf = (
  { order }: Ordered,
  { timeoutMs = Number.POSITIVE_INFINITY }: RequestContext,
): { readonly timeoutMs?: number } => {
  const shorter = Math.min(timeoutMs, order.timeoutMs ?? Number.POSITIVE_INFINITY)
  return Number.isFinite(shorter) ? { timeoutMs: shorter } : {}
}

const endedBy = (
  own: AbortSignal | undefined,
  further: AbortSignal | undefined,
): { readonly signal?: AbortSignal } => {
  const signal = own && further ? AbortSignal.any([own, further]) : (own ?? further)
  return signal ? { signal } : {}
}

const generate = async (
  ordered: Ordered,
  { request, context, options }: Exchange,
  { signal, onImages }: Partial<Making> = {},
): Promise<Made> => {
  let changes: ImagesEvent["plan"]["changes"] | undefined
  const running = {
    ...endedBy(context.signal ?? request.signal, signal),
    ...timeOf(ordered, context),
    onImages: (arrival: ImagesEvent): void => {
      changes = arrival.plan.changes
      onImages?.(arrival)
    },
  }
  try {
    const result = await options.pictor.generate(ordered.request, running)
    return { ...result, result }
  } catch (thrown) {
    const made = isImageError(thrown, "timeout") ? madeInTime(thrown, changes) : undefined
    if (made) return made
    throw thrown
  }
}

/** The answer to a request that has all its images. */
const answerMade = async (
  { order }: Ordered,
  made: Made,
  { options, now }: Exchange,
): Promise<Answer> => {
  const { images, warnings } = await handOver(
    made.images,
    order.wish.url ? options.store : undefined,
  )
  const created = Math.floor(now() / 1000)
  const told = warnings.length > 0 ? { ...made, warnings: [...made.warnings, ...warnings] } : made
  const delivery = { order, made: told, images, created }
  return { ...(order.wish.stream ? wholeEvents(delivery) : deliver(delivery)), ...endOf(made) }
}

/** `POST /v1/images/generations` and `/v1/images/edits` */
export const answerImages = async (
  exchange: Exchange,
  kind: Kind,
  pathModel: string | undefined,
): Promise<Answer> => {
  const { value: ordered, problem } = await read(exchange, () => kind, kind === "edits", pathModel)
  if (problem) return problemAnswer(problem)
  const { order } = ordered
  const whole = async (made: Made): Promise<Answer> => answerMade(ordered, made, exchange)
  try {
    if (!order.wish.stream) return await whole(await generate(ordered, exchange))
    return await answerEvents({
      order,
      now: () => Math.floor(exchange.now() / 1000),
      make: (making) => generate(ordered, exchange, making),
      whole,
      failed: (thrown) => ({
        problem: problemOf(thrown, ordered, exchange),
        error: toImageError(thrown),
      }),
    })
  } catch (thrown) {
    return failed(thrown, ordered, exchange)
  }
}

const hasPictures = ({ fields }: Body): boolean =>
  ["image", "images", "mask"].some((name) => fields[name] !== undefined && fields[name] !== null)

const toPlan = (plan: Plan, order: Order) => {
  const json = JSON.parse(JSON.stringify(plan)) as Plan
  return { ...json, changes: changesOf(order, plan.changes), estimate: toCost(plan.estimate) }
}

/** `POST /v1/images/plan` */
export const answerPlan = async (exchange: Exchange): Promise<Answer> => {
  const { value: ordered, problem } = await read(
    exchange,
    (body) => (hasPictures(body) ? "edits" : "generations"),
    true,
    undefined,
  )
  if (problem) return problemAnswer(problem)
  try {
    return jsonAnswer(toPlan(await exchange.options.pictor.plan(ordered.request), ordered.order))
  } catch (thrown) {
    return failed(thrown, ordered, exchange)
  }
}
