import type { IncomingMessage, ServerResponse } from "node:http"
import { giveBack } from "@pictor/bedrock"
import type { Answer, Asking } from "@pictor/openai-http"
import { calls, callTag } from "../call.ts"
import type { Caller, GatewayCall } from "../types.ts"
import { mayUse, modelOf } from "./access.ts"
import type { Ticket } from "./admission.ts"
import { bearerOf } from "./bearer.ts"
import { readBody } from "./body.ts"
import { isProblem, refusal } from "./caller.ts"
import { chargeOf } from "./charged.ts"
import { deadlineOf } from "./deadline.ts"
import type { Followed } from "./follow.ts"
import { headersOf } from "./headers.ts"
import { askedRetriesOf, ignoredOf } from "./litellm-headers.ts"
import { strangerTo } from "./local-only.ts"
import { originOf } from "./origin.ts"
import type { ServerParts } from "./parts.ts"
import { type Problem, problems, toAnswer } from "./problem.ts"
import { bytesOf, isList, send } from "./send.ts"
import type { Visit } from "./visit.ts"

/** A request that is followed, and where its answer goes. */
interface Arrived extends Followed {
  /** As the bridge reads it. */
  readonly request: Asking
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
): Promise<Answer | Problem> => {
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
    nameOf: (model: string) => modelOf(caller, model),
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
  answer: Answer,
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
