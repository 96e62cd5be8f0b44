import type { Answer } from "@pictor/openai-http"
import type { GatewayCall } from "../types.ts"

/** One request from outside, as logs and metrics tell of it. */
export interface Visit {
  readonly id: string
  readonly method: string
  /** Out of a short list. */
  readonly route: string
  readonly startedMs: number
  /** It has an idempotency key: others may be given what was made for it. */
  readonly isRepeatable: boolean
  /** Where the caller was let in. */
  call?: GatewayCall
  answer?: Answer
  /** Bytes of bodies. */
  bytesIn: number
  bytesOut: number
}

/** How it ended. */
export interface VisitEnd {
  /** 499 where the caller went away before its answer. */
  readonly status: number
  readonly durationMs: number
}

const callId = /^[\w.:-]{1,128}$/

/** The id that the caller gave, where it can be written into headers and logs; else a drawn one. */
export const visitId = (given: unknown, draw: () => string): string =>
  typeof given === "string" && callId.test(given) ? given : draw()

/** The part of a visit that was the gateway's own: without the time in which a provider worked. */
export const overheadMs = ({ call }: Visit, durationMs: number): number =>
  Math.max(0, durationMs - (call?.providerMs ?? 0))
