import type { Account, ImageError, ImageOps, ImageResult, ImageStore, Pictor } from "@pictor/core"

/** A model as callers name it. */
export interface PublicModel {
  /** What a request says in `model`, and what the client is asked for. */
  readonly id: string
  /** What `pictor.model()` knows it by. Default: the id. */
  readonly model?: string
  /** Answered to and not listed: a further name of a model that is. */
  readonly hidden?: boolean
}

/** How much of a request is taken in. */
export interface Limits {
  /** Bytes of a whole body. Default 64 MiB. */
  readonly bodyBytes: number
  /** Bytes of one image that comes in. Default 50 MB, as OpenAI's. */
  readonly imageBytes: number
  /** Images that come in with one request. Default 16, as OpenAI's. */
  readonly images: number
}

export interface OpenaiHttpOptions {
  readonly pictor: Pictor
  /** Where images lie that are answered as URLs. Without it `response_format: "url"` is refused. */
  readonly store?: ImageStore
  /** What brings OpenAI's masks to Pictor's: `sharpImages()` of `@pictor/images`. Without it `mask` is refused. It also says how large a picture may unpack. */
  readonly images?: Pick<ImageOps, "inspect" | "alphaToMask">
  /** What stands before the routes' paths, `"/api"`. Default: nothing. */
  readonly basePath?: string
  /** Default: every model of the client's adapters. */
  readonly models?: () => readonly PublicModel[]
  readonly limits?: Partial<Limits>
  /** Brings an image that a request names by its URL. Without it such a URL is refused. Throws an `ImageError` for one that may not be fetched. */
  readonly fetchImage?: (url: URL, signal: AbortSignal | undefined) => Promise<Uint8Array>
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number
}

/** What the host knows of a request. */
export interface RequestContext {
  readonly account?: Account
  readonly tags?: Readonly<Record<string, string>>
  /** May the caller use the model of this name? Default: any. What it may not use, it does not see. */
  readonly mayUse?: (model: string) => boolean
  /** What the caller's own name for a model stands for among the models. Default: itself. */
  readonly nameOf?: (model: string) => string
  /** The request's body, where the host has read it already; the request itself is not read then. */
  readonly body?: Uint8Array
  /** Ends the request when the caller goes away. Default: the request's own signal. */
  readonly signal?: AbortSignal
  readonly timeoutMs?: number
  /** Told how often a request asks to be retried, before it is made. Without it `num_retries` is refused. */
  readonly onRetries?: (retries: number) => void
  /** Answered as `x-request-id`. Default: drawn. */
  readonly requestId?: string
}

/** A request as far as it is read. A `Request` is one; a host that reads bodies itself need not make one. */
export interface Asking extends Partial<Pick<Request, "body" | "bodyUsed" | "signal">> {
  readonly method: string
  /** Whole, as a `Request` has it: `http://localhost/v1/models`. */
  readonly url: string
  /** By names in lower case. */
  readonly headers: Pick<Headers, "get">
}

/** An answer whose images are still the bytes of the provider's reply. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** To be written in this order and never altered. */
  readonly parts: readonly Uint8Array[] | AsyncIterable<Uint8Array>
  /** What was made, for the host's own accounts. */
  readonly result?: ImageResult
  /** Also beside a 200: the time was up before all of its images were made. */
  readonly error?: ImageError
  /** Of parts that come piece by piece: what was made in the end. Never rejects. */
  readonly ended?: Promise<Pick<Answer, "result" | "error">>
}

export interface OpenaiHttp {
  /** Never throws: every failure is an answer in OpenAI's envelope. */
  respond(request: Asking, context?: RequestContext): Promise<Answer>
  fetch(request: Request, context?: RequestContext): Promise<Response>
}
