import type { Reservation } from "@pictor/core/ledger"
import { describe, expect, it } from "vitest"
import { runs } from "../../core/src/__fixtures__/scale.ts"
import { compareSums } from "./__fixtures__/inspect.ts"
import { usePlaces } from "./__fixtures__/places.ts"
import { seeded } from "./__fixtures__/seeded.ts"
import { openLedger } from "./open-ledger.ts"

const places = usePlaces()

const known = (microUsd: number) => ({ microUsd, maybeMicroUsd: 0, unpricedImages: 0 })

const rowsOf = (microUsd: readonly number[]): Reservation["rows"] =>
  microUsd.map((each) => ({
    model: "model-a",
    task: "text-to-image",
    images: 1,
    cost: known(each),
  }))

/** Takes seconds, or minutes on a busy machine. */
const timeoutMs = 180_000

/** Calls of one reservation. */
const width = 500

describe("a million random charges", () => {
  for (const [name, place] of places.all)
    it(
      `add up exactly and use the budget to the last micro-USD, on ${name}`,
      async () => {
        const random = seeded(20_261_120)
        const url = await place()
        const ledger = await openLedger(url)
        await ledger.setBudget({
          scope: { everything: true },
          window: "total",
          hard: { microUsd: Number.MAX_SAFE_INTEGER },
        })
        let [charged, delivered] = [0n, 0]
        for (let calls = 0; calls < runs(1_000_000); calls += width) {
          const prices = Array.from({ length: width }, () => Math.floor(random() * 1_000_000))
          const { ids } = await ledger.reserve({
            rows: rowsOf(prices),
            account: { team: `team-${calls % 7}` },
          })
          await Promise.all(
            ids.map(async (id, index) => {
              // A charge may exceed the estimate.
              const [microUsd, images] = [
                Math.floor(random() * 1.2 * (prices[index] ?? 0)),
                Math.floor(random() * 3),
              ]
              charged += BigInt(microUsd)
              delivered += images
              await ledger.settle(id, { cost: known(microUsd), delivered: images })
            }),
          )
        }
        const microUsd = Number(charged)
        expect(await ledger.spend()).toMatchObject([
          { microUsd, images: delivered, maybeMicroUsd: 0, unpricedImages: 0 },
        ])
        const byTeam = await ledger.spend({ by: ["team"] })
        expect(byTeam.reduce((sum, row) => sum + BigInt(row.microUsd), 0n)).toBe(charged)
        const { calls, tallies } = await compareSums(url)
        expect(tallies).toEqual([calls, calls])
        const budget = { scope: { everything: true }, window: "total" } as const
        await ledger.setBudget({ ...budget, hard: { microUsd: microUsd + 100 } })
        await expect(ledger.reserve({ rows: rowsOf([101]) })).rejects.toMatchObject({
          code: "budget_exceeded",
        })
        await expect(ledger.reserve({ rows: rowsOf([100]) })).resolves.toBeDefined()
        await ledger.close()
      },
      timeoutMs,
    )
})
