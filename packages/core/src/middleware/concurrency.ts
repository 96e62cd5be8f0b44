import { ImageError } from "../contract/errors.ts"
import type { Middleware } from "../contract/middleware.ts"

interface Slots {
  free: number
  readonly waiting: (() => void)[]
}

const stopped = ({ reason }: AbortSignal): ImageError =>
  new ImageError({
    code: "aborted",
    message: "The request was stopped while its call waited for a free slot. Nothing was sent.",
    cause: reason,
  })

const acquire = (slots: Slots, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(stopped(signal))
      return
    }
    if (slots.free > 0) {
      slots.free--
      resolve()
      return
    }
    const leave = (): void => {
      slots.waiting.splice(slots.waiting.indexOf(start), 1)
      reject(stopped(signal))
    }
    const start = (): void => {
      signal.removeEventListener("abort", leave)
      resolve()
    }
    slots.waiting.push(start)
    signal.addEventListener("abort", leave, { once: true })
  })

/** Limits the calls to each model that run at the same time; further calls wait. */
export const concurrency = (limit: number): Middleware => {
  if (!Number.isInteger(limit) || limit < 1)
    throw new ImageError({
      code: "invalid_request",
      message: "concurrency(limit): limit must be a whole number from 1.",
    })
  const byModel = new Map<string, Slots>()
  return {
    name: "concurrency",
    call: async (attempt, next) => {
      const slots = byModel.get(attempt.call.model) ?? { free: limit, waiting: [] }
      byModel.set(attempt.call.model, slots)
      await acquire(slots, attempt.signal)
      try {
        return await next(attempt)
      } finally {
        const first = slots.waiting.shift()
        if (first) first()
        else slots.free++
      }
    },
  }
}
