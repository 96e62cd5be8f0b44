import type {
  Account,
  ImageError,
  ImageOps,
  ImageResult,
  ImageStore,
  JsonObject,
  Pictor,
} from "@pictor/core"

/** A model under the name that clients of the API use. */
export interface PublicModel {
  /** The value of `model` in a request. It is passed to `pictor.generate()` unchanged. */
  readonly id: string
  /** The name that `pictor.model()` takes. Default: `id`. */
  readonly model?: string
  /** Accepted in requests, but not listed. For further names of a listed model. */
  readonly hidden?: boolean
  /** The vendor, in `owned_by`. Default: the part of the card's id before its first dot. */
  readonly ownedBy?: string
  /** Fields of the API, with what a request gets that leaves them out. */
  readonly defaults?: JsonObject
}

export interface Limits {
  /** Bytes of the whole body. Default 64 MiB. */
  readonly bodyBytes: number
  /** Bytes of one input image. Default 50 MB, as OpenAI's. */
  readonly imageBytes: number
  /** Input images per request. Default 16, as OpenAI's. */
  readonly images: number
}

export interface OpenaiHttpOptions {
  readonly pictor: Pictor
  /** Stores images for `response_format: "url"`. Without it that value is rejected. */
  readonly imageStore?: ImageStore
  /** Converts `mask`: `sharpImages()` of `@pictor/images`. Without it `mask` is rejected. */
  readonly imageOps?: Pick<
    ImageOps,
    "maxInputPixels" | "inspect" | "alphaToMask" | "isBlackAndWhite" | "hasHole"
  >
  /** Prefix of all routes, such as `"/api"`. Default: none. */
  readonly basePath?: string
  /** Default: every model of the client's adapters. */
  readonly models?: () => readonly PublicModel[]
  readonly limits?: Partial<Limits>
  /**
   * Downloads an input image that a request names by URL. Without it such URLs are rejected. Throw
   * an `ImageError` for a URL that may not be fetched.
   */
  readonly fetchImage?: (url: URL, signal: AbortSignal | undefined) => Promise<Uint8Array>
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number
}

/** What the host knows about a request. */
export interface RequestContext {
  readonly account?: Account
  readonly tags?: Readonly<Record<string, string>>
  /** Replaces the model of the request, which is reported as a change. */
  readonly model?: string
  /** Whether the client may use a model. Default: every model. Other models stay invisible. */
  readonly mayUse?: (model: string) => boolean
  /** Resolves the client's own alias of a model. Default: no aliases. */
  readonly resolveAlias?: (model: string) => string
  /** The request body, if the host has read it already. `request.body` is then not read. */
  readonly body?: Uint8Array
  /** Cancels the request, for example when the client disconnects. Default: `request.signal`. */
  readonly signal?: AbortSignal
  readonly timeoutMs?: number
  /** Receives `num_retries` before generation starts. Without it `num_retries` is rejected. */
  readonly onRetries?: (retries: number) => void
  /**
   * Receives the models to use if the requested one fails, none for `disable_fallbacks`, before
   * generation starts. Without it the fields have no effect, which is reported.
   */
  readonly onFallbacks?: (models: readonly string[]) => void
  /** Sent as `x-request-id`. Default: random. */
  readonly requestId?: string
}

/** The parts of a request that the bridge reads. A `Request` fits. */
export interface HttpRequest extends Partial<Pick<Request, "body" | "bodyUsed" | "signal">> {
  readonly method: string
  /** The absolute URL: `http://localhost/v1/models`. */
  readonly url: string
  /** `get` receives names in lower case. */
  readonly headers: Pick<Headers, "get">
}

/** A response whose images are still the bytes of the provider's reply. */
export interface HttpResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** The body. Write the parts in this order and do not modify them. */
  readonly parts: readonly Uint8Array[] | AsyncIterable<Uint8Array>
  /** The result, for the host's own accounting. */
  readonly result?: ImageResult
  /** Also set on a 200 whose time limit passed before all images were ready. */
  readonly error?: ImageError
  /** Set while `parts` are still being produced: the final result. Never rejects. */
  readonly ended?: Promise<Pick<HttpResponse, "result" | "error">>
}

export interface OpenaiHttp {
  /** Never throws: every failure becomes a response in OpenAI's error envelope. */
  respond(request: HttpRequest, context?: RequestContext): Promise<HttpResponse>
  fetch(request: Request, context?: RequestContext): Promise<Response>
}
