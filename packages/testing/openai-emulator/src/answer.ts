import type { HttpBindings } from "@hono/node-server"
import {
  deliver,
  goneSignal,
  type Head,
  never,
  pause,
  resetConnection,
  sendPieces,
} from "@pictor/emulator-kit"
import { errorBody, type Failure } from "./errors.ts"
import type { Fault } from "./faults.ts"
import { xaiModels } from "./models.ts"

/** An HTTP answer: a body, or events that are made while they are sent. */
export type Answer = Head & { readonly body: Uint8Array | AsyncIterable<Uint8Array> }

type Headers = Readonly<Record<string, string>>

export const jsonAnswer = (status: number, body: object, headers: Headers = {}): Answer => ({
  status,
  headers: { ...headers, "content-type": "application/json" },
  body: Buffer.from(JSON.stringify(body)),
})

/** xAI's errors have a code and a text, as the npm package @ai-sdk/xai 3.0.138 reads them. */
export const failureAnswer = (failure: Failure, model = "", headers: Headers = {}): Answer =>
  Object.hasOwn(xaiModels, model)
    ? jsonAnswer(
        failure.status,
        { code: failure.code ?? failure.type, error: failure.message },
        headers,
      )
    : jsonAnswer(failure.status, errorBody(failure), headers)

export const htmlAnswer: Answer = {
  status: 502,
  headers: { "content-type": "text/html" },
  body: Buffer.from("<html><body><h1>502 Bad Gateway</h1></body></html>\r\n"),
}

type Sending = { readonly fault: Fault | undefined; readonly latencyMs: number }

/** Sends an answer as a fault demands: late, in pieces, cut, or not at all. */
export const sendAnswer = async (
  bindings: HttpBindings,
  answer: Answer,
  { fault, latencyMs }: Sending,
): Promise<Response> => {
  if (fault?.kind === "reset-before") return resetConnection(bindings)
  const signal = goneSignal(bindings)
  try {
    const delay = fault?.kind === "slow-first-byte" ? (fault.delayMs ?? 2000) : 0
    await pause(latencyMs + delay, signal)
    if (fault?.kind === "timeout") await never(signal)
    if (fault?.kind === "reset-after") return resetConnection(bindings)
    return await send(bindings, answer, { fault, signal })
  } catch {
    // The client disconnected, or the emulator is closing.
    return resetConnection(bindings)
  }
}

const send = async (
  bindings: HttpBindings,
  { body, ...head }: Answer,
  { fault, signal }: { readonly fault: Fault | undefined; readonly signal: AbortSignal },
): Promise<Response> => {
  if (!(body instanceof Uint8Array))
    return sendPieces(bindings, head, body, fault?.kind === "cut-stream" ? "cut" : "end")
  const sized = { ...head.headers, "content-length": String(body.length) }
  if (fault?.kind === "cut") {
    const half = deliver(
      body.subarray(0, Math.ceil(body.length / 2)),
      { kind: "cut", pauseMs: 0 },
      signal,
    )
    return sendPieces(bindings, { ...head, headers: sized }, half, "cut")
  }
  if (fault?.kind === "slow-body") {
    const pauseMs = fault.delayMs ?? 250
    const pieces = deliver(body, { kind: "pieces", pauseMs }, signal)
    return sendPieces(bindings, { ...head, headers: sized }, pieces)
  }
  return new Response(new Uint8Array(body), head)
}
