import type { Model } from "./models.ts"
import { microUsd, type Usage } from "./usage.ts"

/** The charge for one call. */
export type BillEntry = {
  readonly modelId: string
  readonly responseId: string
  readonly usage: Usage
  readonly microUsd: number
}

export type Bill = {
  /** The sum of all calls so far, in micro-USD. */
  readonly microUsd: number
  /** The latest calls; `keepRequests` limits their number. */
  readonly entries: readonly BillEntry[]
}

export type Account = {
  readonly bill: () => Bill
  readonly charge: (model: Model, responseId: string, usage: Usage) => void
}

export const createAccount = (keep: number): Account => {
  const entries: BillEntry[] = []
  let sum = 0
  return {
    bill: () => ({ microUsd: sum, entries: [...entries] }),
    charge: (model, responseId, usage) => {
      const cost = microUsd(model, usage)
      sum += cost
      entries.push({ modelId: model.id, responseId, usage, microUsd: cost })
      if (entries.length > keep) entries.shift()
    },
  }
}
