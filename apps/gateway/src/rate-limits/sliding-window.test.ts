import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { freeAtMs, giveBack, readWindow, use, type Window, writeWindow } from "./sliding-window.ts"

const startMs = Date.parse("2026-11-20T12:00:10.000Z")

const at = (text: string, nowMs: number): Window => readWindow(text, nowMs)

interface Made {
  readonly atMs: number
  readonly amount: number
}

/** What gets in of all that is asked, as the limit has it. */
const admittedOf = (
  asked: readonly { readonly waitMs: number; readonly amount: number }[],
  limit: number,
) => {
  let [text, nowMs] = ["[]", startMs]
  const [made, refused]: [Made[], (Made & { readonly freeAt: number })[]] = [[], []]
  for (const { waitMs, amount } of asked) {
    nowMs += waitMs
    const window = at(text, nowMs)
    const tooMuch = window.used + amount - limit
    if (tooMuch > 0) refused.push({ atMs: nowMs, amount, freeAt: freeAtMs(window, tooMuch) })
    else {
      made.push({ atMs: nowMs, amount })
      text = writeWindow(use(window, amount))
    }
  }
  return { made, refused, text }
}

const usedBetween = (made: readonly Made[], fromMs: number, toMs: number): number =>
  made
    .filter(({ atMs }) => atMs > fromMs && atMs <= toMs)
    .reduce((sum, { amount }) => sum + amount, 0)

const limit = 10
const wait = fc.oneof(fc.nat(900), fc.nat(20_000), fc.integer({ min: 57_000, max: 61_000 }))
const amounts = fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: limit }))
const asked = fc.array(fc.record({ waitMs: wait, amount: amounts }), {
  maxLength: 200,
  size: "max",
})

describe("a window of a minute", () => {
  it("never lets more through in any minute than the limit, and refuses nothing that a minute and a second have room for", () => {
    fc.assert(
      fc.property(asked, (requests) => {
        const { made, refused } = admittedOf(requests, limit)
        for (const { atMs } of made)
          expect(usedBetween(made, atMs - 60_000, atMs)).toBeLessThanOrEqual(limit)
        for (const { atMs, amount } of refused)
          expect(usedBetween(made, atMs - 61_000, atMs) + amount).toBeGreaterThan(limit)
      }),
      { seed: 20_261_120, numRuns: 300 },
    )
  })

  it("has room when it says so, and not before", () => {
    fc.assert(
      fc.property(asked, fc.integer({ min: 1, max: limit }), (requests, amount) => {
        const { text, made } = admittedOf(requests, limit)
        const window = at(text, made.at(-1)?.atMs ?? startMs)
        const tooMuch = window.used + amount - limit
        if (tooMuch <= 0) return
        const freeAt = freeAtMs(window, tooMuch)
        expect(at(text, freeAt).used + amount).toBeLessThanOrEqual(limit)
        expect(at(text, freeAt - 1).used + amount).toBeGreaterThan(limit)
      }),
      { seed: 20_261_120, numRuns: 300 },
    )
  })

  it("has one entry for a second at most, so that a busy limit stays small", () => {
    const requests = Array.from({ length: 10_000 }, () => ({ waitMs: 13, amount: 1 }))
    const { text } = admittedOf(requests, 1_000_000)
    expect(text.length).toBeLessThan(62 * 20)
    expect(at(text, startMs + 130_000).used).toBeGreaterThan(4600)
  })

  it("gives back no more than was used at that time", () => {
    const window = use(at("[]", startMs), 4)
    expect(giveBack(window, startMs, 3).used).toBe(1)
    expect(giveBack(window, startMs, 9).uses).toEqual([])
    expect(giveBack(window, startMs - 5000, 3).used).toBe(4)
  })
})
