import { ImageError, type Middleware, type Plan, type PlannedCall } from "@pictor/core"
import { quote } from "@pictor/core/host"
import { type GroupOf, resolveAlias } from "../auth/model-access.ts"
import { iso } from "../keys/units.ts"
import { calls } from "../request-context.ts"
import type { Caller, GatewayCall, RequestsLeft } from "../types.ts"
import type { Counter, Counts, Rejection } from "./counter.ts"

type Owner = "key" | "deployment"
type Kind = "requests" | "images" | "parallel"

/** One limit that applies to a request, and the amount that the request uses of it. */
interface Rule {
  readonly name: string
  readonly owner: Owner
  readonly id: string
  readonly kind: Kind
  /** A limit for this model only. */
  readonly model?: string
  readonly limit: number
  readonly amount: number
}

interface Limits {
  readonly requestsPerMinute?: number
  readonly imagesPerMinute?: number
  readonly maxParallelRequests?: number
}

const rulesOf = (
  owner: Owner,
  id: string,
  { requestsPerMinute, imagesPerMinute, maxParallelRequests }: Limits,
  amounts: Readonly<Record<Kind, number>>,
): readonly Rule[] => {
  const rules: Rule[] = []
  const add = (kind: Kind, limit: number | undefined): void => {
    if (limit === undefined) return
    rules.push({ name: `${owner}:${id}:${kind}`, owner, id, kind, limit, amount: amounts[kind] })
  }
  add("requests", requestsPerMinute)
  add("images", imagesPerMinute)
  add("parallel", maxParallelRequests)
  return rules
}

/** The key's limits for one model. The key may name the model by an alias of its own. */
const modelRulesOf = (
  id: string,
  caller: Caller,
  group: string | undefined,
  amount: number,
  groupOf: GroupOf,
): readonly Rule[] =>
  Object.entries(caller.modelRequestsPerMinute ?? {}).flatMap(([model, limit]): readonly Rule[] => {
    if (group === undefined || groupOf(resolveAlias(caller, model)) !== group) return []
    const name = `key:${id}:requests:${model}`
    return [{ name, owner: "key", id, kind: "requests", model, limit, amount }]
  })

/** A request counts once for its key, however many deployments are tried. */
const rulesFor = (
  { caller, deployment, group }: GatewayCall,
  { n }: Plan,
  isCounted: boolean,
  groupOf: GroupOf,
): readonly Rule[] => {
  const rules: Rule[] = []
  const { keyId } = caller
  if (keyId !== undefined) {
    const requests = isCounted ? 0 : 1
    rules.push(...rulesOf("key", keyId, caller, { requests, images: n, parallel: 1 }))
    rules.push(...modelRulesOf(keyId, caller, group, requests, groupOf))
  }
  if (deployment)
    rules.push(
      ...rulesOf("deployment", deployment.id, deployment, { requests: 1, images: n, parallel: 1 }),
    )
  return rules
}

const format = (value: number): string => value.toLocaleString("en-US")

const counted = (count: number, kind: "requests" | "images"): string =>
  `${format(count)} ${count === 1 ? kind.slice(0, -1) : kind}`

const limitText = ({ owner, id, kind, model, limit }: Rule): string => {
  const amount =
    kind === "parallel"
      ? `${format(limit)} concurrent request${limit === 1 ? "" : "s"}`
      : `${counted(limit, kind)} per minute`
  const scope = model === undefined ? "" : ` for ${quote(model)}`
  return `${owner === "key" ? "Key" : "Deployment"} ${id} is limited to ${amount}${scope}`
}

/**
 * The request exceeds the limit by itself. It is a rate limit, as at OpenAI, and not retryable:
 * https://developers.openai.com/api/docs/guides/rate-limits.
 */
const exceedsLimit = (rule: Rule): ImageError => {
  const needed = format(rule.amount)
  const remedy =
    rule.owner === "key" && rule.kind === "images"
      ? " Request fewer images, or ask the operator to raise images_per_minute."
      : ""
  return new ImageError({
    code: "rate_limited",
    message: `${limitText(rule)}; this request needs ${needed}.${remedy}`,
    retryable: false,
    // A smaller request need not wait.
    retryAfterMs: 0,
  })
}

const limitReached = (rule: Rule, { used, retryAfterMs }: Rejection, nowMs: number): ImageError => {
  const inProgress =
    used === 1
      ? "1 is in progress. Retry when it has ended."
      : `${format(used)} are in progress. Retry when one of them has ended.`
  const perMinute = `${format(used)} used, ${format(rule.amount)} requested. Retry in ${Math.ceil(retryAfterMs / 1000)} s, at ${iso(nowMs + retryAfterMs)}.`
  return new ImageError({
    code: "rate_limited",
    message: `${limitText(rule)}: ${rule.kind === "parallel" ? inProgress : perMinute}`,
    retryAfterMs,
  })
}

/** What a plan gives back: images without a call, and the request of an unused deployment. */
const unusedOf = (
  rules: readonly Rule[],
  { n }: Plan,
  begun: ReadonlySet<PlannedCall>,
): ReadonlyMap<string, number> => {
  const images = [...begun].reduce((sum, { slots }) => sum + slots.length, 0)
  const unused = new Map<string, number>()
  for (const { name, owner, kind, amount } of rules) {
    if (kind === "images") unused.set(name, Math.max(0, n - images))
    if (kind === "requests" && owner === "deployment" && begun.size === 0) unused.set(name, amount)
  }
  return unused
}

const isRequestsOfKey = ({ owner, kind }: Rule): boolean => owner === "key" && kind === "requests"

const leftOf = ({ limit }: Rule, used: number): RequestsLeft => ({
  limit,
  remaining: Math.max(0, limit - used),
})

/** Of the key's request limits, the one with the fewest requests left. */
const fewestLeft = (rules: readonly Rule[], counts: Counts): RequestsLeft | undefined =>
  rules
    .filter(isRequestsOfKey)
    .map((rule) => leftOf(rule, counts.get(rule.name)?.used ?? 0))
    .toSorted((first, second) => first.remaining - second.remaining)[0]

/**
 * Applies the limits of keys and deployments: requests and images per minute and concurrent
 * requests, in all processes together. A request without limits makes no query. Throws
 * `rate_limited` with `retryAfterMs`; `call.full` names a deployment at its limit.
 */
export const rateLimits = (counter: Counter, now: () => number, groupOf: GroupOf): Middleware => {
  const begunCalls = new WeakMap<Plan, Set<PlannedCall>>()
  const countedCalls = new WeakSet<GatewayCall>()
  const reject = (call: GatewayCall, rule: Rule, used: number, error: ImageError): never => {
    if (rule.owner === "deployment") call.full = rule.id
    if (isRequestsOfKey(rule)) call.requestsLeft = leftOf(rule, used)
    throw error
  }
  const admit = async (call: GatewayCall, rules: readonly Rule[]) => {
    const tooSmall = rules.find(({ amount, limit }) => amount > limit)
    if (tooSmall) return reject(call, tooSmall, 0, exceedsLimit(tooSmall))
    const admission = await counter.admit(
      rules.filter(({ kind }) => kind !== "parallel"),
      rules.filter(({ kind }) => kind === "parallel"),
    )
    if ("end" in admission) {
      const left = fewestLeft(rules, admission.counts)
      if (left) call.requestsLeft = left
      return admission
    }
    const rule = rules.find(({ name }) => name === admission.name)
    if (!rule) throw new TypeError(`The limit ${admission.name} was not requested.`)
    return reject(call, rule, admission.used, limitReached(rule, admission, now()))
  }
  return {
    name: "limits",
    plan: async (plan, next) => {
      const call = calls.getStore()
      const rules = call ? rulesFor(call, plan, countedCalls.has(call), groupOf) : []
      if (!call || rules.length === 0) return next(plan)
      const admission = await admit(call, rules)
      countedCalls.add(call)
      const begun = new Set<PlannedCall>()
      begunCalls.set(plan, begun)
      try {
        return await next(plan)
      } finally {
        await admission.end(unusedOf(rules, plan, begun))
      }
    },
    call: (attempt, next) => {
      begunCalls.get(attempt.plan)?.add(attempt.call)
      return next(attempt)
    },
  }
}
