import type { ServerResponse } from "node:http"
import type { Cost } from "@pictor/core"
import type { HttpResponse } from "@pictor/openai-http"
import { overheadMs, type Visit } from "../observability/request-record.ts"
import { slowestBytesPerSecond } from "./settings.ts"

export const isList = (parts: HttpResponse["parts"]): parts is readonly Uint8Array[] =>
  Array.isArray(parts)

/** Bytes that are known before they are written. */
export const bytesOf = (parts: HttpResponse["parts"]): number =>
  isList(parts) ? parts.reduce((sum, { byteLength }) => sum + byteLength, 0) : 0

/** Cuts a client off that takes too long, from when its answer's turn has come: one of several that were asked at once waits for those before it. */
const cutLater = (response: ServerResponse, afterMs: number): (() => void) => {
  let timer: NodeJS.Timeout | undefined
  const begin = (): void => {
    timer = setTimeout(() => response.destroy(), afterMs)
  }
  if (response.socket) begin()
  else response.once("socket", begin)
  return () => {
    clearTimeout(timer)
    response.off("socket", begin)
  }
}

const nothing = (): void => undefined

/** Resolves once the client has taken in what was written, or is gone; cuts it off where it takes too long. */
const taken = (
  response: ServerResponse,
  event: "drain" | "finish",
  bytes: number,
  sendMs: number,
): Promise<void> =>
  new Promise((resolve) => {
    // What the system has taken in whole already needs no timer.
    const isOut = event === "finish" && response.socket?.writableLength === 0
    const keep = isOut
      ? nothing
      : cutLater(response, sendMs + (bytes / slowestBytesPerSecond) * 1000)
    const done = (): void => {
      keep()
      response.off(event, done).off("close", done)
      resolve()
    }
    response.on(event, done).on("close", done)
    if (response.destroyed || (event === "finish" && response.writableFinished)) done()
  })

/** All at once: the parts are in memory anyway, and in one tick Node hands them to the system in one call. */
const sendList = async (
  response: ServerResponse,
  parts: readonly Uint8Array[],
  sendMs: number,
): Promise<number> => {
  for (const part of parts.slice(0, -1)) response.write(part)
  response.end(parts.at(-1))
  const bytes = bytesOf(parts)
  await taken(response, "finish", bytes, sendMs)
  return bytes
}

/** One part after the other, the next when the client has taken the last. Leaving the loop ends what makes the parts. */
const sendStream = async (
  response: ServerResponse,
  parts: AsyncIterable<Uint8Array>,
  sendMs: number,
  carry: Carry,
): Promise<number> => {
  let bytes = 0
  response.flushHeaders()
  try {
    for await (const part of parts) {
      if (response.destroyed) break
      bytes += part.byteLength
      carry(part.byteLength)
      if (!response.write(part)) await taken(response, "drain", part.byteLength, sendMs)
    }
  } catch {
    // The status is out: only a broken connection can still say that the answer is not whole.
    response.destroy()
  }
  response.end()
  await taken(response, "finish", 0, sendMs)
  return bytes
}

type Carry = (bytes: number) => void

export interface Sending {
  /** Names and values by turns. */
  readonly headers: string[]
  readonly sendMs: number
  /** Is told of bytes of an answer that comes piece by piece. */
  readonly carry: Carry
  /** The request was HEAD. */
  readonly headOnly: boolean
}

/** Writes an answer as it is, without a copy. Resolves, with the bytes of its body, when it is sent or the client is gone. */
export const send = async (
  response: ServerResponse,
  answer: HttpResponse,
  { headers, sendMs, carry, headOnly }: Sending,
): Promise<number> => {
  if (response.destroyed) return 0
  response.writeHead(answer.status, headers)
  if (headOnly) {
    response.end()
    return 0
  }
  return isList(answer.parts)
    ? sendList(response, answer.parts, sendMs)
    : sendStream(response, answer.parts, sendMs, carry)
}

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

const costOf = ({ result, error }: HttpResponse): Cost | undefined => result?.cost ?? error?.cost

/** Known to the last micro-USD, or not named at all. */
const knownCost = (answer: HttpResponse): string | undefined => {
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
  answer: HttpResponse,
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
export const headersOf = (visit: Visit, answer: HttpResponse, facts: HeaderFacts): string[] => {
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
