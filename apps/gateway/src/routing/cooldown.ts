import type { FailureKind, RouterConfig } from "../config/types.ts"
import type { Deployment } from "../types.ts"

export interface DeploymentState {
  readonly id: string
  readonly group: string
  readonly model: string
  readonly inFlight: number
  /** Left alone until then, in milliseconds since 1970; absent: it is asked. */
  readonly restsUntilMs?: number
  /** Why it is left alone. */
  readonly because?: FailureKind | "full"
  /** Failures of the last minute that have not cooled it down. */
  readonly failures: number
}

interface Rest {
  readonly untilMs: number
  readonly because: FailureKind | "full"
}

/** Who is well, as far as this process has seen. */
export interface Health {
  enter(deployment: Deployment): void
  leave(deployment: Deployment): void
  /** It failed: after too many it is left alone. */
  failed(deployment: Deployment, kind: FailureKind, retryAfterMs?: number): void
  /** It is at a limit of its own until then. */
  full(deployment: Deployment, forMs: number): void
  /** Why and until when it is not to be asked; undefined: it is. */
  rest(deployment: Deployment): Rest | undefined
  state(): readonly DeploymentState[]
}

const minuteMs = 60_000

/** How long a deployment with all its places taken is passed by. */
const busyMs = 1000

/** Another try would end the same at once. */
const atOnce: ReadonlySet<FailureKind> = new Set([
  "RateLimitError",
  "AuthenticationError",
  "NotFoundError",
  "TimeoutError",
])

/** They are the request's own doing. */
const harmless: ReadonlySet<FailureKind> = new Set([
  "BadRequestError",
  "ContentPolicyViolationError",
])

const allowedOf = (kind: FailureKind, { allowedFails, allowedFailsPolicy }: RouterConfig): number =>
  allowedFailsPolicy[kind] ??
  (harmless.has(kind) ? Number.POSITIVE_INFINITY : atOnce.has(kind) ? 0 : allowedFails)

interface Record {
  inFlight: number
  rest?: Rest
  /** When it failed, by kind. */
  failures: { readonly kind: FailureKind; readonly atMs: number }[]
}

/** `spared`: groups that have nobody else to ask, so that leaving one alone would help nobody. */
export const createHealth = (
  deployments: readonly Deployment[],
  config: RouterConfig,
  spared: ReadonlySet<string>,
  now: () => number,
): Health => {
  const records = new Map<string, Record>(
    deployments.map(({ id }) => [id, { inFlight: 0, failures: [] }]),
  )
  const recordOf = ({ id }: Deployment): Record => records.get(id) ?? { inFlight: 0, failures: [] }
  const resting = (deployment: Deployment): Rest | undefined => {
    const { rest } = recordOf(deployment)
    return rest && rest.untilMs > now() ? rest : undefined
  }
  const recent = (record: Record): Record["failures"] =>
    record.failures.filter(({ atMs }) => now() - atMs < minuteMs)
  return {
    enter: (deployment) => {
      recordOf(deployment).inFlight++
    },
    leave: (deployment) => {
      recordOf(deployment).inFlight--
    },
    failed: (deployment, kind, retryAfterMs = 0) => {
      const cooldownMs = deployment.cooldownMs ?? config.cooldownMs
      if (cooldownMs === 0 || spared.has(deployment.group)) return
      const record = recordOf(deployment)
      record.failures = [...recent(record), { kind, atMs: now() }]
      if (record.failures.filter((each) => each.kind === kind).length <= allowedOf(kind, config))
        return
      record.failures = []
      record.rest = { untilMs: now() + Math.max(cooldownMs, retryAfterMs), because: kind }
    },
    full: (deployment, forMs) => {
      if (spared.has(deployment.group)) return
      const untilMs = now() + forMs
      const rest = resting(deployment)
      if (!rest || rest.untilMs < untilMs) recordOf(deployment).rest = { untilMs, because: "full" }
    },
    rest: (deployment) => {
      const { maxParallelRequests = Number.POSITIVE_INFINITY } = deployment
      const busy = recordOf(deployment).inFlight >= maxParallelRequests
      return (
        resting(deployment) ?? (busy ? { untilMs: now() + busyMs, because: "full" } : undefined)
      )
    },
    state: () =>
      deployments.map((deployment) => {
        const record = recordOf(deployment)
        const rest = resting(deployment)
        const { id, group, model } = deployment
        return {
          id,
          group,
          model,
          inFlight: record.inFlight,
          failures: recent(record).length,
          ...(rest && { restsUntilMs: rest.untilMs, because: rest.because }),
        }
      }),
  }
}
