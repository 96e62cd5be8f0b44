import { describe, expect, it } from "vitest"
import { manualClock } from "./clock.ts"

describe("manualClock", () => {
  it("stands still until it is advanced", () => {
    const clock = manualClock(1000)
    expect([clock.now(), clock.now()]).toEqual([1000, 1000])
    clock.advance(250)
    expect(clock.now()).toBe(1250)
  })
})
