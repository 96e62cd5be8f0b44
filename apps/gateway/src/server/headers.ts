import type { Cost } from "@pictor/core"
import type { Answer } from "@pictor/openai-http"
import { overheadMs, type Visit } from "./visit.ts"

/** Micro-USD as LiteLLM writes money: USD as a plain decimal. */
const usd = (microUsd: number | undefined): string | undefined =>
  microUsd === undefined ? undefined : String(microUsd / 1_000_000)

const milliseconds = (value: number): string => value.toFixed(2)

const numeral = (value: number | undefined): string | undefined =>
  value === undefined ? undefined : String(value)

const longest = 500

const printable = /^[\x20-\x7e]*$/

/** A name that somebody else chose, as a header may hold it. */
const ascii = (name: string | undefined): string | undefined => {
  if (name === undefined || (name.length <= longest && printable.test(name))) return name
  const short = name.slice(0, longest).replace(/\p{Surrogate}/gu, "?")
  return printable.test(short) ? short : encodeURIComponent(short)
}

const costOf = ({ result, error }: Answer): Cost | undefined => result?.cost ?? error?.cost

/** Known to the last micro-USD, or not named at all. */
const knownCost = (answer: Answer): string | undefined => {
  const cost = costOf(answer)
  return cost && cost.unpricedImages === 0 ? usd(cost.microUsd + cost.maybeMicroUsd) : undefined
}

export interface HeaderFacts {
  readonly version: string
  readonly nowMs: number
  /** What the caller's key has spent, this request included. */
  readonly spentMicroUsd: number | undefined
  /** Headers of the request that have no effect. */
  readonly ignored: string | undefined
  /** The connection is not to be used again. */
  readonly isLast: boolean
}

/** With those that clients of LiteLLM's proxy read: https://docs.litellm.ai/docs/proxy/response_headers. What is not known is undefined. */
const ownHeaders = (
  visit: Visit,
  answer: Answer,
  facts: HeaderFacts,
): Readonly<Record<string, string | undefined>> => {
  const { call } = visit
  const durationMs = facts.nowMs - visit.startedMs
  return {
    "x-request-id": visit.id,
    "x-litellm-call-id": visit.id,
    "x-litellm-version": facts.version,
    "x-litellm-model-id": ascii(call?.deployment?.id),
    "x-litellm-model-group": ascii(call?.group),
    "x-litellm-model-region": ascii(call?.deployment?.region),
    "x-litellm-response-cost": knownCost(answer),
    "x-litellm-key-spend": usd(facts.spentMicroUsd),
    "x-litellm-key-max-budget": usd(call?.caller.maxBudgetMicroUsd),
    "x-litellm-key-rpm-limit": numeral(call?.caller.requestsPerMinute),
    "x-ratelimit-limit-requests": numeral(call?.requestsLeft?.limit),
    "x-ratelimit-remaining-requests": numeral(call?.requestsLeft?.remaining),
    "x-litellm-attempted-retries": numeral(call?.retries),
    "x-litellm-attempted-fallbacks": numeral(call?.fallbacks),
    "x-litellm-response-duration-ms": milliseconds(durationMs),
    // Calls that are under way are in no sum yet.
    "x-litellm-overhead-duration-ms": answer.ended
      ? undefined
      : milliseconds(overheadMs(visit, durationMs)),
    "x-pictor-ignored-headers": facts.ignored,
    connection: facts.isLast ? "close" : undefined,
  }
}

/** An answer's headers, the gateway's own before the bridge's of the same name, in a list as Node takes it: names and values by turns. */
export const headersOf = (visit: Visit, answer: Answer, facts: HeaderFacts): string[] => {
  const own = ownHeaders(visit, answer, facts)
  const list: string[] = []
  for (const name in own) {
    const value = own[name]
    if (value !== undefined) list.push(name, value)
  }
  for (const [name, value] of Object.entries(answer.headers))
    if (own[name] === undefined) list.push(name, value)
  return list
}
