import type { JsonObject } from "./request.ts"

export interface TransportCall {
  /** The card's id. */
  readonly model: string
  /** The id that the provider is called with. */
  readonly modelId: string
  /** The region that the model string names. */
  readonly region?: string
  /** Sent as JSON. */
  readonly body: JsonObject
  /** The model is called by the streaming operation. */
  readonly streaming?: true
  readonly signal?: AbortSignal
  readonly timeoutMs?: number
}

export interface Reply {
  readonly body: Uint8Array | readonly Uint8Array[]
  readonly requestId?: string
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
}

/** What a transport reads from a model string that no card lists. */
export interface ParsedModel {
  /** Matched against the cards' ids, aliases and profiles. */
  readonly id: string
  /** Called instead of the card's id. */
  readonly modelId?: string
  readonly region?: string
  /** The list prices do not apply to it. */
  readonly priced?: false
  /** Reported unless the card lists `modelId` among its profiles. */
  readonly warning?: string
}

/** Sends calls to a provider. Failures are `ImageError`s. */
export interface Transport {
  readonly name: string
  /** The largest request body that it sends. */
  readonly maxBodyBytes?: number
  invoke(call: TransportCall): Promise<Reply>
  parse?(model: string): ParsedModel | undefined
  /** The region that is called; `requested` is the one that the model string names. */
  region?(requested?: string): Promise<string | undefined>
  /** Checks region and credentials without a call. Throws an `ImageError` if one is missing. */
  check?(requested?: string): Promise<void>
  close?(): Promise<void>
}
