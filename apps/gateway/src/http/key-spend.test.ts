import { expect, it } from "vitest"
import { createKeySpend } from "./key-spend.ts"

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

it("holds the spending of a bounded number of keys", async () => {
  let reads = 0
  const spend = createKeySpend(
    async () => (reads += 1),
    () => 0,
  )
  for (let index = 0; index < 10_001; index += 1) await spend.add(`key-${index}`, 0)
  expect(await spend.add("key-10000", 0)).toBe(10_001)
  await spend.add("key-0", 0)
  expect(reads).toBe(10_002)
})
