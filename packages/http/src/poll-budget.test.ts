import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { createPollBudget } from "./poll-budget.ts"

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const ask = (budget: ReturnType<typeof createPollBudget>, names: readonly string[]) => {
  const turns: string[] = []
  const controllers = names.map((name) => {
    const controller = new AbortController()
    budget.turn(controller.signal).then(
      () => turns.push(name),
      () => turns.push(`not ${name}`),
    )
    return controller
  })
  return { turns, controllers }
}

describe("createPollBudget", () => {
  it("spaces turns evenly, in the order in which they are asked for", async () => {
    const { turns } = ask(createPollBudget(10), ["a", "b", "c"])
    await vi.advanceTimersByTimeAsync(0)
    expect(turns).toEqual(["a"])
    await vi.advanceTimersByTimeAsync(99)
    expect(turns).toEqual(["a"])
    await vi.advanceTimersByTimeAsync(101)
    expect(turns).toEqual(["a", "b", "c"])
  })

  it("gives the turn of one that leaves to the next", async () => {
    const { turns, controllers } = ask(createPollBudget(10), ["a", "b", "c"])
    controllers[1]?.abort()
    await vi.advanceTimersByTimeAsync(100)
    expect(turns).toEqual(["a", "not b", "c"])
  })

  it("keeps the space to a turn that is asked for later", async () => {
    const budget = createPollBudget(10)
    ask(budget, ["a"])
    await vi.advanceTimersByTimeAsync(60)
    const { turns } = ask(budget, ["b"])
    await vi.advanceTimersByTimeAsync(39)
    expect(turns).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(turns).toEqual(["b"])
    await vi.advanceTimersByTimeAsync(1000)
    expect(vi.getTimerCount()).toBe(0)
  })
})
