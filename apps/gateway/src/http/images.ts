import type { IncomingMessage, ServerResponse } from "node:http"
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response"
import { giveBack } from "@pictor/bedrock"
import type { HttpResponse } from "@pictor/openai-http"
import { identifyCaller, ownerOf } from "../auth/authenticate.ts"
import { mayUse, resolveAlias } from "../auth/model-access.ts"
import type { RouteHandler, ServerDependencies } from "../dependencies.ts"
import { reportError } from "../observability/observe-request.ts"
import { chargeOf, type RequestRecord } from "../observability/request-record.ts"
import type { Trace } from "../observability/tracing.ts"
import { calls, callTag } from "../request-context.ts"
import type { Caller, GatewayCall } from "../types.ts"
import { readBody, type Ticket } from "./admission.ts"
import { errorAnswer, keyOverloaded, overloaded, shuttingDown } from "./errors.ts"
import { ignoredHeaders, readHeaders } from "./request-headers.ts"
import { headersOf, isList, send } from "./response.ts"

interface Exchange {
  readonly record: RequestRecord
  readonly trace: Trace | undefined
  readonly request: Request
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
}

/**
 * Handles a request in the format of OpenAI's Images API: caller, admission, headers, body, bridge,
 * answer. Limits per key, routing and the ledger run inside `bridge.respond`, as middleware of the
 * bridge's client.
 */
export const imagesHandler =
  (dependencies: ServerDependencies): RouteHandler =>
  async ({ env: { incoming, outgoing }, req: { raw: request }, var: { record, trace } }) => {
    const exchange: Exchange = { record, trace, request, incoming, outgoing }
    // The caller is identified first, so that a stranger gets no ticket and no byte of memory. An
    // error of it is the app's to answer.
    const caller = await identifyCaller(dependencies.authenticate, incoming.headers)
    // A ticket counts the bytes of a request and of its answer, in all and for one key. Once the
    // body is read, it also takes one of the places of requests in progress.
    const ticket = admit(dependencies, caller)
    try {
      const answer = ticket
        ? await answerRequest(dependencies, exchange, caller, ticket)
        : errorAnswer(dependencies.draining() ? shuttingDown() : overloaded())
      await sendAnswer(dependencies, exchange, ticket, answer)
    } finally {
      ticket?.release()
    }
    return RESPONSE_ALREADY_SENT
  }

const admit = (
  { admission, draining, metrics }: ServerDependencies,
  caller: Caller,
): Ticket | undefined => {
  const ticket = draining() ? undefined : admission.enter(ownerOf(caller))
  if (!ticket) metrics.shed()
  return ticket
}

const answerRequest = async (
  dependencies: ServerDependencies,
  exchange: Exchange,
  caller: Caller,
  ticket: Ticket,
): Promise<HttpResponse> => {
  const { settings, bridge, imageModel, cutOff } = dependencies
  const { record, trace, request, incoming, outgoing } = exchange
  const { headers } = incoming
  try {
    // Headers come before the body, so that the body of a rejected request is never read.
    record.ignoredHeaders = ignoredHeaders(headers, settings)
    const { timeoutMs, account, tags, ...options } = readHeaders(headers, caller, settings)
    const body = await readWhole(dependencies, incoming, caller, ticket)
    record.bytesIn = body.byteLength
    // The call's context: the middleware of limits, routing and metrics reads it and fills in the
    // rest.
    const signal = abortSignal(outgoing, cutOff)
    const call: GatewayCall = {
      id: record.id,
      caller,
      startedMs: record.startedMs,
      ...options,
      reserveBytes: ticket.reserve,
      holdBytes: ticket.hold,
      signal,
      addReplyBytes: ticket.addReply,
      retries: 0,
      fallbacks: 0,
    }
    record.call = call
    trace?.adopt(call)
    // The bridge turns the request into the answer. Its images are the provider's bytes, not
    // copied.
    const answer = await calls.run(call, () =>
      bridge.respond(request, {
        account,
        tags: { ...tags, [callTag]: record.id },
        ...(imageModel !== undefined && { model: imageModel }),
        mayUse: (model) => mayUse(caller, model),
        resolveAlias: (model) => resolveAlias(caller, model),
        body,
        signal,
        timeoutMs,
        onRetries: (retries) => {
          call.requestedRetries ??= retries
        },
        onFallbacks: (models) => {
          call.requestedFallbacks = models.map((model) => resolveAlias(caller, model))
        },
        requestId: record.id,
      }),
    )
    return answer.error?.code === "budget_exceeded"
      ? { ...answer, status: settings.budgetStatus }
      : answer
  } catch (thrown) {
    return errorAnswer(reportError(dependencies, record, thrown))
  }
}

/** Reads the body within its own limit and within admission's, then takes a place. */
const readWhole = async (
  { settings, admission, stopReceiving, metrics }: ServerDependencies,
  incoming: IncomingMessage,
  caller: Caller,
  ticket: Ticket,
): Promise<Buffer<ArrayBuffer>> => {
  const fullError = (bytes: number): Error =>
    admission.isFull(ownerOf(caller), bytes) ? keyOverloaded(settings.maxBytesPerKey) : overloaded()
  const { bodyBytes } = settings
  const body = await readBody(incoming, { bodyBytes, ticket, stopReceiving, full: fullError })
  if (ticket.begin()) return body
  metrics.shed()
  throw overloaded()
}

/** Aborts when the client disconnects or the gateway stops waiting for its last requests. */
const abortSignal = (outgoing: ServerResponse, cutOff: AbortSignal): AbortSignal => {
  const controller = new AbortController()
  const abort = (): void => controller.abort(cutOff.reason)
  if (outgoing.destroyed || cutOff.aborted) abort()
  else {
    cutOff.addEventListener("abort", abort)
    outgoing.once("close", () => {
      cutOff.removeEventListener("abort", abort)
      if (!outgoing.writableFinished) abort()
    })
  }
  return controller.signal
}

const sendAnswer = async (
  dependencies: ServerDependencies,
  { record, incoming, outgoing }: Exchange,
  ticket: Ticket | undefined,
  answer: HttpResponse,
): Promise<void> => {
  const { version, now, settings, draining } = dependencies
  record.answer = answer
  // The cost of a stream is known at its end only.
  const spentMicroUsd = answer.ended ? undefined : await spentBy(dependencies, record)
  record.bytesOut = await send(outgoing, answer, {
    headers: headersOf(record, answer, {
      version,
      nowMs: now(),
      spentMicroUsd,
      isLast: draining(),
    }),
    sendMs: settings.sendMs,
    onBytes: (bytes) => ticket?.addAnswer(bytes),
    headOnly: incoming.method === "HEAD",
  })
  if (answer.ended) {
    // The spending that the next answers report includes this stream.
    record.answer = { ...answer, ...(await answer.ended) }
    await spentBy(dependencies, record)
  }
  // The reply's memory is used again, unless a repeated request still waits for the images.
  if (isList(answer.parts) && outgoing.writableFinished && !record.isRepeatable)
    giveBack(answer.parts)
}

/** The key's spending; undefined if the ledger fails, so that an image is not held back. */
const spentBy = async (
  { spend }: ServerDependencies,
  record: RequestRecord,
): Promise<number | undefined> => {
  const keyId = record.call?.caller.keyId
  return keyId === undefined
    ? undefined
    : spend?.add(keyId, chargeOf(record).cost?.microUsd ?? 0).catch(() => undefined)
}
