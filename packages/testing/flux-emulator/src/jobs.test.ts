import { manualClock } from "@pictor/emulator-kit"
import { describe, expect, it } from "vitest"
import { createJobTable, type Order } from "./jobs.ts"

const order: Order = {
  endpoint: "flux-2-pro",
  format: "jpeg",
  charge: { microUsd: 30_000, inputMegapixels: 0, outputMegapixels: 1 },
  seed: 1,
  fault: undefined,
  render: async () => Buffer.from("picture"),
}

const table = () => {
  const clock = manualClock()
  const options = { clock, pace: { jobMs: 1000 }, seed: 0, sampleMs: 5000 }
  return { clock, jobs: createJobTable(options) }
}

describe("createJobTable", () => {
  it("lets go of the pictures of expired results", () => {
    const { clock, jobs } = table()
    const [first, second] = [jobs.submit(order), jobs.submit({ ...order, endpoint: "flux-2-max" })]
    clock.advance(1000)
    jobs.status(first)
    clock.advance(4999)
    jobs.submit(order)
    expect(first.render).toBeDefined()
    clock.advance(1)
    jobs.submit(order)
    expect([first.render, second.render]).toEqual([undefined, order.render])
    expect(jobs.status(second)).toBe("Ready")
  })

  it("keeps the pictures of the latest thousand results", () => {
    const { jobs } = table()
    const all = Array.from({ length: 1001 }, () => jobs.submit(order))
    expect([all[0]?.render, all[1]?.render]).toEqual([undefined, order.render])
    expect(jobs.bill().entries).toHaveLength(1001)
  })
})
