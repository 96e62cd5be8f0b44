import type { FailureKind, RouterConfig } from "../config/types.ts"
import type { Deployment } from "../types.ts"

/** Why and until when a deployment gets no requests, in milliseconds since 1970. */
interface Pause {
  readonly untilMs: number
  readonly reason: FailureKind | "full"
}

export interface DeploymentState {
  readonly id: string
  readonly group: string
  readonly model: string
  readonly inFlight: number
  /** Absent if it is available. */
  readonly pause?: Pause
  /** Failures of the last minute that have not started a cooldown. */
  readonly failures: number
}

/** The state of all deployments, as far as this process has seen. */
export interface Cooldowns {
  begin(deployment: Deployment): void
  end(deployment: Deployment): void
  /** Starts a cooldown after more failures than allowed. */
  addFailure(deployment: Deployment, kind: FailureKind, retryAfterMs?: number): void
  /** The deployment is at a limit of its own for this time. */
  markFull(deployment: Deployment, forMs: number): void
  /** Undefined if the deployment is available. */
  pauseOf(deployment: Deployment): Pause | undefined
  state(): readonly DeploymentState[]
}

const minuteMs = 60_000

/** The pause of a deployment that has all its parallel requests in flight. */
const busyMs = 1000

/** A retry would fail in the same way. */
const immediate: ReadonlySet<FailureKind> = new Set([
  "RateLimitError",
  "AuthenticationError",
  "NotFoundError",
  "TimeoutError",
])

/** The request causes them, not the deployment. */
const harmless: ReadonlySet<FailureKind> = new Set([
  "BadRequestError",
  "ContentPolicyViolationError",
])

const allowedFailures = (
  kind: FailureKind,
  { allowedFails, allowedFailsPolicy }: RouterConfig,
): number =>
  allowedFailsPolicy[kind] ??
  (harmless.has(kind) ? Number.POSITIVE_INFINITY : immediate.has(kind) ? 0 : allowedFails)

interface DeploymentRecord {
  inFlight: number
  pause?: Pause
  failures: { readonly kind: FailureKind; readonly atMs: number }[]
}

/** `exempt`: groups without an alternative, for which a cooldown would only reject requests. */
export const createCooldowns = (
  deployments: readonly Deployment[],
  config: RouterConfig,
  exempt: ReadonlySet<string>,
  now: () => number,
): Cooldowns => {
  const records = new Map<string, DeploymentRecord>(
    deployments.map(({ id }) => [id, { inFlight: 0, failures: [] }]),
  )
  const recordOf = ({ id }: Deployment): DeploymentRecord =>
    records.get(id) ?? { inFlight: 0, failures: [] }
  const cooldownOf = (deployment: Deployment): Pause | undefined => {
    const { pause } = recordOf(deployment)
    return pause && pause.untilMs > now() ? pause : undefined
  }
  const recentFailures = ({ failures }: DeploymentRecord): DeploymentRecord["failures"] =>
    failures.filter(({ atMs }) => now() - atMs < minuteMs)
  return {
    begin: (deployment) => {
      recordOf(deployment).inFlight++
    },
    end: (deployment) => {
      recordOf(deployment).inFlight--
    },
    addFailure: (deployment, kind, retryAfterMs = 0) => {
      const cooldownMs = deployment.cooldownMs ?? config.cooldownMs
      if (cooldownMs === 0 || exempt.has(deployment.group)) return
      const record = recordOf(deployment)
      record.failures = [...recentFailures(record), { kind, atMs: now() }]
      const count = record.failures.filter((each) => each.kind === kind).length
      if (count <= allowedFailures(kind, config)) return
      record.failures = []
      record.pause = { untilMs: now() + Math.max(cooldownMs, retryAfterMs), reason: kind }
    },
    markFull: (deployment, forMs) => {
      if (exempt.has(deployment.group)) return
      const untilMs = now() + forMs
      const pause = cooldownOf(deployment)
      if (!pause || pause.untilMs < untilMs)
        recordOf(deployment).pause = { untilMs, reason: "full" }
    },
    pauseOf: (deployment) => {
      const { maxParallelRequests = Number.POSITIVE_INFINITY } = deployment
      const isBusy = recordOf(deployment).inFlight >= maxParallelRequests
      return (
        cooldownOf(deployment) ?? (isBusy ? { untilMs: now() + busyMs, reason: "full" } : undefined)
      )
    },
    state: () =>
      deployments.map((deployment) => {
        const { id, group, model } = deployment
        const record = recordOf(deployment)
        const pause = cooldownOf(deployment)
        const { inFlight } = record
        const failures = recentFailures(record).length
        return { id, group, model, inFlight, failures, ...(pause && { pause }) }
      }),
  }
}
