import { beforeEach, describe, expect, it } from "vitest"
import type { Ledger, SpendQuery } from "../contract/ledger.ts"
import { type CreateLedger, known, order, reserveOne, rowsOf, unknown } from "./ledger-orders.ts"

const firstMs = Date.parse("2026-11-30T22:00:00.000Z")

const lastMs = Date.parse("2026-12-01T02:00:00.000Z")

const fill = async (ledger: Ledger, goTo: (timeMs: number) => void): Promise<void> => {
  const ann = { account: { key: "k1", user: "ann", team: "red" }, tags: { project: "x" } }
  goTo(firstMs)
  await ledger.settle(await reserveOne(ledger, order(2, ann)), { cost: known(20), delivered: 2 })
  await ledger.hold(
    await reserveOne(ledger, order(1, { account: { key: "k2" }, tags: { project: "y" } })),
  )
  goTo(lastMs)
  await ledger.settle(await reserveOne(ledger, { ...ann, rows: rowsOf(unknown(1)) }), {
    cost: unknown(1),
    delivered: 1,
  })
  await ledger.release(await reserveOne(ledger, order(1)))
  await ledger.reserve({
    rows: rowsOf(known(5)).map((row) => ({ ...row, model: "model-b", task: "inpaint" as const })),
  })
}

const sums = (calls: number, images = 0, microUsd = 0, maybeMicroUsd = 0, unpricedImages = 0) => ({
  calls,
  images,
  microUsd,
  maybeMicroUsd,
  unpricedImages,
})

const all = sums(5, 4, 20, 10, 1)

const november = sums(2, 3, 20, 10)

const december = sums(3, 1, 0, 0, 1)

const cases: readonly (readonly [SpendQuery, readonly object[]])[] = [
  [{}, [{ group: {}, ...all }]],
  [
    { by: ["model"] },
    [
      { group: { model: "model-a" }, ...sums(4, 4, 20, 10, 1) },
      { group: { model: "model-b" }, ...sums(1) },
    ],
  ],
  [
    { by: ["task"] },
    [
      { group: { task: "inpaint" }, ...sums(1) },
      { group: { task: "text-to-image" }, ...sums(4, 4, 20, 10, 1) },
    ],
  ],
  [
    { by: ["day"] },
    [
      { group: { day: "2026-11-30" }, ...november },
      { group: { day: "2026-12-01" }, ...december },
    ],
  ],
  [
    { by: ["month"] },
    [
      { group: { month: "2026-11" }, ...november },
      { group: { month: "2026-12" }, ...december },
    ],
  ],
  [
    { by: ["key"] },
    [
      { group: {}, ...sums(2) },
      { group: { key: "k1" }, ...sums(2, 3, 20, 0, 1) },
      { group: { key: "k2" }, ...sums(1, 1, 0, 10) },
    ],
  ],
  [
    { by: ["user"] },
    [
      { group: {}, ...sums(3, 1, 0, 10) },
      { group: { user: "ann" }, ...sums(2, 3, 20, 0, 1) },
    ],
  ],
  [
    { by: ["team"] },
    [
      { group: {}, ...sums(3, 1, 0, 10) },
      { group: { team: "red" }, ...sums(2, 3, 20, 0, 1) },
    ],
  ],
  [
    { by: ["state"] },
    [
      { group: { state: "held" }, ...sums(1, 1, 0, 10) },
      { group: { state: "released" }, ...sums(1) },
      { group: { state: "reserved" }, ...sums(1) },
      { group: { state: "settled" }, ...sums(2, 3, 20, 0, 1) },
    ],
  ],
  [
    { by: ["tag:project", "month"], to: "2026-12-01" },
    [
      { group: { "tag:project": "x", month: "2026-11" }, ...sums(1, 2, 20) },
      { group: { "tag:project": "y", month: "2026-11" }, ...sums(1, 1, 0, 10) },
    ],
  ],
  [{ by: ["tag:other"] }, [{ group: {}, ...all }]],
  [{ from: "2026-12-01T02:00:00.000Z" }, [{ group: {}, ...december }]],
  [{ to: "2026-12-01T02:00:00.000Z" }, [{ group: {}, ...november }]],
  [{ from: "2026-11-30T22:00:00.000Z", to: "2026-12-01T02:00:00.001Z" }, [{ group: {}, ...all }]],
  [{ from: "2027-01-01" }, []],
]

const byGroup = (rows: readonly object[]): readonly string[] =>
  rows.map((row) => JSON.stringify((row as { readonly group: object }).group)).toSorted()

/** Spend reports. */
export const describeSpend = (create: CreateLedger): void => {
  describe("spend", () => {
    let ledger: Ledger
    beforeEach(async () => {
      let nowMs = firstMs
      ledger = await create({ now: () => nowMs })
      await fill(ledger, (timeMs) => {
        nowMs = timeMs
      })
    })

    for (const [query, wanted] of cases)
      it(`adds up ${JSON.stringify(query)}`, async () => {
        const found = await ledger.spend(query)
        expect(byGroup(found)).toEqual(byGroup(wanted))
        for (const row of wanted) expect(found).toContainEqual(row)
      })

    it("rejects an invalid time", async () => {
      await expect(ledger.spend({ from: "yesterday" })).rejects.toMatchObject({
        code: "invalid_request",
      })
    })
  })

  it("reports nothing before the first reservation", async () => {
    const ledger = await create({ now: () => firstMs })
    expect(await ledger.spend({ by: ["model"] })).toEqual([])
  })
}
