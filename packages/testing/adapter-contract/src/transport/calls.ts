import { createServer } from "node:net"
import type { TransportClause } from "./contract.ts"
import { bytesOf, failureOf, never, ok, open, verdictOf, within } from "./helpers.ts"
import { answer, type Respond } from "./server.ts"

const requestOnce: TransportClause = async (context) => {
  const answers: Readonly<Record<string, Respond>> = {
    "a reply": ok,
    "a status of 503": answer(503, {}),
    "a broken connection": (_response, _received, cut) => cut(),
  }
  for (const [name, respond] of Object.entries(answers)) {
    const { server, invoke } = await open(context, respond)
    await within(
      invoke(context.contract.call).catch(() => {}),
      name,
    )
    context.expect(server.requests.length, `requests for ${name}`).toBe(1)
  }
}

const requestBody: TransportClause = async (context) => {
  const { call } = context.contract
  const { server, invoke } = await open(context, ok)
  await within(invoke(call), "the call")
  const { body = "", method } = server.requests[0] ?? {}
  context.expect(method, "the method").toBe("POST")
  context.expect(JSON.parse(body), "the body").toEqual(call.body)
}

const large = Buffer.from(JSON.stringify({ images: ["AbCd".repeat(750_000)] }))

/** The same bytes: announced or not, and in pieces of this size. */
const replies: Readonly<Record<string, Respond>> = {
  "in one piece": answer(200, large),
  "of an unknown length": (response) => {
    response.writeHead(200, { "content-type": "application/json" })
    for (let start = 0; start < large.length; start += 100_003)
      response.write(large.subarray(start, start + 100_003))
    response.end()
  },
}

const replyBytes: TransportClause = async (context) => {
  for (const [name, respond] of Object.entries(replies)) {
    const { invoke } = await open(context, respond)
    const reply = await within(invoke(context.contract.call), name)
    context.expect(bytesOf(reply).equals(large), `a reply ${name} is unchanged`).toBe(true)
  }
}

const replyHead: TransportClause = async (context) => {
  const { call, requestId } = context.contract
  const headers = { "X-Kit-Header": "kept", ...(requestId && { [requestId]: "request-7" }) }
  const { invoke } = await open(context, answer(200, {}, headers))
  const reply = await within(invoke(call), "the call")
  context.expect(reply.status, "the status").toBe(200)
  context.expect(reply.headers, "the headers").toMatchObject({ "x-kit-header": "kept" })
  if (requestId) context.expect(reply.requestId, "the request id").toBe("request-7")
}

const replyBound: TransportClause = async (context) => {
  const endless: Readonly<Record<string, Respond>> = {
    "that is announced": (response) => {
      response.writeHead(200, { "content-length": "1000001" }).write("{")
    },
    "of an unknown length": (response) => {
      response.writeHead(200).write(Buffer.alloc(1_000_001, " "))
    },
  }
  for (const [name, respond] of Object.entries(endless)) {
    const { server, invoke } = await open(context, respond, { maxReplyBytes: 1_000_000 })
    const error = await failureOf(context, invoke(context.contract.call), `a reply ${name}`)
    context
      .expect(verdictOf(error), `a reply ${name}`)
      .toEqual({ code: "invalid_response", retryable: false, maybeBilled: true })
    await within(server.requests[0]?.closed ?? Promise.resolve(), "the connection")
  }
}

const closedPort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address()
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0))
    })
  })

const unsentRefused: TransportClause = async (context) => {
  const transport = context.connect({ url: `http://127.0.0.1:${await closedPort()}` })
  const error = await failureOf(context, transport.invoke(context.contract.call), "a refusal")
  context
    .expect(verdictOf(error))
    .toEqual({ code: "unavailable", retryable: true, maybeBilled: false })
}

const unsentAbort: TransportClause = async (context) => {
  const { server, invoke } = await open(context, ok)
  const call = { ...context.contract.call, signal: AbortSignal.abort() }
  const error = await failureOf(context, invoke(call), "an aborted call")
  context
    .expect(verdictOf(error))
    .toEqual({ code: "aborted", retryable: false, maybeBilled: false })
  context.expect(server.requests.length, "requests").toBe(0)
}

const half: Respond = (response) => {
  response.writeHead(200, { "content-length": "1000" }).write("{")
}

const sentCut: TransportClause = async (context) => {
  const cuts: Readonly<Record<string, Respond>> = {
    "before the answer": (_response, _received, cut) => cut(),
    "within the answer": (response, received, cut) => {
      half(response, received, cut)
      setImmediate(cut)
    },
  }
  for (const [name, respond] of Object.entries(cuts)) {
    const { invoke } = await open(context, respond)
    const error = await failureOf(context, invoke(context.contract.call), `a cut ${name}`)
    context
      .expect(verdictOf(error), `a cut ${name}`)
      .toEqual({ code: "unavailable", retryable: false, maybeBilled: true })
  }
}

const sentAbort: TransportClause = async (context) => {
  for (const respond of [never, half]) {
    const controller = new AbortController()
    const { server, invoke } = await open(context, (response, received, cut) => {
      respond(response, received, cut)
      setImmediate(() => controller.abort())
    })
    const call = { ...context.contract.call, signal: controller.signal }
    const error = await failureOf(context, invoke(call), "an aborted call")
    context
      .expect(verdictOf(error))
      .toEqual({ code: "aborted", retryable: false, maybeBilled: true })
    await within(server.requests[0]?.closed ?? Promise.resolve(), "the connection")
  }
}

const shortMs = 150

const timeoutOwn: TransportClause = async (context) => {
  for (const respond of [never, half]) {
    const { invoke } = await open(context, respond, { timeoutMs: shortMs })
    const error = await failureOf(context, invoke(context.contract.call), "a call without an end")
    context
      .expect(verdictOf(error))
      .toEqual({ code: "timeout", retryable: false, maybeBilled: true })
  }
}

const timeoutCall: TransportClause = async (context) => {
  const { invoke } = await open(context, never)
  const call = { ...context.contract.call, timeoutMs: shortMs }
  const error = await failureOf(context, invoke(call), "a call without an end")
  context.expect(verdictOf(error)).toEqual({ code: "timeout", retryable: false, maybeBilled: true })
}

const closeIdle: TransportClause = async (context) => {
  const { expect } = context
  const { server, invoke, transport } = await open(context, ok)
  await within(invoke(context.contract.call), "the first call")
  await transport.close?.()
  await expect.poll(server.open, { message: "open connections" }).toBe(0)
  await within(invoke(context.contract.call), "a call after close()")
  expect(server.requests.length, "requests").toBe(2)
}

export const callClauses = {
  "request-once": requestOnce,
  "request-body": requestBody,
  "reply-bytes": replyBytes,
  "reply-head": replyHead,
  "reply-bound": replyBound,
  "unsent-refused": unsentRefused,
  "unsent-abort": unsentAbort,
  "sent-cut": sentCut,
  "sent-abort": sentAbort,
  "timeout-own": timeoutOwn,
  "timeout-call": timeoutCall,
  "close-idle": closeIdle,
} as const
