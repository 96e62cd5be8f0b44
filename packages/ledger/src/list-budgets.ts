import type { Budget, Cost, Limit, Scope } from "@pictor/core"
import { resetMs, scopeName, sumIn, type Tallies } from "@pictor/core/ledger"
import type { Engine } from "./engine.ts"
import { readBudgets } from "./load.ts"

export interface BudgetState {
  readonly budget: Budget
  readonly images: number
  readonly cost: Cost
  readonly reserved: Required<Limit>
  /**
   * ISO time; absent if the window is `total`. A rolling window without calls gives the time at
   * which spending of now would leave it.
   */
  readonly resetsAt?: string
}

export const listBudgets = async (
  engine: Engine,
  scope: Scope | undefined,
  nowMs: number,
): Promise<readonly BudgetState[]> => {
  const budgets = await readBudgets(engine, scope && scopeName(scope), nowMs)
  return [...budgets.values()]
    .flatMap((windows) => [...windows.values()])
    .map(({ budget, tallies }) => {
      const sums = sumIn(budget.window, tallies, nowMs)
      const endMs = resetOf(budget.window, tallies, nowMs)
      return {
        budget,
        images: sums.images,
        cost: {
          microUsd: sums.microUsd,
          maybeMicroUsd: sums.maybeMicroUsd,
          unpricedImages: sums.unpricedImages,
        },
        reserved: { microUsd: sums.reservedMicroUsd, images: sums.reservedImages },
        ...(Number.isFinite(endMs) && { resetsAt: new Date(endMs).toISOString() }),
      }
    })
}

const resetOf = (window: Budget["window"], tallies: Tallies, nowMs: number): number =>
  typeof window === "object" && tallies.size === 0
    ? nowMs + window.rollingMs
    : resetMs(window, tallies, nowMs)
