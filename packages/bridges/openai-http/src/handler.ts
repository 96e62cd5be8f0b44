import {
  type Account,
  type ImageError,
  type ImageRequest,
  isImageError,
  type ModelCard,
  type Plan,
} from "@pictor/core"
import { lifecycleOn, nearest, quote } from "@pictor/core/host"
import {
  ApiError,
  type Issue,
  issuesError,
  missing,
  toApiError,
  toIssues,
  unsupported,
  unsupportedValue,
} from "./errors.ts"
import { type Listeners, streamImages, wholeStreamResponse } from "./events.ts"
import { type GenerationResult, imagesResponse, prepareDelivery } from "./image-response.ts"
import { isJsonObject, isPresent } from "./json.ts"
import {
  findModel,
  modelNotAllowed,
  modelNotFound,
  namesOfModels,
  visibleNames,
  withDefaults,
} from "./models.ts"
import { type Kind, parameters } from "./parameters.ts"
import { type ParsedRequest, parseRequest } from "./parse-request.ts"
import { publicChanges } from "./public-names.ts"
import { type Body, readBody } from "./read-body.ts"
import { jsonResponse, toCost } from "./response.ts"
import { tagsIssue } from "./tags.ts"
import type {
  HttpRequest,
  HttpResponse,
  Limits,
  OpenaiHttpOptions,
  RequestContext,
} from "./types.ts"

export interface Exchange {
  readonly request: HttpRequest
  readonly context: RequestContext
  readonly options: OpenaiHttpOptions
  readonly limits: Limits
  readonly now: () => number
}

/** `POST /v1/images/generations`, `…/edits` and `…/variations`. Throws an `ApiError`. */
export const handleImages = async (
  exchange: Exchange,
  route: Kind | "variations",
  pathModel: string | undefined,
): Promise<HttpResponse> => {
  const parsed = await readRequest(exchange, route, pathModel)
  const { values } = parsed
  const created = () => Math.floor(exchange.now() / 1000)
  const respond = async (result: GenerationResult): Promise<HttpResponse> => {
    const imageStore = values.response_format === "url" ? exchange.options.imageStore : undefined
    const delivery = await prepareDelivery(parsed, result, imageStore, created())
    return values.stream ? wholeStreamResponse(delivery) : imagesResponse(delivery)
  }
  try {
    if (!values.stream) return await respond(await generate(parsed, exchange))
    return await streamImages({
      parsed,
      created,
      generate: (listeners, signal) => generate(parsed, exchange, listeners, signal),
      respond,
      toApiError: (thrown) => apiErrorOf(thrown, parsed, exchange),
    })
  } catch (thrown) {
    throw apiErrorOf(thrown, parsed, exchange)
  }
}

type Route = Kind | "variations" | "plan"

const kinds: Readonly<Record<Route, Kind | undefined>> = {
  generations: "generations",
  edits: "edits",
  variations: "edits",
  plan: undefined,
}

const variationTask = "image-to-image"

/** A variation has no prompt. Throws an `ApiError` for a model that needs one. */
const checkVariation = ({ request }: ParsedRequest, card: ModelCard | undefined): void => {
  const fields = card?.tasks[variationTask]?.fields
  if (!card || (fields && (!fields.prompt?.required || "prompt" in request))) return
  throw new ApiError({
    status: 400,
    code: "unsupported_value",
    param: "model",
    message: `Model ${quote(request.model)} makes no variations of an image without a prompt. Send the image and a prompt to POST /v1/images/edits.`,
  })
}

/** Reads and validates a request. All issues are in one error. `pathModel` takes precedence. */
const readRequest = async (
  exchange: Exchange,
  route: Route,
  pathModel?: string,
): Promise<ParsedRequest> => {
  const { request, context, options, limits } = exchange
  const idempotencyKey = request.headers.get("idempotency-key") ?? ""
  if (idempotencyKey.length > 255)
    throw new ApiError({
      status: 400,
      code: "invalid_idempotency_key",
      message: "Idempotency-Key must have at most 255 characters.",
    })
  const body = await readBody(request, {
    limit: limits.bodyBytes,
    allowForms: route !== "generations",
    bytes: context.body,
  })
  const named = pathModel ?? body.fields["model"]
  const asked = typeof named === "string" && named !== "" ? named : undefined
  const model = context.model ?? asked
  if (model !== undefined && context.mayUse?.(model) === false)
    throw modelNotAllowed(model, exchange)
  const { defaults, findCard } = findModel(
    model === undefined ? "" : (context.resolveAlias?.(model) ?? model),
    exchange,
  )
  const parsed = await parseRequest(withDefaults(body, defaults), {
    kind: kinds[route],
    model: model ?? "",
    task: route === "variations" ? variationTask : undefined,
    findCard,
    modelsWith: (isAble) => namesOfModels(isAble, exchange),
    takesFallbacks: context.onFallbacks !== undefined,
    options,
    limits,
    signal: context.signal ?? request.signal,
  })
  if (route === "variations") checkVariation(parsed, findCard())
  const complete = {
    ...parsed,
    changes: [...parsed.changes, ...replacedModel(asked, context)],
    request: completeRequest(parsed, context, idempotencyKey),
  }
  const tooManyTags = tagsIssue(complete.request.tags)
  const issues = [
    ...parsed.issues,
    ...unavailableHere(parsed, exchange),
    ...(tooManyTags && !parsed.issues.some(({ param }) => param === "tags") ? [tooManyTags] : []),
  ]
  const [first, ...rest] =
    model === undefined
      ? issuesWithoutModel(body, parsed, issues, exchange)
      : await withCoreIssues(issues, complete, exchange)
  if (first) throw issuesError([first, ...rest])
  passOnRouting(parsed, exchange)
  return complete
}

/** Passes the requested retries and fallbacks to the host. Throws an `ApiError`. */
const passOnRouting = ({ values }: ParsedRequest, exchange: Exchange): void => {
  const { context } = exchange
  if (values.num_retries !== undefined) context.onRetries?.(values.num_retries)
  const { fallbacks = [], disable_fallbacks: disabled } = values
  const others = fallbacks.map((each) => (typeof each === "string" ? each : each.model))
  const forbidden = others.find((each) => context.mayUse?.(each) === false)
  if (forbidden !== undefined) throw modelNotAllowed(forbidden, exchange)
  if (disabled || others.length > 0) context.onFallbacks?.(others)
}

const replacedModel = (
  asked: string | undefined,
  { model }: RequestContext,
): ParsedRequest["changes"] => {
  if (asked === undefined || model === undefined || asked === model) return []
  const why = "this server uses one model for every request"
  return [{ field: "model", action: "mapped", from: asked, to: model, why }]
}

/** Adds what the host and the headers contribute to the request. The host takes precedence. */
const completeRequest = (
  { request, values }: ParsedRequest,
  context: RequestContext,
  idempotencyKey: string,
): ImageRequest => {
  // As in OpenAI's API, a non-empty safety_identifier takes precedence.
  const endUser = context.account?.endUser ?? (values.safety_identifier || values.user || undefined)
  const account: Account | undefined =
    endUser === undefined ? context.account : { ...context.account, endUser }
  // Core rejects tags that are not an object.
  const canMerge = request.tags === undefined || isJsonObject(request.tags)
  return {
    ...request,
    ...(account && { account }),
    ...(context.tags && canMerge && { tags: { ...request.tags, ...context.tags } }),
    ...(idempotencyKey !== "" && { idempotencyKey }),
  }
}

/** Fields that need something this host does not have. */
const unavailableHere = (
  { values }: ParsedRequest,
  { context, options }: Exchange,
): readonly Issue[] => {
  const issues: Issue[] = []
  if (values.num_retries !== undefined && !context.onRetries)
    issues.push(
      unsupported(
        "num_retries",
        "This server sets the number of retries itself. Remove the field.",
      ),
    )
  if (values.response_format === "url" && (values.stream || !options.imageStore)) {
    const reason = values.stream ? "A stream has no URLs." : "This server stores no images."
    issues.push(unsupportedValue("response_format", "url", `${reason} Use b64_json.`))
  }
  return issues
}

/** Without a model, only the fields themselves can be checked. */
const issuesWithoutModel = (
  { fields, isForm }: Body,
  { kind, ownFields }: ParsedRequest,
  issues: readonly Issue[],
  exchange: Exchange,
): readonly Issue[] => {
  const today = new Date(exchange.now()).toISOString().slice(0, 10)
  const live = namesOfModels((card) => lifecycleOn(card, today) === "active", exchange)
  const names = [...new Set([...live, ...visibleNames(exchange)])].slice(0, 5).join(", ")
  const examples = names && `, such as ${names}`
  const known = Object.keys(parameters[kind])
  const misspelled = [...ownFields].find((name) => nearest(name, known, 1)[0] === "model")
  const hint = misspelled === undefined ? "" : `${quote(misspelled)} is not a known field. `
  const noModel = missing(
    "model",
    `${hint}Send the name of a model from GET /v1/models${examples}.`,
  )
  // A form may contain the field twice.
  const repeated = isForm ? issues.find(({ param }) => param === "model") : undefined
  const noPrompt =
    kind === "generations" &&
    !isPresent(fields["prompt"]) &&
    !isPresent(fields["pictor"]) &&
    ownFields.size === 0
  return [
    repeated ?? noModel,
    ...(noPrompt ? [missing("prompt", "Describe the image.")] : []),
    ...issues.filter(({ param }) => param !== "model"),
  ]
}

const withoutIndex = (param: string): string => param.replace(/\[.*/, "")

/** Adds what core finds wrong with other fields, so that the client learns everything at once. */
const withCoreIssues = async (
  issues: readonly Issue[],
  parsed: ParsedRequest,
  { options }: Exchange,
): Promise<readonly Issue[]> => {
  if (issues.length === 0) return issues
  const known = new Set(issues.map(({ param }) => withoutIndex(param)))
  try {
    await options.pictor.plan(parsed.request)
    return issues
  } catch (thrown) {
    const found = isImageError(thrown) ? toIssues(thrown, parsed) : []
    return [...issues, ...found.filter(({ param }) => !known.has(withoutIndex(param)))]
  }
}

/** Generates the images. At the time limit, the result is the images that are ready. */
const generate = async (
  parsed: ParsedRequest,
  { request: { signal }, context, options }: Exchange,
  { onImages, onPartial }: Listeners = {},
  stop?: AbortSignal,
): Promise<GenerationResult> => {
  let changes: Plan["changes"] | undefined
  const { request, values } = parsed
  const signals = [context.signal ?? signal, stop].filter((each) => each !== undefined)
  const { timeout = Number.POSITIVE_INFINITY } = values
  const { timeoutMs = Number.POSITIVE_INFINITY } = context
  const limitMs = Math.min(timeoutMs, Math.max(1, Math.round(timeout * 1000)))
  try {
    const result = await options.pictor.generate(request, {
      ...(signals[0] && { signal: signals.length > 1 ? AbortSignal.any(signals) : signals[0] }),
      ...(Number.isFinite(limitMs) && { timeoutMs: limitMs }),
      onImages: (event) => {
        changes = event.plan.changes
        onImages?.(event)
      },
      ...(onPartial && { onPartial }),
    })
    return { ...result, changes: publicChanges(parsed, result.changes), outcome: { result } }
  } catch (thrown) {
    const partial = isImageError(thrown, "timeout")
      ? partialResult(parsed, thrown, changes)
      : undefined
    if (partial) return partial
    throw thrown
  }
}

const partialResult = (
  parsed: ParsedRequest,
  error: ImageError,
  changes: Plan["changes"] | undefined,
): GenerationResult | undefined => {
  const { slots = [], cost } = error
  const images = slots.flatMap((slot) => (slot.status === "delivered" ? [slot.image] : []))
  const [first] = images
  const warnings = ["The time limit passed before all images were ready."]
  if (!changes) warnings.push("The changes to this request are unknown.")
  return (
    first &&
    cost && {
      images,
      slots,
      cost,
      model: first.recipe.model,
      changes: publicChanges(parsed, changes ?? []),
      warnings,
      outcome: { error },
    }
  )
}

const apiErrorOf = (thrown: unknown, parsed: ParsedRequest, exchange: Exchange): ApiError => {
  // Core's message could name models that the client does not see. A provider's error has a status.
  const revealsModels =
    isImageError(thrown, "model_not_found") &&
    thrown.status === undefined &&
    (exchange.options.models ?? exchange.context.mayUse) !== undefined
  return revealsModels
    ? modelNotFound(parsed.request.model, exchange, thrown)
    : toApiError(thrown, parsed)
}

/** `POST /v1/images/plan`. Throws an `ApiError`. */
export const handlePlan = async (exchange: Exchange): Promise<HttpResponse> => {
  const parsed = await readRequest(exchange, "plan")
  try {
    const plan = await exchange.options.pictor.plan(parsed.request)
    // In a server of several deployments the adapter's name is an internal id.
    const { adapter: _adapter, ...json } = JSON.parse(JSON.stringify(plan)) as Plan
    const changes = publicChanges(parsed, plan.changes)
    return jsonResponse({ ...json, changes, estimate: toCost(plan.estimate) })
  } catch (thrown) {
    throw apiErrorOf(thrown, parsed, exchange)
  }
}
