import type { HttpRequest } from "@smithy/core/protocols"
import type { Answer } from "./witness.ts"

/** What is known of one call on its way, for telling afterwards whether it may have been billed. */
export interface Attempt {
  /** The events of the reply are to be left to the SDK. */
  readonly streaming: boolean
  /** The SDK has signed it: credentials and endpoint were found. */
  handed: boolean
  /** It went, or may have gone, into a connected socket. */
  sent: boolean
  socketError?: Error
  /** What was signed and handed to the handler. */
  request?: HttpRequest
  /** Already there, for the SDK to read in place of sending. */
  answer?: Answer
  /** The body that the SDK reads events from. */
  events?: unknown
  status?: number
  headers: Readonly<Record<string, string>>
}

/** Attempts by the abort signal that the SDK hands to its request handler along with the request. */
export type Attempts = WeakMap<AbortSignal, Attempt>

export const createAttempt = (streaming: boolean): Attempt => ({
  streaming,
  handed: false,
  sent: false,
  headers: {},
})
