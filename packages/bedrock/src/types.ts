import type { HttpHandler, HttpRequest } from "@smithy/core/protocols"

/** A response as the SDK's request handlers return it. `body`: bytes, or a stream. */
export interface HttpAnswer {
  readonly statusCode: number
  readonly headers: Record<string, string>
  readonly body?: unknown
}

/**
 * What is known about one attempt. Decides after a failure whether the call may have been billed.
 */
export interface Attempt {
  /**
   * The SDK found the credentials and the endpoint, and passed the signed request to the handler.
   */
  signed: boolean
  /** Bytes of the request were, or may have been, written to a connected socket. */
  sent: boolean
  /** The signed request. */
  request?: HttpRequest
  /** An answer that is already here: the handler returns it instead of sending. */
  answer?: HttpAnswer
  /** What the ordered images can take. */
  readonly maxReplyBytes: number | undefined
  status?: number
  headers: Readonly<Record<string, string>>
}

type HandlerOptions = NonNullable<Parameters<HttpHandler["handle"]>[1]>

/** Options of an SDK call. The SDK passes them on to the request handler unchanged. */
export interface SendOptions extends HandlerOptions {
  readonly abortSignal: AbortSignal
  readonly attempt: Attempt
}

/** Is called while a request is sent. */
export interface SendObserver {
  readonly maxReplyBytes: number | undefined
  /** The request is about to be written to a connected socket. */
  sent(): void
  /** Status and headers have arrived. The body may follow. */
  answered(head: Pick<HttpAnswer, "statusCode" | "headers">): void
}
