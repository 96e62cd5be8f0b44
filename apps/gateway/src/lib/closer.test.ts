import { expect, it } from "vitest"
import { createKeySpend } from "../http/key-spend.ts"
import { createCloser } from "./closer.ts"

it("closes everything once, last opened first, even if one fails", async () => {
  const order: string[] = []
  const closer = createCloser()
  closer.add("first", (name) => void order.push(name))
  closer.add("second", async () => Promise.reject(new Error("stuck")))
  closer.add("third", (name) => void order.push(name))
  await expect(closer.close()).rejects.toThrow("stuck")
  await closer.close()
  expect(order).toEqual(["third", "first"])
})

it("reads a key's spending now and then and adds costs in between", async () => {
  let nowMs = 0
  let inLedger = 40_000
  let reads = 0
  const spend = createKeySpend(
    async () => {
      reads += 1
      return inLedger
    },
    () => nowMs,
  )
  expect(await spend.add("key", 40_000)).toBe(40_000)
  expect(await spend.add("key", 60_000)).toBe(100_000)
  expect(await spend.add("other", 0)).toBe(40_000)
  expect(reads).toBe(2)
  inLedger = 500_000
  nowMs = 5_000
  expect(await spend.add("key", 10_000)).toBe(500_000)
})
