import type { ServerResponse } from "node:http"
import type { HttpResponse } from "@pictor/openai-http"
import { overheadMs, type RequestRecord } from "../observability/request-record.ts"
import { minBytesPerSecond } from "./settings.ts"

export const isList = (parts: HttpResponse["parts"]): parts is readonly Uint8Array[] =>
  Array.isArray(parts)

/** The bytes of an answer whose parts are all in memory; 0 for a stream. */
export const bytesOf = (parts: HttpResponse["parts"]): number =>
  isList(parts) ? parts.reduce((sum, { byteLength }) => sum + byteLength, 0) : 0

/** A pipelined answer waits for those before it, so that its time starts with its turn. */
const disconnectAfter = (response: ServerResponse, timeMs: number): (() => void) => {
  let timer: NodeJS.Timeout | undefined
  const start = (): void => {
    timer = setTimeout(() => response.destroy(), timeMs)
  }
  if (response.socket) start()
  else response.once("socket", start)
  return () => {
    clearTimeout(timer)
    response.off("socket", start)
  }
}

/** Resolves on the event or when the client disconnects; disconnects a client that is too slow. */
const waitFor = (
  response: ServerResponse,
  event: "drain" | "finish",
  bytes: number,
  sendMs: number,
): Promise<void> =>
  new Promise((resolve) => {
    // Data that the system has accepted needs no timer.
    const isAccepted = event === "finish" && response.socket?.writableLength === 0
    const stopTimer = isAccepted
      ? undefined
      : disconnectAfter(response, sendMs + (bytes / minBytesPerSecond) * 1000)
    const done = (): void => {
      stopTimer?.()
      response.off(event, done).off("close", done)
      resolve()
    }
    response.on(event, done).on("close", done)
    if (response.destroyed || (event === "finish" && response.writableFinished)) done()
  })

/** Writes all parts in one tick, so that Node passes them to the system in one call. */
const sendList = async (
  response: ServerResponse,
  parts: readonly Uint8Array[],
  { sendMs, onBytes }: SendOptions,
): Promise<number> => {
  const bytes = bytesOf(parts)
  onBytes(bytes)
  for (const part of parts.slice(0, -1)) response.write(part)
  response.end(parts.at(-1))
  await waitFor(response, "finish", bytes, sendMs)
  return bytes
}

/** Writes each part when the client has taken the last. Leaving the loop ends the source. */
const sendStream = async (
  response: ServerResponse,
  parts: AsyncIterable<Uint8Array>,
  { sendMs, onBytes }: SendOptions,
): Promise<number> => {
  let bytes = 0
  response.flushHeaders()
  try {
    for await (const part of parts) {
      if (response.destroyed) break
      bytes += part.byteLength
      onBytes(part.byteLength)
      if (!response.write(part)) await waitFor(response, "drain", part.byteLength, sendMs)
    }
  } catch {
    // After the status, only a broken connection shows that the answer is incomplete.
    response.destroy()
  }
  response.end()
  await waitFor(response, "finish", 0, sendMs)
  return bytes
}

export interface SendOptions {
  /** Alternating names and values. */
  readonly headers: string[]
  readonly sendMs: number
  /** Called before bytes are written: once for a list, for each part of a stream. */
  readonly onBytes: (bytes: number) => void
  /** The request was HEAD. */
  readonly headOnly: boolean
}

/** Writes an answer without a copy. Resolves, with its bytes, when it is sent or undeliverable. */
export const send = async (
  response: ServerResponse,
  { status, parts }: HttpResponse,
  options: SendOptions,
): Promise<number> => {
  if (response.destroyed) return 0
  response.writeHead(status, options.headers)
  if (options.headOnly) {
    response.end()
    return 0
  }
  return isList(parts) ? sendList(response, parts, options) : sendStream(response, parts, options)
}

/** US dollars as a plain decimal, as in LiteLLM's headers. */
const usd = (microUsd: number | undefined): string | undefined =>
  microUsd === undefined ? undefined : String(microUsd / 1_000_000)

const milliseconds = (value: number): string => value.toFixed(2)

const toText = (value: number | undefined): string | undefined =>
  value === undefined ? undefined : String(value)

const maxLength = 500

const printable = /^[\x20-\x7e]*$/

/** A configured name as a header value. */
const ascii = (name: string | undefined): string | undefined => {
  if (name === undefined || (name.length <= maxLength && printable.test(name))) return name
  const short = name.slice(0, maxLength).replace(/\p{Surrogate}/gu, "?")
  return printable.test(short) ? short : encodeURIComponent(short)
}

/** Undefined unless the whole cost is known. */
const knownCost = ({ result, error }: HttpResponse): string | undefined => {
  const cost = result?.cost ?? error?.cost
  return cost && cost.unpricedImages === 0 ? usd(cost.microUsd + cost.maybeMicroUsd) : undefined
}

export interface HeaderFacts {
  readonly version: string
  readonly nowMs: number
  /** The key's spending, including this request. */
  readonly spentMicroUsd: number | undefined
  /** Close the connection after this answer. */
  readonly isLast: boolean
}

/** As LiteLLM's proxy: https://docs.litellm.ai/docs/proxy/response_headers. */
const ownHeaders = (
  record: RequestRecord,
  answer: HttpResponse,
  facts: HeaderFacts,
): Readonly<Record<string, string | undefined>> => {
  const { call } = record
  const durationMs = facts.nowMs - record.startedMs
  return {
    "x-request-id": record.id,
    "x-litellm-call-id": record.id,
    "x-litellm-version": facts.version,
    "x-litellm-model-id": ascii(call?.deployment?.id),
    "x-litellm-model-group": ascii(call?.group),
    "x-litellm-model-region": ascii(call?.deployment?.region),
    "x-litellm-response-cost": knownCost(answer),
    "x-litellm-key-spend": usd(facts.spentMicroUsd),
    "x-litellm-key-max-budget": usd(call?.caller.maxBudgetMicroUsd),
    "x-litellm-key-rpm-limit": toText(call?.caller.requestsPerMinute),
    "x-ratelimit-limit-requests": toText(call?.requestsLeft?.limit),
    "x-ratelimit-remaining-requests": toText(call?.requestsLeft?.remaining),
    "x-litellm-attempted-retries": toText(call?.retries),
    "x-litellm-attempted-fallbacks": toText(call?.fallbacks),
    "x-litellm-response-duration-ms": milliseconds(durationMs),
    // The sum of provider time lacks the calls of a stream that is still running.
    "x-litellm-overhead-duration-ms": answer.ended
      ? undefined
      : milliseconds(overheadMs(record, durationMs)),
    "x-pictor-ignored-headers": record.ignoredHeaders,
    connection: facts.isLast ? "close" : undefined,
  }
}

/** Alternating names and values. The gateway's headers replace the bridge's of the same name. */
export const headersOf = (
  record: RequestRecord,
  answer: HttpResponse,
  facts: HeaderFacts,
): string[] => {
  const own = ownHeaders(record, answer, facts)
  const list: string[] = []
  for (const name in own) {
    const value = own[name]
    if (value !== undefined) list.push(name, value)
  }
  for (const [name, value] of Object.entries(answer.headers))
    if (own[name] === undefined) list.push(name, value)
  return list
}
