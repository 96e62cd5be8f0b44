import { isImageError, type LifecycleStatus } from "@pictor/core"
import { nearest, quote } from "@pictor/core/host"
import { identifyCaller } from "../auth/authenticate.ts"
import { mayUse } from "../auth/model-access.ts"
import type { RouteHandler, ServerDependencies } from "../dependencies.ts"
import { completesWithin } from "../lib/with-timeout.ts"
import type { Deployment, DeploymentHealth, Health } from "../types.ts"
import { ApiError } from "./errors.ts"

export interface HealthOptions {
  readonly deployments: readonly Deployment[]
  readonly lifecycle: (deployment: Deployment) => LifecycleStatus
  /** Rejects if the database does not answer or takes no writes. */
  readonly database: () => Promise<void>
  readonly now: () => number
}

/** Time limit of a check, and how long its result is cached. */
const checkMs = 5_000
const cacheMs = 10_000
/** A check of the database writes to it, and anybody may ask. */
const readyCacheMs = 1_000

const check = async (work: Promise<void>, subject: string): Promise<void> => {
  if (!(await completesWithin(work, checkMs)))
    throw new Error(`${subject} did not answer within ${checkMs / 1000} s.`)
}

/** Caches the result, also while the work is in progress. */
const cached = <Out>(
  work: () => Promise<Out>,
  now: () => number,
  forMs = cacheMs,
): (() => Promise<Out>) => {
  let last: { readonly result: Promise<Out>; readonly sinceMs: number } | undefined
  return () => {
    if (!last || now() - last.sinceMs >= forMs) last = { result: work(), sinceMs: now() }
    return last.result
  }
}

/**
 * Sends an empty body, which the provider rejects before it makes or charges anything. Throws if
 * the rejection has another reason: no access, an unknown or retired model, a wrong region.
 */
const probe = async ({ adapter, model, modelId, region }: Deployment): Promise<void> => {
  const card = adapter.models.find(({ id }) => id === model)
  const call = {
    model,
    modelId: modelId ?? card?.callableIds?.[0] ?? model,
    body: {},
    timeoutMs: checkMs,
    ...(card?.streaming && { streaming: card.streaming }),
    ...(region !== undefined && { region }),
  }
  try {
    await adapter.transport.invoke(call)
  } catch (thrown) {
    // Only a caller with access learns which fields are missing.
    if (isImageError(thrown, "invalid_request") && thrown.issues) return
    throw thrown
  }
  throw new Error(`${model} accepted a request without any field.`)
}

const notices: Readonly<Record<Exclude<LifecycleStatus, "active">, string>> = {
  preview: "This model is a preview: the provider may change or end it, or limit who may call it.",
  legacy: "The provider will retire this model.",
  retired: "The provider has retired this model; custom and provisioned models continue.",
}

const warningOf = (
  lifecycle: LifecycleStatus,
  successor: string | undefined,
): string | undefined => {
  if (lifecycle === "active") return undefined
  const notice = notices[lifecycle]
  return successor === undefined ? notice : `${notice} Its successor is ${successor}.`
}

/** Why the provider no longer serves the deployment's model; undefined if something may. */
const retirementOf = (
  { model, modelId, ownEndpoint }: Deployment,
  status: LifecycleStatus,
  successor: string | undefined,
): string | undefined => {
  if (status !== "retired" || modelId !== undefined || ownEndpoint) return undefined
  const remedy = successor === undefined ? "" : `, or use its successor ${successor}`
  return `The provider has retired ${model}. Set model_id to your custom or provisioned model${remedy}.`
}

/** Checks what costs nothing: credentials, region, lifecycle and, on request, model access. */
export const createHealth = ({ deployments, lifecycle, database, now }: HealthOptions): Health => {
  const checkDeployment = async (
    deployment: Deployment,
    withProbe: boolean,
  ): Promise<DeploymentHealth> => {
    const { id, group, model, region, adapter } = deployment
    const status = lifecycle(deployment)
    const successor = adapter.models.find((card) => card.id === model)?.lifecycle.successor
    const warning = warningOf(status, successor)
    const common = {
      model,
      model_name: group,
      model_id: id,
      lifecycle: status,
      ...(region !== undefined && { region }),
      ...(warning && { warning }),
    }
    try {
      await check(
        adapter.transport.check?.(region) ?? Promise.resolve(),
        `The credentials of ${group}`,
      )
      if (withProbe) await check(probe(deployment), `The provider of ${group}`)
      const retirement = withProbe ? undefined : retirementOf(deployment, status, successor)
      return retirement === undefined ? common : { ...common, error: retirement }
    } catch (thrown) {
      return { ...common, error: thrown instanceof Error ? thrown.message : "The check failed." }
    }
  }
  const checkAll = (withProbe: boolean) =>
    cached(() => Promise.all(deployments.map((each) => checkDeployment(each, withProbe))), now)
  const [unprobed, probed] = [checkAll(false), checkAll(true)]
  return {
    deployments: async (isAllowed, withProbe) =>
      (await (withProbe ? probed : unprobed)()).filter(({ model_name }) => isAllowed(model_name)),
    ready: cached(() => check(database(), "The database"), now, readyCacheMs),
    count: deployments.length,
  }
}

export const readiness =
  ({ health, draining, version }: ServerDependencies): RouteHandler =>
  async (context) => {
    if (draining()) return context.json({ status: "shutting down" }, 503)
    const isReady = await health.ready().then(
      () => true,
      () => false,
    )
    const body = {
      status: isReady ? "healthy" : "not ready",
      db: isReady ? "connected" : "unreachable",
      deployments: health.count,
      version,
    }
    return context.json(body, isReady ? 200 : 503)
  }

const unknownModel = (model: string, all: readonly DeploymentHealth[]): ApiError => {
  const names = nearest(model, [...new Set(all.map(({ model_name }) => model_name))]).join(", ")
  const message = `There is no model ${quote(model)}. The nearest names are ${names || "none"}.`
  return new ApiError(404, "model_not_found", message, { param: "model" })
}

/** `?model=` selects by `model_name` or by the model's id, `?probe=true` asks the provider. */
export const deploymentHealth =
  ({ health, authenticate }: ServerDependencies): RouteHandler =>
  async (context) => {
    const caller = await identifyCaller(authenticate, context.env.incoming.headers)
    const { probe: wanted, model } = context.req.query()
    const all = await health.deployments((name) => mayUse(caller, name), wanted === "true")
    const checked = model
      ? all.filter((each) => each.model_name === model || each.model === model)
      : all
    if (model && checked.length === 0) throw unknownModel(model, all)
    const healthy = checked.filter(({ error }) => error === undefined)
    const unhealthy = checked.filter(({ error }) => error !== undefined)
    return context.json({
      healthy_endpoints: healthy,
      unhealthy_endpoints: unhealthy,
      healthy_count: healthy.length,
      unhealthy_count: unhealthy.length,
    })
  }
