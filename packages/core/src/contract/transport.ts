import type { BodyEncoding } from "./card.ts"
import type { HttpFamily } from "./http.ts"
import type { JsonObject } from "./request.ts"

/** A call that the provider has accepted and not yet answered. */
export interface Job {
  readonly id: string
  /** The URL to poll. */
  readonly url?: string
}

export interface TransportCall {
  /** The card's id. */
  readonly model: string
  /** The id that the provider is called with. */
  readonly modelId: string
  /** The region that the model string names. */
  readonly region?: string
  /** Sent as JSON, or as a form. A picture in a form is `{ base64, mediaType }`. */
  readonly body: JsonObject
  /** The path that the task's card names. */
  readonly endpoint?: string
  /** Default `json`. */
  readonly encoding?: BodyEncoding
  /** The family's wire, for transports of HTTP APIs. */
  readonly http?: HttpFamily
  /** Called with a job before it is polled, and awaited. A call with a job is never sent again. */
  readonly onSubmitted?: (job: Job) => Promise<void>
  /** Called with each event of a streamed reply. The last event is the reply. */
  readonly onEvent?: (event: unknown) => void
  /** The model is called by the streaming operation. */
  readonly streaming?: true
  readonly signal?: AbortSignal
  readonly timeoutMs?: number
  /** Computed from the ordered images. The transport stops reading a longer reply. */
  readonly maxReplyBytes?: number
}

export interface Reply {
  readonly body: Uint8Array | readonly Uint8Array[]
  readonly requestId?: string
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Result files that were fetched, by the body path of their URL: `"data.0.url"`. */
  readonly files?: Readonly<Record<string, Uint8Array>>
}

/** The call of a job that is resumed. */
export type ResumedCall = Pick<TransportCall, "model" | "modelId" | "region" | "http" | "signal">

/** What a transport reads from a model string that no card lists. */
export interface ParsedModel {
  /** Matched against the cards' ids, aliases and callable ids. */
  readonly id: string
  /** Called instead of the card's id. */
  readonly modelId?: string
  readonly region?: string
  /** The list prices do not apply to it. */
  readonly priced?: false
  /** Reported unless `modelId` is one of the card's callable ids. */
  readonly warning?: string
}

/** Sends calls to a provider. Failures are `ImageError`s. */
export interface Transport {
  readonly name: string
  /** The vendor, as ledgers and reports name it. Default: that of the family's `http`. */
  readonly provider?: string
  /** The largest request body that it sends. */
  readonly maxBodyBytes?: number
  invoke(call: TransportCall): Promise<Reply>
  /** Asks once for the result of a job that an earlier call submitted. */
  resume?(job: Job, call: ResumedCall): Promise<Reply | "running" | "lost">
  /** Cancels a job. `too-late`: it is, or may be, charged. */
  cancel?(job: Job, call: ResumedCall): Promise<"cancelled" | "too-late">
  parse?(model: string): ParsedModel | undefined
  /** The region that is called; `requested` is the one that the model string names. */
  region?(requested?: string): Promise<string | undefined>
  /** Checks region and credentials without a call. Throws an `ImageError` if one is missing. */
  check?(requested?: string): Promise<void>
  close?(): Promise<void>
}
