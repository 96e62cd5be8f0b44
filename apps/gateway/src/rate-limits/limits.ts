import { ImageError, type Middleware, type Plan, type PlannedCall } from "@pictor/core"
import { type CallAttempt, quote } from "@pictor/core/host"
import { modelOf } from "../auth/model-access.ts"
import type { GroupOf } from "../keys/model-budgets.ts"
import { iso } from "../keys/time.ts"
import { calls } from "../request-context.ts"
import type { Caller, GatewayCall, RequestsLeft } from "../types.ts"
import type { Counts } from "./counter.ts"
import type { Claim, Counted, Refusal, Seat } from "./store.ts"

type Owner = "key" | "deployment"
type Kind = "requests" | "images" | "parallel"

interface Bounds {
  readonly requestsPerMinute?: number
  readonly imagesPerMinute?: number
  readonly maxParallelRequests?: number
}

/** One limit that a request comes under. */
interface Rule {
  readonly name: string
  readonly owner: Owner
  readonly id: string
  readonly kind: Kind
  /** For this model alone. */
  readonly model?: string
  readonly limit: number
  readonly amount: number
}

const rulesOf = (
  owner: Owner,
  id: string,
  bounds: Bounds,
  amounts: Readonly<Record<Kind, number>>,
): readonly Rule[] => {
  if (
    bounds.requestsPerMinute === undefined &&
    bounds.imagesPerMinute === undefined &&
    bounds.maxParallelRequests === undefined
  )
    return []
  const limits = {
    requests: bounds.requestsPerMinute,
    images: bounds.imagesPerMinute,
    parallel: bounds.maxParallelRequests,
  }
  return (["requests", "images", "parallel"] as const).flatMap((kind) => {
    const limit = limits[kind]
    return limit === undefined
      ? []
      : [{ name: `${owner}:${id}:${kind}`, owner, id, kind, limit, amount: amounts[kind] }]
  })
}

/** Limits of a key for the model of this name, be it named by another name that the gateway or the key has for it. */
const modelRulesOf = (
  id: string,
  caller: Caller,
  group: string | undefined,
  amount: number,
  groupOf: GroupOf,
): readonly Rule[] =>
  Object.entries(caller.modelRequestsPerMinute ?? {}).flatMap(([model, limit]): readonly Rule[] =>
    group !== undefined && groupOf(modelOf(caller, model)) === group
      ? [
          {
            name: `key:${id}:requests:${model}`,
            owner: "key",
            id,
            kind: "requests",
            model,
            limit,
            amount,
          },
        ]
      : [],
  )

const seconds = (ms: number): string => `${Math.ceil(ms / 1000)} s`

const kinds = {
  requests: "requests per minute",
  images: "images per minute",
  parallel: "requests at a time",
} as const

const wordsOf = ({ kind, model }: Rule): string =>
  model === undefined ? kinds[kind] : `${kinds[kind]} for ${quote(model)}`

const subject = ({ owner, id }: Rule): string => `The ${owner} ${id}`

/**
 * What is asked at once is more than there ever is: a rate limit as well, as OpenAI answers it, and not worth repeating
 * (https://platform.openai.com/docs/guides/rate-limits).
 */
const tooMuch = (rule: Rule): ImageError => {
  const advice =
    rule.owner === "key" && rule.kind === "images"
      ? " Ask for fewer, or have images_per_minute raised."
      : ""
  const message = `${subject(rule)} may not have more than ${rule.limit} ${wordsOf(rule)}, and ${rule.amount} are asked at once.${advice}`
  // 0: whoever asks for less need not wait.
  return new ImageError({ code: "rate_limited", message, retryable: false, retryAfterMs: 0 })
}

const usedUp = (rule: Rule, { used, retryAfterMs }: Refusal, nowMs: number): ImageError => {
  const state = `of ${rule.limit} ${wordsOf(rule)} ${used} are used, ${rule.amount} asked`
  const when =
    rule.kind === "parallel"
      ? "try again when one of them has ended"
      : `try again in ${seconds(retryAfterMs)}, at ${iso(nowMs + retryAfterMs)}`
  return new ImageError({
    code: "rate_limited",
    message: `${subject(rule)} is at its limit: ${state}; ${when}.`,
    retryAfterMs,
  })
}

/** How much of a plan was begun. */
interface Begun {
  readonly calls: Set<PlannedCall>
}

const imagesOf = ({ calls: begun }: Begun): number =>
  [...begun].reduce((sum, { slots }) => sum + slots.length, 0)

/** What goes back where not all was begun: images that were not sent for, and the request of a deployment that was never asked. */
const unusedOf = (rules: readonly Rule[], plan: Plan, begun: Begun): ReadonlyMap<string, number> =>
  new Map(
    rules.flatMap(({ name, owner, kind, amount }) => {
      if (kind === "images") return [[name, Math.max(0, plan.n - imagesOf(begun))] as const]
      return kind === "requests" && owner === "deployment" && begun.calls.size === 0
        ? [[name, amount] as const]
        : []
    }),
  )

/** A request counts once for its key, however many deployments are asked for it. */
const rulesFor = (
  call: GatewayCall,
  plan: Plan,
  counted: WeakSet<GatewayCall>,
  groupOf: GroupOf,
): readonly Rule[] => {
  const { caller, deployment } = call
  const amounts = { requests: 1, images: plan.n, parallel: 1 }
  const requests = counted.has(call) ? 0 : 1
  const { keyId } = caller
  const own =
    keyId === undefined
      ? []
      : [
          ...rulesOf("key", keyId, caller, { ...amounts, requests }),
          ...modelRulesOf(keyId, caller, call.group, requests, groupOf),
        ]
  return deployment ? [...own, ...rulesOf("deployment", deployment.id, deployment, amounts)] : own
}

const isRequestsOfKey = ({ owner, kind }: Rule): boolean => owner === "key" && kind === "requests"

const leftOf = ({ limit }: Rule, used: number): RequestsLeft => ({
  limit,
  remaining: Math.max(0, limit - used),
})

/** Of the limits on a key's requests, the one that allows the fewest more. */
const requestsLeft = (rules: readonly Rule[], counted: Counted): RequestsLeft | undefined =>
  rules
    .filter(isRequestsOfKey)
    .map((rule) => leftOf(rule, counted.get(rule.name)?.used ?? 0))
    .toSorted((first, second) => first.remaining - second.remaining)[0]

const isSeat = ({ kind }: Rule): boolean => kind === "parallel"

/**
 * Requests and images in any minute, and requests at a time, of each key and each deployment, in all processes together. What has no limit costs
 * nothing. Throws `rate_limited` with `retryAfterMs`, not retryable where so much is never had at once; of a deployment that is at its limit the call
 * says so in `full`, and how many requests the key has left in `requestsLeft`.
 */
export const limitsOf = (
  counts: Counts,
  now: () => number,
  groupOf: GroupOf = (name) => name,
): Middleware => {
  const begun = new WeakMap<Plan, Begun>()
  const counted = new WeakSet<GatewayCall>()
  const refuse = (call: GatewayCall, rule: Rule, used: number, error: ImageError): never => {
    if (rule.owner === "deployment") call.full = rule.id
    if (isRequestsOfKey(rule)) call.requestsLeft = leftOf(rule, used)
    throw error
  }
  const admit = async (call: GatewayCall, rules: readonly Rule[]) => {
    const hopeless = rules.find(({ amount, limit }) => amount > limit)
    if (hopeless) return refuse(call, hopeless, 0, tooMuch(hopeless))
    const claims: readonly Claim[] = rules.filter((rule) => !isSeat(rule))
    const seats: readonly Seat[] = rules.filter(isSeat)
    const answer = await counts.admit(claims, seats)
    if ("end" in answer) {
      const left = requestsLeft(rules, answer.counted)
      if (left) call.requestsLeft = left
      return answer
    }
    const rule = rules.find(({ name }) => name === answer.name)
    if (!rule) throw new TypeError(`Nobody asked for ${answer.name}.`)
    return refuse(call, rule, answer.used, usedUp(rule, answer, now()))
  }
  return {
    name: "limits",
    plan: async (plan, next) => {
      const call = calls.getStore()
      const rules = call ? rulesFor(call, plan, counted, groupOf) : []
      if (!call || rules.length === 0) return next(plan)
      const admission = await admit(call, rules)
      counted.add(call)
      const mine: Begun = { calls: new Set() }
      begun.set(plan, mine)
      try {
        return await next(plan)
      } finally {
        await admission.end(unusedOf(rules, plan, mine))
      }
    },
    call: (attempt: CallAttempt, next) => {
      begun.get(attempt.plan)?.calls.add(attempt.call)
      return next(attempt)
    },
  }
}
