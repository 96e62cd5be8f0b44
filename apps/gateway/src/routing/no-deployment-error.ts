import { ImageError, type ImageRequest, type ModelCard } from "@pictor/core"
import { quote } from "@pictor/core/host"
import type { Deployment } from "../types.ts"
import type { Cooldowns } from "./cooldown.ts"
import { cardOf, supports, taskOf } from "./deployment-request.ts"

/** A request that no deployment of its current group can take. */
interface Unroutable {
  readonly request: ImageRequest
  readonly group: string
  readonly origin?: ModelCard
  readonly table: {
    readonly groups: ReadonlyMap<string, readonly Deployment[]>
    readonly cooldowns: Cooldowns
    readonly now: () => number
  }
}

const unsupportedError = (
  { request, group }: Unroutable,
  deployments: readonly Deployment[],
): ImageError => {
  const cards = deployments.flatMap((each) => cardOf(each) ?? [])
  const tasks = [...new Set(cards.flatMap((card) => Object.keys(card.tasks)))].join(", ")
  const task = cards[0] ? taskOf(request, cards[0]) : request.task
  const message = `No model of ${quote(group)} supports the task ${quote(task)} with this request. Supported: ${tasks}.`
  const issue = { code: "unsupported", path: "task", message, allowed: tasks } as const
  return new ImageError({ code: "unsupported", message, issues: [issue] })
}

/** Why no deployment of the current group can take the request. */
export const noDeploymentError = (state: Unroutable): ImageError => {
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
