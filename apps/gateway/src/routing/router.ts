import { AsyncLocalStorage } from "node:async_hooks"
import {
  ImageError,
  type ImageRequest,
  isImageError,
  type Middleware,
  type RetryOptions,
} from "@pictor/core"
import { type CallAnswer, type CallAttempt, nearest, quote, runFallbacks } from "@pictor/core/host"
import type { PublicModel } from "@pictor/openai-http"
import type { RouterConfig } from "../config/types.ts"
import { calls } from "../request-context.ts"
import type { Deployment } from "../types.ts"
import {
  createRoutingState,
  maxRetries,
  nextCandidate,
  type RoutingState,
  type RoutingTable,
  shouldContinue,
  shouldRetry,
} from "./candidates.ts"
import { type Cooldowns, createCooldowns, type DeploymentState } from "./cooldown.ts"
import { kindOf } from "./failure-kind.ts"

export interface RouterClock {
  readonly now: () => number
  readonly random: () => number
}

export interface Router {
  /**
   * Request middleware that turns a group's name into a deployment's address and falls back to the
   * next one, and call middleware that records failures. It belongs inside the callers' limits.
   */
  readonly middleware: Middleware
  /** The client's retry limit; the router decides about each retry. */
  readonly retry: RetryOptions
  models(): readonly PublicModel[]
  /** The group of a name or alias; an unknown name stands for itself. */
  groupOf(name: string): string
  state(): readonly DeploymentState[]
}

const groupsOf = (
  deployments: readonly Deployment[],
): ReadonlyMap<string, readonly Deployment[]> => {
  const groups = new Map<string, Deployment[]>()
  for (const deployment of deployments)
    groups.set(deployment.group, [...(groups.get(deployment.group) ?? []), deployment])
  return groups
}

const copyWith = (
  error: ImageError,
  changed: { readonly retryable: boolean; readonly retryAfterMs?: number },
): ImageError =>
  new ImageError({
    ...Object.fromEntries(Object.entries(error)),
    code: error.code,
    message: error.message,
    cause: error.cause,
    ...changed,
  })

/** The error of a call without any image; a retryable one if there is one. */
const failureOf = ({ outcomes, requestId }: CallAnswer): ImageError | undefined => {
  const errors = outcomes.flatMap((outcome) => {
    if (outcome.status !== "failed") return []
    const { status: _status, ...error } = outcome
    return [new ImageError({ ...error, ...(requestId === undefined ? {} : { requestId }) })]
  })
  return errors.length === outcomes.length
    ? (errors.find(({ retryable }) => retryable) ?? errors[0])
    : undefined
}

/** The client retries what is `retryable`: the router sets that flag to steer it. */
const createRetryControl = ({ retryAfterMs }: RouterConfig) => {
  const suppressed = new WeakSet<object>()
  return {
    /** The error, with `retryable` as the router decides. */
    decide: (
      error: ImageError,
      { attempt, plan }: CallAttempt,
      state: RoutingState | undefined,
    ): ImageError => {
      if (!state || !error.retryable || error.maybeBilled) return error
      if (shouldRetry(state, error, attempt, plan.calls.length))
        return (error.retryAfterMs ?? 0) >= retryAfterMs
          ? error
          : copyWith(error, { retryable: true, retryAfterMs })
      const decided = copyWith(error, { retryable: false })
      suppressed.add(decided)
      return decided
    },
    /** The error for the caller, who may retry. */
    restore: (error: unknown): unknown =>
      isImageError(error) &&
      typeof error.cause === "object" &&
      error.cause !== null &&
      suppressed.has(error.cause) &&
      !error.maybeBilled
        ? copyWith(error, { retryable: true })
        : error,
  }
}

const callMiddleware =
  (
    byId: ReadonlyMap<string, Deployment>,
    states: AsyncLocalStorage<RoutingState>,
    cooldowns: Cooldowns,
    retryControl: ReturnType<typeof createRetryControl>,
  ): NonNullable<Middleware["call"]> =>
  async (attempt, next) => {
    const state = states.getStore()
    const deployment = byId.get(attempt.plan.adapter)
    if (state) state.sent = true
    const addFailure = (error: unknown): void => {
      const kind = attempt.signal.aborted ? undefined : kindOf(error)
      const retryAfterMs = isImageError(error) ? error.retryAfterMs : undefined
      if (kind && deployment) cooldowns.addFailure(deployment, kind, retryAfterMs)
    }
    try {
      const answer = await next(attempt)
      const failure = failureOf(answer)
      if (failure) throw failure
      return answer
    } catch (error) {
      addFailure(error)
      throw isImageError(error) && !attempt.signal.aborted
        ? retryControl.decide(error, attempt, state)
        : error
    }
  }

const unknownModel = (name: unknown, names: readonly string[]): ImageError =>
  typeof name === "string" && name !== ""
    ? new ImageError({
        code: "model_not_found",
        message: `There is no model ${quote(name)}. The nearest names are ${nearest(name, names).join(", ")}.`,
      })
    : new ImageError({
        code: "invalid_request",
        message: "model is missing. Set it to the name of a model.",
      })

/** Groups with a single deployment and no fallback. */
const withoutAlternative = (
  groups: ReadonlyMap<string, readonly Deployment[]>,
  { fallbacks, defaultFallbacks }: RouterConfig,
): ReadonlySet<string> =>
  new Set(
    [...groups].flatMap(([name, members]) =>
      members.length > 1 || (fallbacks[name] ?? defaultFallbacks).some((each) => each !== name)
        ? []
        : [name],
    ),
  )

/** Routes as LiteLLM's router does: https://docs.litellm.ai/docs/routing, seen 2026-11-20. */
export const createRouter = (
  deployments: readonly Deployment[],
  config: RouterConfig,
  { now, random }: RouterClock = { now: Date.now, random: Math.random },
): Router => {
  const groups = groupsOf(deployments)
  const byId = new Map(deployments.map((each) => [each.id, each]))
  const cooldowns = createCooldowns(deployments, config, withoutAlternative(groups, config), now)
  const states = new AsyncLocalStorage<RoutingState>()
  const retryControl = createRetryControl(config)
  const aliases = Object.entries(config.aliases).filter(([name]) => !groups.has(name))
  const names = [
    ...groups.keys(),
    ...aliases.flatMap(([name, { hidden }]) => (hidden ? [] : [name])),
  ]
  const resolve = (name: string): string =>
    groups.has(name) ? name : (config.aliases[name]?.group ?? name)
  // An alias may name another alias.
  const groupOf = (name: string): string => resolve(resolve(name))
  const table: RoutingTable = { groups, config, cooldowns, groupOf, now, random }

  const publicModel = (id: string, members: readonly Deployment[] = []): readonly PublicModel[] =>
    members.slice(0, 1).map(({ address, defaults, ownedBy }) => ({
      id,
      model: address,
      ...(ownedBy !== undefined && { ownedBy }),
      ...(defaults && { defaults }),
    }))
  const models: readonly PublicModel[] = [
    ...[...groups].flatMap(([id, members]) => publicModel(id, members)),
    ...aliases.flatMap(([id, { group, hidden }]) =>
      publicModel(id, groups.get(groupOf(group))).map((each) => ({ ...each, hidden })),
    ),
  ]

  const request = async <Out>(
    original: ImageRequest,
    next: Parameters<NonNullable<Middleware["request"]>>[1],
  ): Promise<Out> => {
    const call = calls.getStore()
    const group = groupOf(original.model)
    if (call) call.group = group
    if (!groups.has(group)) throw unknownModel(original.model, names)
    const state = createRoutingState(original, group, call, table)
    return runFallbacks(
      {
        choose: (attempts) => nextCandidate(state, attempts),
        shouldContinue: (error) => shouldContinue(state, error),
      },
      async (candidate, changes) => {
        const { deployment } = state
        if (deployment) cooldowns.begin(deployment)
        try {
          return (await states.run(state, () => next(candidate, changes))) as Out
        } catch (error) {
          throw retryControl.restore(error)
        } finally {
          if (deployment) cooldowns.end(deployment)
        }
      },
    )
  }

  const call = callMiddleware(byId, states, cooldowns, retryControl)
  return {
    middleware: { name: "router", request, call },
    retry: { attempts: 1 + maxRetries(config) },
    models: () => models,
    groupOf,
    state: cooldowns.state,
  }
}
