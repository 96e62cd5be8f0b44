import { isImageError, type LifecycleStatus } from "@pictor/core"
import type { Deployment } from "../types.ts"
import { probe } from "./probe.ts"

/** What is known of one deployment without buying a picture. */
interface DeploymentHealth {
  readonly model: string
  readonly model_name: string
  readonly model_id: string
  readonly region?: string
  readonly lifecycle: LifecycleStatus
  /** Why it cannot be called. */
  readonly error?: string
  /** What to know, though it can be called. */
  readonly warning?: string
}

export interface Health {
  /** The deployments behind names that the caller may use. `reach`: ask the provider too, with requests that it refuses. */
  deployments(
    mayUse: (model: string) => boolean,
    reach?: boolean,
  ): Promise<readonly DeploymentHealth[]>
  /** Rejects where requests cannot be served. */
  ready(): Promise<void>
  readonly count: number
}

export interface HealthOptions {
  readonly deployments: readonly Deployment[]
  readonly lifecycle: (deployment: Deployment) => LifecycleStatus
  /** Rejects where the database does not answer. */
  readonly database: () => Promise<void>
  readonly now: () => number
}

/** How long a check may take, and how long its answer holds. */
const checkMs = 5_000
const holdsMs = 10_000

const inTime = async (work: Promise<void>, what: string): Promise<void> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${what} did not answer within ${checkMs} ms.`)),
      checkMs,
    )
  })
  try {
    await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Asks again only when the last answer is old, and once for all who ask meanwhile. */
const remembered = <Out>(work: () => Promise<Out>, now: () => number): (() => Promise<Out>) => {
  let last: { readonly answer: Promise<Out>; readonly sinceMs: number } | undefined
  return () => {
    if (last && now() - last.sinceMs < holdsMs) return last.answer
    last = { answer: work(), sinceMs: now() }
    return last.answer
  }
}

const warningOf = (
  lifecycle: LifecycleStatus,
  successor: string | undefined,
): string | undefined => {
  if (lifecycle === "active") return undefined
  const end =
    lifecycle === "retired"
      ? "The provider has ended this model; private and provisioned copies live on."
      : "The provider will end this model."
  return successor === undefined ? end : `${end} Its successor is ${successor}.`
}

const messageOf = (thrown: unknown): string =>
  isImageError(thrown) || thrown instanceof Error ? thrown.message : "The check failed."

/** What can be known for nothing: do credentials and a region resolve, does the provider still have the model, and does it let these credentials call it? */
export const createHealth = ({ deployments, lifecycle, database, now }: HealthOptions): Health => {
  const check = async (deployment: Deployment, reach: boolean): Promise<DeploymentHealth> => {
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
      await inTime(
        adapter.transport.check?.(region) ?? Promise.resolve(),
        `The credentials of ${group}`,
      )
      if (reach) await inTime(probe(deployment, checkMs), `The provider of ${group}`)
      return common
    } catch (thrown) {
      return { ...common, error: messageOf(thrown) }
    }
  }
  const checkAll = (reach: boolean) =>
    remembered(() => Promise.all(deployments.map((each) => check(each, reach))), now)
  const [here, there] = [checkAll(false), checkAll(true)]
  return {
    deployments: async (mayUse, reach) =>
      (await (reach ? there : here)()).filter(({ model_name }) => mayUse(model_name)),
    ready: () => inTime(database(), "The database"),
    count: deployments.length,
  }
}
