import { Readable } from "node:stream"
import { type ClientOptions, createHttpClient } from "@pictor/http/client"
import type { HttpRequest } from "@smithy/core/protocols"
import type { HttpAnswer, SendObserver } from "./types.ts"

interface SendSettings {
  readonly abortSignal?: unknown
  /** The SDK sets it for a reply that it reads as events. */
  readonly isEventStream?: boolean
}

/** Sends the SDK's requests and reads each reply as a whole. */
export interface HttpSender {
  send(request: HttpRequest, settings: SendSettings, observer?: SendObserver): Promise<HttpAnswer>
  /** Closes the connections once the requests in progress have ended. `send` opens new ones. */
  close(): void
}

export const createHttpSender = (options: ClientOptions): HttpSender => {
  const client = createHttpClient(options)
  return {
    send: async (request, { abortSignal, isEventStream }, observer) => {
      const signal = abortSignal instanceof AbortSignal ? abortSignal : undefined
      const { protocol, hostname, port, method, path, headers } = request
      const query = await queryOf(request)
      const body: unknown = request.body
      const answer = await client.send(
        {
          origin: `${protocol}//${hostname}${port ? `:${port}` : ""}`,
          path: query ? `${path}?${query}` : path,
          method,
          headers,
          // The SDK sends no other kinds of body to Bedrock and STS.
          body: typeof body === "string" || body instanceof Uint8Array ? body : null,
        },
        { signal, observer, maxReplyBytes: observer?.maxReplyBytes },
      )
      return isEventStream && answer.statusCode === 200
        ? { ...answer, body: Readable.from([answer.body]) }
        : answer
    },
    close: client.close,
  }
}

/** Only requests for credentials have one. */
const queryOf = async ({ query }: HttpRequest): Promise<string> => {
  if (Object.keys(query).length === 0) return ""
  const { buildQueryString } = await import("@smithy/core/protocols")
  return buildQueryString(query)
}
