import type { JsonObject } from "./request.ts"

export interface TransportCall {
  /** The card's id. */
  readonly model: string
  /** What the provider is called with. */
  readonly modelId: string
  /** Where the model string or ARN says so. */
  readonly region?: string
  /** Sent as JSON. */
  readonly body: JsonObject
  /** The model's page names the streaming call. */
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

/** What a transport reads out of a model string that no card knows. */
export interface ParsedModel {
  /** Looked up among the cards' ids, aliases and profiles. */
  readonly id: string
  /** Called in place of the card's id. */
  readonly modelId?: string
  readonly region?: string
  /** The provider's list prices do not hold for it. */
  readonly priced?: false
  /** Shown unless the card lists `modelId` among its profiles. */
  readonly warning?: string
}

/** The way to a provider: bytes out, bytes in. Failures are `ImageError`s. */
export interface Transport {
  readonly name: string
  /** The largest request body. */
  readonly maxBodyBytes?: number
  invoke(call: TransportCall): Promise<Reply>
  parse?(model: string): ParsedModel | undefined
  /** The region that a call is made to; `asked` is what the model string says. */
  region?(asked?: string): Promise<string | undefined>
  /** Can calls be made as far as is known without one: are there a region and credentials? Costs nothing; throws an `ImageError` where they are missing. */
  check?(asked?: string): Promise<void>
  close?(): Promise<void>
}
