import type { TransportCall } from "@pictor/core/adapter"
import { toImageError } from "./errors.ts"
import type { Attempt, SendOptions } from "./types.ts"

export const createAttempt = (maxReplyBytes?: number): Attempt => ({
  signed: false,
  sent: false,
  maxReplyBytes,
  headers: {},
})

interface AttemptTarget {
  readonly call: Pick<TransportCall, "model" | "modelId" | "signal" | "timeoutMs" | "maxReplyBytes">
  readonly region: string
  /** The transport's time limit. The call's own limit applies if it is smaller. */
  readonly limitMs: number
}

/**
 * Runs one attempt under the caller's signal and the time limit, and ends with them even if a step
 * ignores its signal. Throws only `ImageError`.
 */
export const runAttempt = async <Out>(
  { call, region, limitMs }: AttemptTarget,
  step: (options: SendOptions) => Promise<Out>,
): Promise<Out> => {
  const attempt = createAttempt(call.maxReplyBytes)
  const fail = (error: unknown, ended?: "aborted" | "timeout"): never => {
    throw toImageError(error, { call, region, attempt, now: Date.now(), ...(ended && { ended }) })
  }
  if (call.signal?.aborted) return fail(undefined, "aborted")
  const controller = new AbortController()
  const { promise: stopped, reject } = Promise.withResolvers<never>()
  let ended: "aborted" | "timeout" | undefined
  const end = (reason: "aborted" | "timeout"): void => {
    ended ??= reason
    reject(new Error("The attempt ended before a reply"))
    controller.abort()
  }
  const abort = (): void => end("aborted")
  const timeoutMs = Math.min(call.timeoutMs ?? Number.POSITIVE_INFINITY, limitMs)
  const timer = setTimeout(() => end("timeout"), timeoutMs)
  call.signal?.addEventListener("abort", abort, { once: true })
  try {
    return await Promise.race([step({ abortSignal: controller.signal, attempt }), stopped])
  } catch (error) {
    return fail(error, ended)
  } finally {
    clearTimeout(timer)
    call.signal?.removeEventListener("abort", abort)
  }
}
