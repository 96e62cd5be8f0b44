import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http"
import { giveBack } from "@pictor/bedrock"
import type { HttpRequest, HttpResponse } from "@pictor/openai-http"
import { bearerOf } from "../auth/bearer.ts"
import { isProblem, refusal } from "../auth/caller.ts"
import { strangerTo } from "../auth/local-only.ts"
import { mayUse, modelOf } from "../auth/model-access.ts"
import type { ServerParts } from "../dependencies.ts"
import type { Followed } from "../observability/observe-request.ts"
import { chargeOf, type Visit } from "../observability/request-record.ts"
import { calls, callTag } from "../request-context.ts"
import type { Caller, GatewayCall } from "../types.ts"
import type { Ticket } from "./admission.ts"
import { readBody } from "./body.ts"
import { type Problem, problems, toAnswer } from "./errors.ts"
import { bytesOf, headersOf, isList, send } from "./response.ts"

/** A request that is followed, and where its answer goes. */
interface Arrived extends Followed {
  /** As the bridge reads it. */
  readonly request: HttpRequest
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
}

interface Exchange extends Arrived {
  readonly ticket: Ticket
}

type EndOf = (outgoing: ServerResponse) => AbortSignal

/** What fires when a request's client is gone, or when the server cannot wait any longer. */
const endings = (cutOff: AbortSignal): EndOf => {
  const underWay = new Set<AbortController>()
  const cut = (): void => {
    for (const each of underWay) each.abort(cutOff.reason)
  }
  cutOff.addEventListener("abort", cut, { once: true })
  return (outgoing) => {
    const gone = new AbortController()
    if (outgoing.destroyed) gone.abort()
    else underWay.add(gone)
    outgoing.once("close", () => {
      underWay.delete(gone)
      if (!outgoing.writableFinished) gone.abort()
    })
    return gone.signal
  }
}

const callOf = (
  { visit, ticket, incoming: { headers } }: Exchange,
  caller: Caller,
  trustProxy: boolean,
): GatewayCall => ({
  id: visit.id,
  caller,
  startedMs: visit.startedMs,
  origin: originOf(headers, trustProxy),
  hold: ticket.take,
  came: ticket.came,
  retries: 0,
  fallbacks: 0,
})

const accountOf = ({ account }: Caller, { headers }: IncomingMessage): Caller["account"] => {
  const user = headers["x-litellm-end-user-id"] ?? headers["x-litellm-customer-id"]
  return account.user === undefined && typeof user === "string" && user !== ""
    ? { ...account, user }
    : account
}

/** LiteLLM's `x-litellm-tags: one,two`, which may be `name=value`; what the key says goes before. */
const tagsOf = ({ tags }: Caller, { headers }: IncomingMessage): Caller["tags"] => {
  const given = headers["x-litellm-tags"]
  if (typeof given !== "string") return tags
  const words = given.split(",").map((word) => word.trim())
  const named = words
    .filter((word) => word !== "")
    .map((word) => [word.replace(/=.*/, ""), /=(.*)/.exec(word)?.[1] ?? ""] as const)
  return { ...Object.fromEntries(named), ...tags }
}

const answerOf = async (
  parts: ServerParts,
  exchange: Exchange,
  endOf: EndOf,
): Promise<HttpResponse | Problem> => {
  const { settings, bridge, authenticate } = parts
  const { visit, request, incoming, outgoing, ticket, trace } = exchange
  const caller = await authenticate(bearerOf(incoming.headers)).catch(refusal)
  if (isProblem(caller)) return caller
  const stranger = caller.kind === "anyone" ? strangerTo(incoming.headers) : undefined
  if (stranger) return stranger
  const timeoutMs = deadlineOf(incoming.headers["x-litellm-timeout"], settings.requestMs)
  if (typeof timeoutMs === "object") return timeoutMs
  const askedRetries = askedRetriesOf(incoming.headers)
  if (typeof askedRetries === "object") return askedRetries
  const read = await readBody(incoming, settings.bodyBytes, ticket)
  if ("problem" in read) return read.problem
  visit.bytesIn = read.body.byteLength
  const call = callOf(exchange, caller, settings.trustProxy)
  if (askedRetries !== undefined) call.askedRetries = askedRetries
  visit.call = call
  trace?.adopt(call)
  const context = {
    account: accountOf(caller, incoming),
    tags: { ...tagsOf(caller, incoming), [callTag]: visit.id },
    mayUse: mayUse(caller),
    resolveAlias: (model: string) => modelOf(caller, model),
    body: read.body,
    signal: endOf(outgoing),
    timeoutMs,
    onRetries: (retries: number): void => {
      call.askedRetries ??= retries
    },
    requestId: visit.id,
  }
  return calls.run(call, () => bridge.respond(request, context))
}

/** What the caller's key has spent. It is told where it is known: an image is not held back by a ledger that does not work. */
const spentBy = async ({ spend }: ServerParts, visit: Visit): Promise<number | undefined> => {
  const keyId = visit.call?.caller.keyId
  return keyId === undefined
    ? undefined
    : spend?.of(keyId, chargeOf(visit).cost?.microUsd ?? 0).catch(() => undefined)
}

const reply = async (
  parts: ServerParts,
  { visit, incoming, outgoing, ticket }: Exchange,
  answer: HttpResponse,
): Promise<void> => {
  const { version, now, settings, draining } = parts
  visit.answer = answer
  ticket.carry(bytesOf(answer.parts))
  // What is still being made has no cost to tell yet.
  const spentMicroUsd = answer.ended ? undefined : await spentBy(parts, visit)
  const headers = headersOf(visit, answer, {
    version,
    nowMs: now(),
    spentMicroUsd,
    ignored: ignoredOf(incoming.headers),
    isLast: draining(),
  })
  visit.bytesOut = await send(outgoing, answer, {
    headers,
    sendMs: settings.sendMs,
    carry: ticket.carry,
    headOnly: incoming.method === "HEAD",
  })
  if (answer.ended) {
    visit.answer = { ...answer, ...(await answer.ended) }
    await spentBy(parts, visit)
  }
  // A repeated request may still be waiting for the same images.
  if (isList(answer.parts) && outgoing.writableFinished && !visit.isRepeatable)
    giveBack(answer.parts)
}

export type Answering = (arrived: Arrived) => Promise<void>

/** Brings a request to the bridge and its answer back, as bytes, past everything that would copy them. */
export const answering = (parts: ServerParts): Answering => {
  const endOf = endings(parts.cutOff)
  return async (arrived) => {
    const ticket = parts.draining() ? undefined : parts.admission.enter()
    if (!ticket) parts.metrics.shed()
    const exchange = { ...arrived, ticket: ticket ?? nothing }
    try {
      const answer = ticket
        ? await answerOf(parts, exchange, endOf)
        : parts.draining()
          ? problems.draining
          : problems.busy
      await reply(parts, exchange, "parts" in answer ? answer : toAnswer(answer))
    } finally {
      ticket?.leave()
    }
  }
}

const nothing: Ticket = {
  take: () => false,
  came: () => undefined,
  carry: () => undefined,
  leave: () => undefined,
}

const header = "x-litellm-timeout"

const wrongTimeout: Problem = {
  status: 400,
  code: "invalid_timeout",
  param: header,
  message: `${header} is a number of seconds above 0, such as 30 or 0.5. Leave it out for the gateway's own limit.`,
}

/** How long a request may take: what it asks for in seconds, within what the gateway gives. */
export const deadlineOf = (asked: unknown, requestMs: number): number | Problem => {
  if (asked === undefined) return requestMs
  const seconds =
    typeof asked === "string" && /^\d+(\.\d+)?$/.test(asked.trim()) ? Number(asked) : 0
  return seconds > 0 ? Math.min(requestMs, Math.max(1, Math.round(seconds * 1000))) : wrongTimeout
}

/** What the first of several proxies wrote. */
const first = (header: string | string[] | undefined): string =>
  String(header ?? "")
    .split(",")[0]
    ?.trim() ?? ""

const isHost = (host: string): boolean =>
  /^[\w.-]+(:\d{1,5})?$|^\[[\da-f:.]+\](:\d{1,5})?$/i.test(host)

/**
 * Where the outside found the gateway: `https://images.example.com`. Anybody can write `X-Forwarded-Proto` and `X-Forwarded-Host`, so that they count
 * only where a trusted proxy writes them.
 */
export const originOf = (headers: IncomingHttpHeaders, trustProxy: boolean): string => {
  const proto = trustProxy ? first(headers["x-forwarded-proto"]).toLowerCase() : ""
  const host = trustProxy ? first(headers["x-forwarded-host"]) : ""
  return `${proto === "https" ? proto : "http"}://${isHost(host) ? host : (headers.host ?? "localhost")}`
}

const retriesHeader = "x-litellm-num-retries"

const wrongRetries: Problem = {
  status: 400,
  code: "invalid_num_retries",
  param: retriesHeader,
  message: `${retriesHeader} is a whole number of retries, such as 0 or 2. Leave it out for the gateway's own.`,
}

/** How often a request asks to be retried; undefined where it does not say. */
export const askedRetriesOf = (headers: IncomingHttpHeaders): number | undefined | Problem => {
  const asked = headers[retriesHeader]
  if (asked === undefined) return undefined
  return typeof asked === "string" && /^\d{1,6}$/.test(asked.trim()) ? Number(asked) : wrongRetries
}

const prefix = "x-litellm-"

/** https://docs.litellm.ai/docs/proxy/request_headers, seen 2026-11-21. No message is ever logged, so that redaction needs nothing more. */
const honoured: ReadonlySet<string> = new Set(
  [
    "api-key",
    "call-id",
    "customer-id",
    "enable-message-redaction",
    "end-user-id",
    "num-retries",
    "tags",
    "timeout",
  ].map((name) => prefix + name),
)

const mostNames = 10

/** LiteLLM's headers of a request that have no effect, as a list for its answer. */
export const ignoredOf = (headers: IncomingHttpHeaders): string | undefined => {
  const ignored: string[] = []
  for (const name in headers)
    if (name.startsWith(prefix) && !honoured.has(name) && name.length <= 100) ignored.push(name)
  return ignored.length === 0 ? undefined : ignored.slice(0, mostNames).join(", ")
}
