import { expect, it } from "vitest"
import { createSpend } from "../http/key-spend.ts"
import { createClosing } from "./closer.ts"

it("closes the last opened first, once, and all of it though something fails", async () => {
  const order: string[] = []
  const closing = createClosing()
  closing.add("first", (name) => void order.push(name))
  closing.add("second", async () => Promise.reject(new Error("stuck")))
  closing.add("third", (name) => void order.push(name))
  await expect(closing.close()).rejects.toThrow("stuck")
  await closing.close()
  expect(order).toEqual(["third", "first"])
})

it("asks what a key has spent now and then, and counts along in between", async () => {
  let nowMs = 0
  let inLedger = 40_000
  let reads = 0
  const spend = createSpend(
    async () => {
      reads += 1
      return inLedger
    },
    () => nowMs,
  )
  expect(await spend.of("key", 40_000)).toBe(40_000)
  expect(await spend.of("key", 60_000)).toBe(100_000)
  expect(await spend.of("other", 0)).toBe(40_000)
  expect(reads).toBe(2)
  inLedger = 500_000
  nowMs = 5_000
  expect(await spend.of("key", 10_000)).toBe(500_000)
})
