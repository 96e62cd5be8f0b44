import { type Change, ImageError, type ImageRequest, type ModelCard } from "@pictor/core"
import {
  type Attempt,
  type Candidate,
  isModelsOwn,
  quote,
  retarget,
  retargetChanges,
} from "@pictor/core/host"
import { mayUseGroup } from "../auth/model-access.ts"
import type { RouterConfig } from "../config/types.ts"
import type { Deployment, GatewayCall } from "../types.ts"
import type { Cooldowns } from "./cooldown.ts"
import { cardOf, requestFor, supports, taskOf } from "./deployment-request.ts"
import { kindOf } from "./failure-kind.ts"

export interface RoutingTable {
  readonly groups: ReadonlyMap<string, readonly Deployment[]>
  readonly config: RouterConfig
  readonly cooldowns: Cooldowns
  /** The group of any name of a model. */
  readonly groupOf: (name: string) => string
  readonly now: () => number
  readonly random: () => number
}

export interface RoutingState {
  readonly request: ImageRequest
  readonly requestedGroup: string
  readonly call: GatewayCall | undefined
  readonly table: RoutingTable
  readonly triedGroups: Set<string>
  readonly triedDeployments: Set<string>
  group: string
  /** The card of the first deployment, which the request's `options` are written for. */
  origin?: ModelCard
  deployment?: Deployment
  /** The current deployment got a provider call. */
  sent: boolean
  /** Retries in this group before the current deployment, and on the current deployment. */
  groupRetries: number
  deploymentRetries: number
}

export const createRoutingState = (
  request: ImageRequest,
  requestedGroup: string,
  call: GatewayCall | undefined,
  table: RoutingTable,
): RoutingState => ({
  request,
  requestedGroup,
  call,
  table,
  triedGroups: new Set(),
  triedDeployments: new Set(),
  group: requestedGroup,
  sent: false,
  groupRetries: 0,
  deploymentRetries: 0,
})

/**
 * The deployment to try next: in the same group while it has retries left, then in its fallbacks.
 * Throws if no deployment can take the first try.
 */
export const nextCandidate = (
  state: RoutingState,
  attempts: readonly Attempt[],
): Candidate | undefined => {
  const error = attempts.at(-1)?.error
  return (error && nextInGroup(state, error, attempts)) ?? nextInFallbacks(state, attempts)
}

/** Deployments of the group that support the request, are untried and not cooling down. */
const available = ({ table, group, triedDeployments, request, origin }: RoutingState) =>
  (table.groups.get(group) ?? []).filter(
    (each) =>
      !triedDeployments.has(each.id) &&
      supports(each, request, origin) &&
      !table.cooldowns.pauseOf(each),
  )

/** A deployment that was full or lacks something was not called, so that passing it is no retry. */
const nextInGroup = (
  state: RoutingState,
  error: ImageError,
  attempts: readonly Attempt[],
): Candidate | undefined => {
  const { table, call, group } = state
  if (error.code === "content_filtered") return undefined
  const isUnsupported = error.code === "unsupported"
  const isRetry = !isUnsupported && !isFull(error, state)
  state.groupRetries += state.deploymentRetries
  state.deploymentRetries = 0
  const limit = retryLimit(table.config, group, error, call?.requestedRetries)
  if (isRetry && state.groupRetries >= limit) return undefined
  const deployments = available(state)
  const next = pick(
    isUnsupported
      ? deployments.filter(({ model }) => model !== state.deployment?.model)
      : deployments,
    table.random,
  )
  if (!next) return undefined
  if (isRetry) {
    state.groupRetries++
    if (call) call.retries++
  }
  return selectDeployment(state, next, attempts)
}

const nextInFallbacks = (
  state: RoutingState,
  attempts: readonly Attempt[],
): Candidate | undefined => {
  const { triedGroups, requestedGroup, table, call } = state
  const error = attempts.at(-1)?.error
  const skipped: Attempt[] = []
  for (;;) {
    const group = triedGroups.size === 0 ? requestedGroup : fallbacksAfter(state, error)[0]
    if (group === undefined || triedGroups.size > table.config.maxFallbacks) break
    triedGroups.add(group)
    state.group = group
    state.groupRetries = 0
    const next = pick(available(state), table.random)
    if (next) {
      if (call && group !== requestedGroup) call.fallbacks++
      return selectDeployment(state, next, [...attempts, ...skipped])
    }
    skipped.push({ model: group, error: noDeploymentError(state) })
  }
  if (attempts.length === 0 && skipped[0]) throw skipped[0].error
  return undefined
}

/** A fallback is no way around the models of the caller's key. */
const fallbacksAfter = (
  { table: { config, groupOf }, requestedGroup, triedGroups, call }: RoutingState,
  error: ImageError | undefined,
): readonly string[] => {
  const { contentPolicyFallbacks, fallbacks, defaultFallbacks } = config
  const requested = call?.requestedFallbacks
  if (requested?.length === 0) return []
  const groups =
    error?.code === "content_filtered"
      ? contentPolicyFallbacks[requestedGroup]
      : (requested ?? fallbacks[requestedGroup] ?? defaultFallbacks)
  return (groups ?? []).filter(
    (each) => !triedGroups.has(each) && (!call || mayUseGroup(call.caller, each, groupOf)),
  )
}

const selectDeployment = (
  state: RoutingState,
  deployment: Deployment,
  attempts: readonly Attempt[],
): Candidate => {
  const { call, request, table } = state
  const card = cardOf(deployment)
  if (card) state.origin ??= card
  state.deployment = deployment
  state.sent = false
  state.deploymentRetries = 0
  state.triedDeployments.add(deployment.id)
  if (call) {
    call.deployment = deployment
    call.currentGroup = state.group
  }
  const changes = [
    ...clampedRetries(table.config, call?.requestedRetries),
    ...changesFor(state, deployment, attempts),
  ]
  return {
    model: state.group,
    request: requestFor(request, deployment, state.origin),
    changes,
  }
}

const changesFor = (
  { request, requestedGroup, group, origin }: RoutingState,
  { model }: Deployment,
  attempts: readonly Attempt[],
): readonly Change[] => {
  const isSameModel = model === origin?.id
  if (isSameModel && group === requestedGroup) return []
  return retargetChanges(
    isSameModel ? retarget(request, request.model) : request,
    group === requestedGroup ? model : group,
    attempts,
  )
}

/** The limits middleware marks a full deployment on the call. */
const isFull = (error: ImageError, { call, deployment }: RoutingState): boolean =>
  error.code === "rate_limited" && deployment !== undefined && call?.full === deployment.id

/**
 * Can another deployment succeed? A deployment's credentials are the operator's, so that
 * `unauthenticated` is no fault of the caller, and a call that was never sent may be repeated.
 */
export const shouldContinue = (state: RoutingState, error: ImageError): boolean => {
  const { deployment, table, sent, requestedGroup } = state
  if (deployment && isFull(error, state)) {
    if (error.retryAfterMs !== undefined) table.cooldowns.markFull(deployment, error.retryAfterMs)
    return true
  }
  // Neither a provider nor a full deployment: a limit of the caller's key.
  if (error.code === "rate_limited" && !sent && error.status === undefined) return false
  if (error.code === "content_filtered")
    return (table.config.contentPolicyFallbacks[requestedGroup] ?? []).length > 0
  return (
    isModelsOwn(error) ||
    error.code === "unauthenticated" ||
    (error.code === "timeout" && error.retryable)
  )
}

/**
 * Should the client retry a call on the same deployment after this attempt? While another
 * deployment is available, one retry is reserved for it, and a single call moves there at once.
 */
export const shouldRetry = (
  state: RoutingState,
  error: ImageError,
  attempt: number,
  callsOfPlan: number,
): boolean => {
  const { table, group, groupRetries, deploymentRetries, call } = state
  const reserved =
    available(state).length === 0 ? 0 : callsOfPlan === 1 ? Number.POSITIVE_INFINITY : 1
  const limit = retryLimit(table.config, group, error, call?.requestedRetries)
  if (attempt > limit - groupRetries - reserved) return false
  if (call) call.retries += Math.max(0, attempt - deploymentRetries)
  state.deploymentRetries = Math.max(deploymentRetries, attempt)
  return true
}

/**
 * Picks by weight among the deployments of the lowest order. Weight 0 counts only if all have it.
 * `random`: 0 ≤ random < 1.
 */
export const pick = <Each extends Pick<Deployment, "order" | "weight">>(
  candidates: readonly Each[],
  random: () => number,
): Each | undefined => {
  const order = Math.min(...candidates.map((each) => each.order))
  const first = candidates.filter((each) => each.order === order)
  const total = first.reduce((sum, { weight }) => sum + weight, 0)
  if (total === 0) return first[Math.floor(random() * first.length)]
  const point = random() * total
  let sum = 0
  for (const each of first) {
    sum += each.weight
    if (point < sum) return each
  }
  return first.findLast(({ weight }) => weight > 0)
}

/** The retries of a group after an error; the requested number holds within the error's policy. */
const retryLimit = (
  { retries, retryPolicy, groupRetryPolicies }: RouterConfig,
  group: string,
  error: ImageError,
  requested: number | undefined,
): number => {
  const kind = kindOf(error)
  if (kind === undefined) return 0
  const policy = groupRetryPolicies[group]?.[kind] ?? retryPolicy[kind]
  return requested === undefined ? (policy ?? retries) : Math.min(requested, policy ?? requested)
}

/** The highest number of retries in any policy. */
export const maxRetries = ({ retries, retryPolicy, groupRetryPolicies }: RouterConfig): number =>
  Math.max(
    retries,
    ...[retryPolicy, ...Object.values(groupRetryPolicies)].flatMap((policy) =>
      Object.values(policy),
    ),
  )

const clampedRetries = (config: RouterConfig, requested: number | undefined): readonly Change[] => {
  const max = maxRetries(config)
  if (requested === undefined || requested <= max) return []
  return [
    {
      field: "num_retries",
      action: "clamped",
      from: requested,
      to: max,
      why: `the gateway allows at most ${max} retries`,
    },
  ]
}

const unsupportedError = (
  { request, group, origin, call, table }: RoutingState,
  deployments: readonly Deployment[],
): ImageError => {
  const cards = deployments.flatMap((each) => cardOf(each) ?? [])
  const tasks = [...new Set(cards.flatMap((card) => Object.keys(card.tasks)))].join(", ")
  const task = cards[0] ? taskOf(request, cards[0]) : request.task
  const isAble = (each: Deployment): boolean =>
    cardOf(each)?.lifecycle.status === "active" && supports(each, request, origin)
  const able = [...table.groups].flatMap(([name, members]) =>
    (!call || mayUseGroup(call.caller, name, table.groupOf)) && members.some(isAble) ? name : [],
  )
  const others = able.length > 0 ? ` Models that can: ${able.slice(0, 9).join(", ")}.` : ""
  const message = `No model of ${quote(group)} supports the task ${quote(task)} with this request. Supported: ${tasks}.${others}`
  const issue = { code: "unsupported", path: "task", message, allowed: tasks } as const
  return new ImageError({ code: "unsupported", message, issues: [issue] })
}

const noDeploymentError = (state: RoutingState): ImageError => {
  const { group, request, origin, table } = state
  const members = table.groups.get(group) ?? []
  const supporting = members.filter((each) => supports(each, request, origin))
  if (supporting.length === 0) return unsupportedError(state, members)
  const pauses = supporting.flatMap((each) => table.cooldowns.pauseOf(each) ?? [])
  const isLimited = pauses.every(({ reason }) => reason === "RateLimitError" || reason === "full")
  const firstMs = Math.min(...pauses.map(({ untilMs }) => untilMs))
  const retryAfterMs = Math.max(1, firstMs - table.now())
  const why = isLimited ? "is at its limit" : "is cooling down after failures"
  return new ImageError({
    code: isLimited ? "rate_limited" : "unavailable",
    message: `Every deployment of ${quote(group)} ${why}. Retry in ${Math.ceil(retryAfterMs / 1000)} s.`,
    retryAfterMs,
  })
}
