import { ImageError } from "./errors.ts"
import type { Middleware } from "./ports.ts"

interface Gate {
  free: number
  readonly waiting: (() => void)[]
}

const enter = (gate: Gate, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    if (gate.free > 0) {
      gate.free--
      resolve()
      return
    }
    const leave = (): void => {
      gate.waiting.splice(gate.waiting.indexOf(go), 1)
      reject(
        new ImageError({ code: "aborted", message: "The request was stopped while it waited for its turn; nothing was sent.", cause: signal.reason }),
      )
    }
    const go = (): void => {
      signal.removeEventListener("abort", leave)
      resolve()
    }
    gate.waiting.push(go)
    signal.addEventListener("abort", leave, { once: true })
  })

/** At most so many calls at a time to each model; the others wait their turn. */
export const concurrency = (limit: number): Middleware => {
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
