import type { ImageError } from "@pictor/core"
import type { RouterConfig } from "../config/types.ts"
import { kindOf } from "./failure-kind.ts"

/** How often a group is asked again after such an error. */
export const retriesOf = ({ retries, retryPolicy, groupRetryPolicies }: RouterConfig, group: string, error: ImageError): number => {
  const kind = kindOf(error)
  return kind === undefined ? 0 : (groupRetryPolicies[group]?.[kind] ?? retryPolicy[kind] ?? retries)
}

/** The most that any policy allows. */
export const mostRetries = ({ retries, retryPolicy, groupRetryPolicies }: RouterConfig): number =>
  Math.max(retries, ...[retryPolicy, ...Object.values(groupRetryPolicies)].flatMap((policy) => Object.values(policy)))
