import type { Change, ImageError, ImageRequest, ModelCard } from "@pictor/core"
import {
  type Attempt,
  type Candidate,
  isModelsOwn,
  retarget,
  retargetChanges,
} from "@pictor/core/host"
import type { RouterConfig } from "../config/types.ts"
import type { Deployment, GatewayCall } from "../types.ts"
import type { Health } from "./cooldown.ts"
import { aimed, cardOf, isFor } from "./deployment-request.ts"
import { kindOf } from "./failure-kind.ts"
import { nobody } from "./no-deployment-error.ts"

/** What every journey needs. */
export interface Surroundings {
  readonly groups: ReadonlyMap<string, readonly Deployment[]>
  readonly config: RouterConfig
  readonly health: Health
  readonly now: () => number
  readonly random: () => number
}

/** One request's way over deployments and groups, as far as it has come. */
export interface Journey {
  readonly request: ImageRequest
  readonly askedGroup: string
  readonly call: GatewayCall | undefined
  readonly surroundings: Surroundings
  /** Groups that have been entered, and deployments that have been asked. */
  readonly visited: Set<string>
  readonly seen: Set<string>
  group: string
  /** Whose words the request's `options` are: the card that was asked first. */
  origin?: ModelCard
  /** Who is asked now. */
  deployment?: Deployment
  /** A provider call has been made. */
  sent: boolean
  /** Retries of this group before this turn, and those that this turn has made where it is. */
  used: number
  inPlace: number
}

export const createJourney = (
  request: ImageRequest,
  askedGroup: string,
  call: GatewayCall | undefined,
  surroundings: Surroundings,
): Journey => ({
  request,
  askedGroup,
  call,
  surroundings,
  visited: new Set(),
  seen: new Set(),
  group: askedGroup,
  sent: false,
  used: 0,
  inPlace: 0,
})

/** Who of the group can be asked and has not been. */
const open = ({
  surroundings: { groups, health },
  group,
  seen,
  request,
  origin,
}: Journey): readonly Deployment[] =>
  (groups.get(group) ?? []).filter(
    (each) => !seen.has(each.id) && isFor(each, request, origin) && !health.rest(each),
  )

const changesOf = (
  { request, askedGroup, group, origin }: Journey,
  { model }: Deployment,
  tried: readonly Attempt[],
): readonly Change[] => {
  const sameModel = model === origin?.id
  if (sameModel && group === askedGroup) return []
  return retargetChanges(
    sameModel ? retarget(request, request.model) : request,
    group === askedGroup ? model : group,
    tried,
  )
}

const turnTo = (journey: Journey, deployment: Deployment, tried: readonly Attempt[]): Candidate => {
  const first = cardOf(deployment)
  if (first) journey.origin ??= first
  journey.deployment = deployment
  journey.sent = false
  journey.inPlace = 0
  journey.seen.add(deployment.id)
  if (journey.call) {
    journey.call.deployment = deployment
    delete journey.call.full
  }
  const changes = [
    ...clampedRetries(journey.surroundings.config, journey.call?.askedRetries),
    ...changesOf(journey, deployment, tried),
  ]
  return {
    model: journey.group,
    request: aimed(journey.request, deployment, journey.origin),
    changes,
  }
}

/** The limits module says so, on the call. */
const isFull = (error: ImageError, { call, deployment }: Journey): boolean =>
  error.code === "rate_limited" && deployment !== undefined && call?.full === deployment.id

/** Another deployment of the same group. Passing by one that was not asked, or lacks something, is no retry. */
const sameGroup = (
  journey: Journey,
  error: ImageError,
  tried: readonly Attempt[],
): Candidate | undefined => {
  const { surroundings, call } = journey
  if (error.code === "content_filtered") return undefined
  const lacks = error.code === "unsupported"
  const free = lacks || isFull(error, journey)
  journey.used += journey.inPlace
  journey.inPlace = 0
  if (
    !free &&
    journey.used >= retriesOf(surroundings.config, journey.group, error, call?.askedRetries)
  )
    return undefined
  const able = open(journey)
  const next = pick(
    lacks ? able.filter(({ model }) => model !== journey.deployment?.model) : able,
    surroundings.random,
  )
  if (!next) return undefined
  if (!free) {
    journey.used++
    if (call) call.retries++
  }
  return turnTo(journey, next, tried)
}

const fallbacksAfter = (
  { surroundings: { config }, askedGroup, visited }: Journey,
  error: ImageError | undefined,
): readonly string[] => {
  const { contentPolicyFallbacks, fallbacks, defaultFallbacks } = config
  const all =
    error?.code === "content_filtered"
      ? contentPolicyFallbacks[askedGroup]
      : (fallbacks[askedGroup] ?? defaultFallbacks)
  return (all ?? []).filter((each) => !visited.has(each))
}

const enter = (journey: Journey, group: string): Deployment | undefined => {
  journey.visited.add(group)
  journey.group = group
  journey.used = 0
  return pick(open(journey), journey.surroundings.random)
}

const nextGroup = (journey: Journey, tried: readonly Attempt[]): Candidate | undefined => {
  const error = tried.at(-1)?.error
  const skipped: Attempt[] = []
  for (;;) {
    const group =
      journey.visited.size === 0 ? journey.askedGroup : fallbacksAfter(journey, error)[0]
    if (group === undefined || journey.visited.size > journey.surroundings.config.maxFallbacks)
      break
    const next = enter(journey, group)
    if (next) {
      if (journey.call && group !== journey.askedGroup) journey.call.fallbacks++
      return turnTo(journey, next, [...tried, ...skipped])
    }
    skipped.push({ model: group, error: nobody(journey) })
  }
  if (tried.length === 0 && skipped[0]) throw skipped[0].error
  return undefined
}

/** Whom to ask next: the same group while it has retries left, then its fallbacks. Throws where there is nobody to begin with. */
export const choose = (journey: Journey, tried: readonly Attempt[]): Candidate | undefined => {
  const error = tried.at(-1)?.error
  return (error && sameGroup(journey, error, tried)) ?? nextGroup(journey, tried)
}

/** May anybody else do better? A deployment's keys are the operator's own, and what was never sent can be sent elsewhere. */
export const goesOn = (journey: Journey, error: ImageError): boolean => {
  const { deployment, surroundings, sent, askedGroup } = journey
  if (deployment && isFull(error, journey)) {
    if (error.retryAfterMs !== undefined) surroundings.health.full(deployment, error.retryAfterMs)
    return true
  }
  // Nobody was asked, and no deployment is full: it is the caller's own limit.
  if (error.code === "rate_limited" && !sent && error.status === undefined) return false
  if (error.code === "content_filtered")
    return (surroundings.config.contentPolicyFallbacks[askedGroup] ?? []).length > 0
  return (
    isModelsOwn(error) ||
    error.code === "unauthenticated" ||
    (error.code === "timeout" && error.retryable)
  )
}

/** May a call be repeated where it is, after its so-manieth attempt? One that is alone rather goes to another deployment at once. */
export const repeats = (
  journey: Journey,
  error: ImageError,
  attempt: number,
  callsOfPlan: number,
): boolean => {
  const { surroundings, group, used, inPlace, call } = journey
  const kept = open(journey).length === 0 ? 0 : callsOfPlan === 1 ? Number.POSITIVE_INFINITY : 1
  if (attempt > retriesOf(surroundings.config, group, error, call?.askedRetries) - used - kept)
    return false
  if (call) call.retries += Math.max(0, attempt - inPlace)
  journey.inPlace = Math.max(inPlace, attempt)
  return true
}

type Share = Pick<Deployment, "order" | "weight">

/** One of those of the lowest order, by weight; who weighs nothing only where all do. `random`: 0 ≤ random < 1. */
export const pick = <Each extends Share>(
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

/** How often a group is asked again after such an error. `asked`: by the request itself, within what a policy says of the error. */
export const retriesOf = (
  { retries, retryPolicy, groupRetryPolicies }: RouterConfig,
  group: string,
  error: ImageError,
  asked?: number,
): number => {
  const kind = kindOf(error)
  if (kind === undefined) return 0
  const policy = groupRetryPolicies[group]?.[kind] ?? retryPolicy[kind]
  return asked === undefined ? (policy ?? retries) : Math.min(asked, policy ?? asked)
}

/** The most that any policy allows. */
export const mostRetries = ({ retries, retryPolicy, groupRetryPolicies }: RouterConfig): number =>
  Math.max(
    retries,
    ...[retryPolicy, ...Object.values(groupRetryPolicies)].flatMap((policy) =>
      Object.values(policy),
    ),
  )

/** What of a request's own retries is beyond the most. */
export const clampedRetries = (
  config: RouterConfig,
  asked: number | undefined,
): readonly Change[] => {
  const most = asked === undefined ? 0 : mostRetries(config)
  if (asked === undefined || asked <= most) return []
  return [
    {
      field: "num_retries",
      action: "clamped",
      from: asked,
      to: most,
      why: `the gateway retries a request ${most} times at most`,
    },
  ]
}
