import { type Cost, formatUsd, ImageError } from "@pictor/core"

/** What one server has spent, and what its running requests may spend. */
export interface Budget {
  readonly spent: () => Cost
  readonly limitMicroUsd: number | undefined
  /** Throws if the request exceeds the budget. Returns what settles it. */
  readonly reserve: (estimate: Cost) => (cost: Cost) => void
}

const none: Cost = { microUsd: 0, maybeMicroUsd: 0, unpricedImages: 0 }

const add = (left: Cost, right: Cost): Cost => ({
  microUsd: left.microUsd + right.microUsd,
  maybeMicroUsd: left.maybeMicroUsd + right.maybeMicroUsd,
  unpricedImages: left.unpricedImages + right.unpricedImages,
})

const amountOf = ({ microUsd, maybeMicroUsd }: Cost): number => microUsd + maybeMicroUsd

export const createBudget = (limitMicroUsd: number | undefined): Budget => {
  let spent = none
  let reserved = 0
  return {
    spent: () => spent,
    limitMicroUsd,
    reserve: (estimate) => {
      const requested = amountOf(estimate)
      checkBudget(limitMicroUsd, amountOf(spent), reserved, estimate)
      reserved += requested
      return (cost) => {
        reserved -= requested
        spent = add(spent, cost)
      }
    },
  }
}

const usd = (microUsd: number): string => formatUsd({ ...none, microUsd })

const checkBudget = (
  limit: number | undefined,
  spent: number,
  reserved: number,
  estimate: Cost,
): void => {
  if (limit === undefined) return
  const requested = amountOf(estimate)
  if (estimate.unpricedImages > 0)
    throw new ImageError({
      code: "budget_exceeded",
      message:
        "The price of this request is unknown, and this server has a budget. Use a model with a known price.",
    })
  if (spent + reserved + requested > limit)
    throw new ImageError({
      code: "budget_exceeded",
      message: `Budget of this server exceeded: limit ${usd(limit)}, spent ${usd(spent)}, reserved ${usd(reserved)}, requested ${usd(requested)}. It resets when the server restarts.`,
      budget: { unit: "microUsd", limit, spent, reserved, requested },
    })
}
