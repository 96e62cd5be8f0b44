import type { Change, ImageError } from "@pictor/core"
import type { RouterConfig } from "../config/types.ts"
import { kindOf } from "./failure-kind.ts"

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
