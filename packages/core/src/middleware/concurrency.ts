import { ImageError } from "../contract/errors.ts"
import type { Middleware } from "../contract/middleware.ts"

interface Gate {
  free: number
  readonly waiting: (() => void)[]
}

const stopped = ({ reason }: AbortSignal): ImageError =>
  new ImageError({
    code: "aborted",
    message: "The request was stopped while it waited for its turn; nothing was sent.",
    cause: reason,
  })

const enter = (gate: Gate, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(stopped(signal))
      return
    }
    if (gate.free > 0) {
      gate.free--
      resolve()
      return
    }
    const leave = (): void => {
      gate.waiting.splice(gate.waiting.indexOf(go), 1)
      reject(stopped(signal))
    }
    const go = (): void => {
      signal.removeEventListener("abort", leave)
      resolve()
    }
    gate.waiting.push(go)
    signal.addEventListener("abort", leave, { once: true })
  })

/** At most so many calls at a time to each model; the others wait their turn. Throws where `limit` is no whole number from 1. */
export const concurrency = (limit: number): Middleware => {
  if (!Number.isInteger(limit) || limit < 1)
    throw new ImageError({
      code: "invalid_request",
      message: "concurrency(limit) takes a whole number from 1: how many calls at a time.",
    })
  const gates = new Map<string, Gate>()
  return {
    name: "concurrency",
    call: async (attempt, next) => {
      const gate = gates.get(attempt.call.model) ?? { free: limit, waiting: [] }
      gates.set(attempt.call.model, gate)
      await enter(gate, attempt.signal)
      try {
        return await next(attempt)
      } finally {
        const first = gate.waiting.shift()
        if (first) first()
        else gate.free++
      }
    },
  }
}
