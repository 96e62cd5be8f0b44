import { expect, it } from "vitest"
import { inTurn } from "./concurrency.ts"

it("has at most two pictures at work, in the order of their calls, after failures too", async () => {
  const started: number[] = []
  let working = 0
  let most = 0
  const results = await Promise.allSettled(
    Array.from({ length: 7 }, (_, index) =>
      inTurn(async () => {
        started.push(index)
        most = Math.max(most, ++working)
        await new Promise((resolve) => setTimeout(resolve, 1))
        working--
        if (index === 1) throw new Error("damaged")
        return index
      }),
    ),
  )
  expect([most, started]).toEqual([2, [0, 1, 2, 3, 4, 5, 6]])
  expect(results.map(({ status }) => status).filter((each) => each === "rejected")).toHaveLength(1)
})
