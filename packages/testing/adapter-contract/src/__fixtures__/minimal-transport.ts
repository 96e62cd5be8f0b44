import { type IncomingMessage, request as send } from "node:http"
import { type ErrorCode, ImageError } from "@pictor/core"
import type { Reply, Transport, TransportCall } from "@pictor/core/adapter"

/** How a transport of one's own may look: Node's client, one address, one key. */
interface Options {
  readonly url: string
  readonly key: string
  readonly timeoutMs?: number
  readonly maxReplyBytes?: number
}

const codes: Readonly<Record<number, ErrorCode>> = {
  401: "unauthenticated",
  403: "forbidden",
  404: "model_not_found",
  408: "timeout",
  424: "provider_failed",
  429: "rate_limited",
  500: "provider_failed",
  502: "unavailable",
  503: "unavailable",
  504: "timeout",
}

export const minimalTransport = (options: Options): Transport => ({
  name: "minimal",
  invoke: (call) => exchange(call, options),
})

/** Without an agent, each call has a connection of its own, so there is nothing to close. */
const exchange = (call: TransportCall, options: Options): Promise<Reply> =>
  new Promise((resolve, reject) => {
    let isSent = false
    const fail = (code: ErrorCode, message: string): void => {
      request.destroy()
      finish()
      const retryable = code === "unavailable" && !isSent
      reject(new ImageError({ code, message, retryable, maybeBilled: isSent }))
    }
    const abort = (): void => fail("aborted", `The call of ${call.model} was aborted`)
    const timeoutMs = Math.min(call.timeoutMs ?? 300_000, options.timeoutMs ?? 300_000)
    const timer = setTimeout(() => fail("timeout", `${call.model} took too long`), timeoutMs)
    const finish = (): void => {
      clearTimeout(timer)
      call.signal?.removeEventListener("abort", abort)
    }
    const request = send(options.url, {
      method: "POST",
      agent: false,
      headers: { authorization: `Bearer ${options.key}`, "content-type": "application/json" },
    })
    request.on("socket", (socket) => socket.on("connect", () => (isSent = true)))
    request.on("error", () => fail("unavailable", `No connection for ${call.model}`))
    request.on("response", (response) => {
      const chunks: Buffer[] = []
      let length = Number(response.headers["content-length"] ?? 0)
      const limit = options.maxReplyBytes ?? 100_000_000
      const checkLength = (): void => {
        if (length > limit) fail("invalid_response", `The reply is larger than ${limit} bytes`)
      }
      checkLength()
      length = 0
      response.on("data", (chunk: Buffer) => {
        length += chunk.length
        chunks.push(chunk)
        checkLength()
      })
      response.on("error", () => fail("unavailable", `The connection for ${call.model} broke`))
      response.on("end", () => {
        finish()
        const reply = toReply(response, chunks)
        if (reply.status === 200) resolve(reply)
        else reject(statusError(call, reply))
      })
    })
    if (call.signal?.aborted) return abort()
    call.signal?.addEventListener("abort", abort, { once: true })
    request.end(JSON.stringify(call.body))
  })

const toReply = ({ statusCode = 0, headers }: IncomingMessage, body: readonly Buffer[]): Reply => ({
  status: statusCode,
  headers: Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, String(value)]),
  ),
  body,
})

const statusError = ({ model }: TransportCall, { status, headers }: Reply): ImageError => {
  const wait = headers["retry-after"]
  const seconds = wait === undefined ? undefined : Number(wait)
  const isDate = wait !== undefined && Number.isNaN(seconds)
  const retryAfterMs = isDate ? Date.parse(wait) - Date.now() : (seconds ?? 0) * 1000
  return new ImageError({
    code: codes[status] ?? "invalid_request",
    message: `${model} was answered with status ${status}`,
    status,
    retryable: [429, 500, 502, 503].includes(status),
    maybeBilled: status === 408 || status === 504,
    ...(wait !== undefined && { retryAfterMs }),
  })
}
