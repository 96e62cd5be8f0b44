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
import { mayUse } from "../auth/model-access.ts"
import type { RouterConfig } from "../config/types.ts"
import { calls } from "../request-context.ts"
import type { Deployment } from "../types.ts"
import {
  choose,
  createJourney,
  goesOn,
  type Journey,
  mostRetries,
  repeats,
  type Surroundings,
} from "./candidates.ts"
import { createHealth, type DeploymentState, type Health } from "./cooldown.ts"
import { kindOf } from "./failure-kind.ts"

export interface RouterClock {
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** 0 ≤ random < 1. */
  readonly random: () => number
}

export interface Router {
  /**
   * For the client. Its request ring turns a group's name into a deployment's address, and asks the next one where that fails; its call ring notes
   * who fails. It belongs inside what limits callers.
   */
  readonly middleware: Middleware
  /** For the client: how often one call is tried is the router's to say. */
  readonly retry: RetryOptions
  /** What can be asked for. */
  models(): readonly PublicModel[]
  /** The group that a name stands for; one that is unknown stands for itself. */
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

const copy = (
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

/** The error of an answer whose every outcome failed. */
const failureIn = ({ outcomes, requestId }: CallAnswer): ImageError | undefined => {
  const errors = outcomes.flatMap((outcome) => {
    if (outcome.status !== "failed") return []
    const { status: _status, ...error } = outcome
    return [new ImageError({ ...error, ...(requestId === undefined ? {} : { requestId }) })]
  })
  return errors.length === outcomes.length
    ? (errors.find(({ retryable }) => retryable) ?? errors[0])
    : undefined
}

/** Decides what the client does with a failed call, which repeats in its place what is `retryable`. */
const createVerdicts = ({ retryAfterMs }: RouterConfig) => {
  const turnedAway = new WeakSet<object>()
  return {
    /** The error, so that the client repeats the call, or does not. */
    of: (
      error: ImageError,
      { attempt, plan }: CallAttempt,
      journey: Journey | undefined,
    ): ImageError => {
      if (!journey || !error.retryable || error.maybeBilled) return error
      if (repeats(journey, error, attempt, plan.calls.length))
        return (error.retryAfterMs ?? 0) >= retryAfterMs
          ? error
          : copy(error, { retryable: true, retryAfterMs })
      const verdict = copy(error, { retryable: false })
      turnedAway.add(verdict)
      return verdict
    },
    /** What the caller is told: it may well be tried again. */
    undo: (error: unknown): unknown =>
      isImageError(error) &&
      typeof error.cause === "object" &&
      error.cause !== null &&
      turnedAway.has(error.cause) &&
      !error.maybeBilled
        ? copy(error, { retryable: true })
        : error,
  }
}

type Verdicts = ReturnType<typeof createVerdicts>

const callRing =
  (
    byId: ReadonlyMap<string, Deployment>,
    journeys: AsyncLocalStorage<Journey>,
    health: Health,
    verdicts: Verdicts,
  ): NonNullable<Middleware["call"]> =>
  async (attempt, next) => {
    const journey = journeys.getStore()
    const deployment = byId.get(attempt.plan.adapter)
    if (journey) journey.sent = true
    const note = (error: unknown): void => {
      const kind = attempt.signal.aborted ? undefined : kindOf(error)
      if (kind && deployment)
        health.failed(deployment, kind, isImageError(error) ? error.retryAfterMs : undefined)
    }
    try {
      const answer = await next(attempt)
      const failure = failureIn(answer)
      if (failure) throw failure
      return answer
    } catch (error) {
      note(error)
      throw isImageError(error) && !attempt.signal.aborted
        ? verdicts.of(error, attempt, journey)
        : error
    }
  }

const unknown = (name: unknown, names: readonly string[]): ImageError =>
  new ImageError({
    code: typeof name === "string" && name !== "" ? "model_not_found" : "invalid_request",
    message:
      typeof name === "string" && name !== ""
        ? `There is no model ${quote(name)}. The nearest names are ${nearest(name, names).join(", ")}.`
        : "model is missing: name the model to use.",
  })

const notTheirs = (model: string): ImageError =>
  new ImageError({
    code: "forbidden",
    message: `This gateway makes every request with ${quote(model)}, which is none of the key's models.`,
  })

/** Groups that have nobody else to ask. */
const sparedOf = (
  groups: ReadonlyMap<string, readonly Deployment[]>,
  { fallbacks, defaultFallbacks }: RouterConfig,
): ReadonlySet<string> =>
  new Set(
    [...groups].flatMap(([name, own]) =>
      own.length > 1 || (fallbacks[name] ?? defaultFallbacks).some((each) => each !== name)
        ? []
        : [name],
    ),
  )

/** Routes requests over deployments as LiteLLM's router does: https://docs.litellm.ai/docs/routing, seen 2026-11-20. */
export const createRouter = (
  deployments: readonly Deployment[],
  config: RouterConfig,
  { now, random }: RouterClock = { now: Date.now, random: Math.random },
): Router => {
  const groups = groupsOf(deployments)
  const byId = new Map(deployments.map((each) => [each.id, each]))
  const health = createHealth(deployments, config, sparedOf(groups, config), now)
  const journeys = new AsyncLocalStorage<Journey>()
  const verdicts = createVerdicts(config)
  const surroundings: Surroundings = { groups, config, health, now, random }
  const further = Object.entries(config.aliases).filter(([name]) => !groups.has(name))
  const names = [
    ...groups.keys(),
    ...further.flatMap(([name, { hidden }]) => (hidden ? [] : [name])),
  ]
  const named = (name: string): string =>
    groups.has(name) ? name : (config.aliases[name]?.group ?? name)
  const groupOf = (name: string): string => named(named(name))

  const models: readonly PublicModel[] = [
    ...[...groups].flatMap(([id, [first]]) => (first ? [{ id, model: first.address }] : [])),
    ...further.flatMap(([id, { group, hidden }]) => {
      const first = groups.get(groupOf(group))?.[0]
      return first ? [{ id, model: first.address, hidden }] : []
    }),
  ]

  const request = async <Out>(
    asked: ImageRequest,
    next: Parameters<NonNullable<Middleware["request"]>>[1],
  ): Promise<Out> => {
    const call = calls.getStore()
    const group = groupOf(config.imageModel ?? asked.model)
    if (call) call.group = group
    if (!groups.has(group)) throw unknown(asked.model, names)
    if (config.imageModel !== undefined && call && !mayUse(call.caller)(config.imageModel))
      throw notTheirs(config.imageModel)
    const journey = createJourney(asked, group, call, surroundings)
    return runFallbacks(
      {
        choose: (tried) => choose(journey, tried),
        shouldContinue: (error) => goesOn(journey, error),
      },
      async (aimed, changes) => {
        const { deployment } = journey
        if (deployment) health.enter(deployment)
        try {
          return (await journeys.run(journey, () => next(aimed, changes))) as Out
        } catch (error) {
          throw verdicts.undo(error)
        } finally {
          if (deployment) health.leave(deployment)
        }
      },
    )
  }

  return {
    middleware: { name: "router", request, call: callRing(byId, journeys, health, verdicts) },
    retry: { attempts: 1 + mostRetries(config) },
    models: () => models,
    groupOf,
    state: health.state,
  }
}
