import { setTimeout as wait } from "node:timers/promises"

/** How an answer is sent. */
export type Delivery = {
  /** At once, in pieces with a pause after each, cut in the middle, or never. */
  readonly kind: "whole" | "pieces" | "cut" | "never"
  readonly waitMs: number
  readonly pauseMs: number
}

const pieceCount = 8

/** The body in one piece, or in several with a pause after each. The signal ends a pause. */
export async function* deliver(
  body: Uint8Array,
  { kind, pauseMs }: Pick<Delivery, "kind" | "pauseMs">,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  if (kind !== "pieces") {
    yield body
    return
  }
  const size = Math.max(1, Math.ceil(body.length / pieceCount))
  for (let offset = 0; offset < body.length; offset += size) {
    yield body.subarray(offset, offset + size)
    await pause(pauseMs, signal)
  }
}

export const pause = async (milliseconds: number, signal: AbortSignal): Promise<void> => {
  if (milliseconds > 0) await wait(milliseconds, undefined, { signal })
}

/** Never resolves. Rejects when the signal aborts. */
export const never = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const abort = (): void => reject(new Error("The answer was given up", { cause: signal.reason }))
    if (signal.aborted) abort()
    else signal.addEventListener("abort", abort, { once: true })
  })
