import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { freeAtMs, giveBack, readWindow, use, type Window, writeWindow } from "./store.ts"

const startMs = Date.parse("2026-11-20T12:00:10.000Z")

const at = (text: string, nowMs: number): Window => readWindow(text, nowMs)

interface Admitted {
  readonly atMs: number
  readonly amount: number
}

/** The requests that the limit admits and rejects. */
const admittedOf = (
  requested: readonly { readonly waitMs: number; readonly amount: number }[],
  limit: number,
) => {
  let [text, nowMs] = ["[]", startMs]
  const [admitted, rejected]: [Admitted[], (Admitted & { readonly freeAt: number })[]] = [[], []]
  for (const { waitMs, amount } of requested) {
    nowMs += waitMs
    const window = at(text, nowMs)
    const tooMuch = window.used + amount - limit
    if (tooMuch > 0) rejected.push({ atMs: nowMs, amount, freeAt: freeAtMs(window, tooMuch) })
    else {
      admitted.push({ atMs: nowMs, amount })
      text = writeWindow(use(window, amount))
    }
  }
  return { admitted, rejected, text }
}

const usedBetween = (admitted: readonly Admitted[], fromMs: number, toMs: number): number =>
  admitted
    .filter(({ atMs }) => atMs > fromMs && atMs <= toMs)
    .reduce((sum, { amount }) => sum + amount, 0)

const limit = 10
const wait = fc.oneof(fc.nat(900), fc.nat(20_000), fc.integer({ min: 57_000, max: 61_000 }))
const amounts = fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: limit }))
const requested = fc.array(fc.record({ waitMs: wait, amount: amounts }), {
  maxLength: 200,
  size: "max",
})

describe("the window of a minute", () => {
  it("admits at most the limit in any minute, and rejects nothing that fits into a minute and a second", () => {
    fc.assert(
      fc.property(requested, (requests) => {
        const { admitted, rejected } = admittedOf(requests, limit)
        for (const { atMs } of admitted)
          expect(usedBetween(admitted, atMs - 60_000, atMs)).toBeLessThanOrEqual(limit)
        for (const { atMs, amount } of rejected)
          expect(usedBetween(admitted, atMs - 61_000, atMs) + amount).toBeGreaterThan(limit)
      }),
      { seed: 20_261_120, numRuns: 300 },
    )
  })

  it("has room at freeAtMs and not before", () => {
    fc.assert(
      fc.property(requested, fc.integer({ min: 1, max: limit }), (requests, amount) => {
        const { text, admitted } = admittedOf(requests, limit)
        const window = at(text, admitted.at(-1)?.atMs ?? startMs)
        const tooMuch = window.used + amount - limit
        if (tooMuch <= 0) return
        const freeAt = freeAtMs(window, tooMuch)
        expect(at(text, freeAt).used + amount).toBeLessThanOrEqual(limit)
        expect(at(text, freeAt - 1).used + amount).toBeGreaterThan(limit)
      }),
      { seed: 20_261_120, numRuns: 300 },
    )
  })

  it("has at most one entry for each second", () => {
    const requests = Array.from({ length: 10_000 }, () => ({ waitMs: 13, amount: 1 }))
    const { text } = admittedOf(requests, 1_000_000)
    expect(text.length).toBeLessThan(62 * 20)
    expect(at(text, startMs + 130_000).used).toBeGreaterThan(4600)
  })

  it("gives back at most what was used in that second", () => {
    const window = use(at("[]", startMs), 4)
    expect(giveBack(window, startMs, 3).used).toBe(1)
    expect(giveBack(window, startMs, 9).uses).toEqual([])
    expect(giveBack(window, startMs - 5000, 3).used).toBe(4)
  })
})
