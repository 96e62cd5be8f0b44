import { describe, expect, it } from "vitest"
import { createBatchQueue } from "./batch-queue.ts"

describe("createBatchQueue", () => {
  it("batches up to the limit, one batch at a time, and continues after a failed batch", async () => {
    const batches: (readonly number[])[] = []
    let running = 0
    const queue = createBatchQueue<number, number>(3, async (items) => {
      batches.push(items)
      running += 1
      expect(running).toBe(1)
      await Promise.resolve()
      running -= 1
      if (items.includes(4)) throw new TypeError("No fours.")
      return items.map((item) => ({ status: "fulfilled", value: item * 2 }))
    })
    const answers = await Promise.allSettled([1, 2, 3, 4, 5, 6, 7].map(queue.push))
    expect(batches).toEqual([[1, 2, 3], [4, 5, 6], [7]])
    expect(
      answers.map((answer) => (answer.status === "fulfilled" ? answer.value : "failed")),
    ).toEqual([2, 4, 6, "failed", "failed", "failed", 14])
    expect(await queue.push(8)).toBe(16)
  })

  it("rejects a single item whose result is rejected", async () => {
    const queue = createBatchQueue<number, number>(3, async (items) =>
      items.map((value) =>
        value === 2
          ? { status: "rejected", reason: new TypeError("No twos.") }
          : { status: "fulfilled", value },
      ),
    )
    const answers = await Promise.allSettled([1, 2, 3].map(queue.push))
    expect(answers.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"])
  })

  it("is idle after the last batch", async () => {
    const done: number[] = []
    const queue = createBatchQueue<number, undefined>(2, async (items) => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      done.push(...items)
      return items.map(() => ({ status: "fulfilled", value: undefined }))
    })
    await queue.idle()
    const pushed = Promise.all([1, 2, 3].map(queue.push))
    await queue.idle()
    expect(done).toEqual([1, 2, 3])
    await pushed
  })
})
