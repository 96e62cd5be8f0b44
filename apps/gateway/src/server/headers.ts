import type { Cost } from "@pictor/core"
import type { Answer } from "@pictor/openai-http"
import { overheadMs, type Visit } from "./visit.ts"

/** Micro-USD as LiteLLM writes money: USD as a plain decimal. */
const usd = (microUsd: number): string => String(microUsd / 1_000_000)

const milliseconds = (value: number): string => value.toFixed(2)

const numeral = (value: number | undefined): string | undefined => (value === undefined ? undefined : String(value))

const longest = 500

const printable = /^[\x20-\x7e]*$/

/** A name that somebody else chose, as a header may hold it. */
const ascii = (name: string): string => {
  if (name.length <= longest && printable.test(name)) return name
  const short = name.slice(0, longest).replace(/\p{Surrogate}/gu, "?")
  return printable.test(short) ? short : encodeURIComponent(short)
}

const costOf = ({ result, error }: Answer): Cost | undefined => result?.cost ?? error?.cost

/** Known to the last micro-USD, or not named at all. */
const knownCost = (answer: Answer): string | undefined => {
  const cost = costOf(answer)
  return cost && cost.unknownImages === 0 ? usd(cost.microUsd + cost.maybeMicroUsd) : undefined
}

export interface HeaderFacts {
  readonly version: string
  readonly nowMs: number
  /** What the caller's key has spent, this request included. */
  readonly spentMicroUsd?: number | undefined
}

/** The headers that clients of LiteLLM's proxy read: https://docs.litellm.ai/docs/proxy/response_headers. What is not known is left out. */
export const litellmHeaders = (visit: Visit, answer: Answer, { version, nowMs, spentMicroUsd }: HeaderFacts): Readonly<Record<string, string>> => {
  const { call } = visit
  const durationMs = nowMs - visit.startedMs
  const budget = call?.caller.maxBudgetMicroUsd
  const known: Readonly<Record<string, string | undefined>> = {
    "x-litellm-call-id": visit.id,
    "x-litellm-version": version,
    "x-litellm-model-id": call?.deployment?.id,
    "x-litellm-model-group": call?.group,
    "x-litellm-model-region": call?.deployment?.region,
    "x-litellm-response-cost": knownCost(answer),
    "x-litellm-key-spend": spentMicroUsd === undefined ? undefined : usd(spentMicroUsd),
    "x-litellm-key-max-budget": budget === undefined ? undefined : usd(budget),
    "x-litellm-key-rpm-limit": numeral(call?.caller.requestsPerMinute),
    "x-ratelimit-limit-requests": numeral(call?.requestsLeft?.limit),
    "x-ratelimit-remaining-requests": numeral(call?.requestsLeft?.remaining),
    "x-litellm-attempted-retries": call && String(call.retries),
    "x-litellm-attempted-fallbacks": call && String(call.fallbacks),
    "x-litellm-response-duration-ms": milliseconds(durationMs),
    // Calls that are under way are in no sum yet.
    "x-litellm-overhead-duration-ms": answer.ended ? undefined : milliseconds(overheadMs(visit, durationMs)),
  }
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(known)) if (value !== undefined) headers[name] = ascii(value)
  return headers
}
