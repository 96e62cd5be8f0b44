import { describe, expect, it } from "vitest"
import { compareSums } from "./__fixtures__/inspect.ts"
import { usePlaces } from "./__fixtures__/places.ts"
import { openDatabase } from "./database.ts"
import { type DurableLedger, openLedger } from "./open-ledger.ts"

const places = usePlaces()

const known = (microUsd: number) => ({ microUsd, maybeMicroUsd: 0, unpricedImages: 0 })

const reserve = async (ledger: DurableLedger, microUsd = 20): Promise<string> => {
  const { ids } = await ledger.reserve({
    rows: [{ model: "model-a", task: "text-to-image", images: 1, cost: known(microUsd) }],
    sent: true,
  })
  return String(ids[0])
}

const ending = { cost: known(20), delivered: 1 }

const released = {
  code: "invalid_request",
  message: expect.stringContaining("is already released"),
}

for (const [name, place] of places.all)
  describe(`two ledgers on one database, on ${name}`, () => {
    it("agree that a row has ended, with a database each", async () => {
      const url = await place()
      const [first, second] = [await openLedger(url), await openLedger(url)]
      const [id, next] = [await reserve(first), await reserve(first)]
      await second.release(id)
      await expect(first.settle(id, ending)).rejects.toMatchObject(released)
      await second.settle(next, ending)
      await first.settle(next, ending)
      expect(await first.spend({ by: ["state"] })).toMatchObject([
        { group: { state: "released" }, microUsd: 0 },
        { group: { state: "settled" }, microUsd: 20 },
      ])
      const { calls, tallies } = await compareSums(url)
      expect(tallies).toEqual([calls])
      await Promise.all([first.close(), second.close()])
    })

    it("agree that a row has ended, with a shared open database", async () => {
      const database = await openDatabase(await place())
      const [first, second] = [await openLedger(database), await openLedger(database)]
      const [id, next] = [await reserve(first), await reserve(first)]
      await second.release(id)
      await expect(first.settle(id, ending)).rejects.toMatchObject(released)
      await second.settle(next, ending)
      await first.settle(next, ending)
      expect(await first.spend()).toMatchObject([{ calls: 2, images: 1, microUsd: 20 }])
      await database.close()
    })

    it("agree on a renewed lease", async () => {
      let nowMs = Date.parse("2026-11-20T12:00:00.000Z")
      const options = { now: () => nowMs, leaseMs: 60_000 }
      const url = await place()
      const [first, second] = [await openLedger(url, options), await openLedger(url, options)]
      const id = await reserve(first)
      nowMs += 50_000
      await second.renew(id)
      nowMs += 50_000
      await first.sent(id)
      expect(await first.spend({ by: ["state"] })).toMatchObject([{ group: { state: "reserved" } }])
      await Promise.all([first.close(), second.close()])
    })

    it("count large amounts exactly", async () => {
      const url = await place()
      const ledger = await openLedger(url)
      await ledger.setBudget({ scope: { everything: true }, window: "total" })
      const most = 2 ** 52 + 1
      const id = await reserve(ledger, most)
      await ledger.settle(id, { cost: known(most), delivered: 1 })
      await ledger.settle(await reserve(ledger, 2 ** 51 + 1), {
        cost: known(2 ** 51 + 1),
        delivered: 1,
      })
      expect(await ledger.spend()).toMatchObject([{ microUsd: most + 2 ** 51 + 1 }])
      const { calls, tallies } = await compareSums(url)
      expect(tallies).toEqual([calls, calls])
      await ledger.close()
    })
  })
