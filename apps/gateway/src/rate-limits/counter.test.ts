import { ImageError } from "@pictor/core"
import { openDatabase } from "@pictor/ledger"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { usePlaces } from "../admin/__fixtures__/places.ts"
import { startMs } from "../admin/__fixtures__/world.ts"
import { openStore, type Store } from "../keys/tables.ts"
import {
  type Counter,
  createCounter,
  freeAtMs,
  giveBack,
  readWindow,
  use,
  type Window,
  writeWindow,
} from "./counter.ts"

const places = usePlaces()

const withStore = async (
  place: () => Promise<string>,
  test: (store: Store) => Promise<void>,
): Promise<void> => {
  const database = await openDatabase(await place())
  await test(await openStore(database))
  await database.close()
}

const images = { name: "key:key_one:images", limit: 10, amount: 4 }
const slot = { name: "key:key_one:parallel", limit: 1 }

const admit = async (counter: Counter, ...args: Parameters<Counter["admit"]>) => {
  const answer = await counter.admit(...args)
  if (!("end" in answer)) throw new Error(`${answer.name} rejects`)
  return answer
}

const usedOf = async (store: Store): Promise<number> =>
  store.read(async (db) => {
    const { uses } = await db
      .selectFrom("gateway_window")
      .select("uses")
      .where("name", "=", images.name)
      .executeTakeFirstOrThrow()
    return readWindow(uses, startMs).used
  })

const leasesOf = (store: Store): Promise<readonly unknown[]> =>
  store.read((db) => db.selectFrom("gateway_lease").select("id").execute())

for (const [name, place] of places.all)
  describe(`createCounter on ${name}`, () => {
    it("keeps the slots of a process that renews them", () =>
      withStore(place, async (store) => {
        let nowMs = startMs
        const [mine, theirs] = [
          createCounter(store, () => nowMs),
          createCounter(store, () => nowMs),
        ]
        const held = await admit(mine, [], [slot])
        for (let minutes = 0; minutes < 3; minutes += 1) {
          nowMs += 59_000
          await mine.renew()
          expect(await theirs.admit([], [slot])).toEqual({
            name: slot.name,
            used: 1,
            retryAfterMs: 1000,
          })
        }
        await held.end(new Map())
        await admit(theirs, [], [slot])
        await theirs.close()
        expect(await leasesOf(store)).toEqual([])
      }))

    it("gives nothing back twice when the transaction runs again", () =>
      withStore(place, async (store) => {
        const twice: Store = {
          ...store,
          write: (work) => store.write(work).then(() => store.write(work)),
        }
        const [counter, doubtful] = [
          createCounter(store, () => startMs),
          createCounter(twice, () => startMs),
        ]
        const first = await admit(counter, [images], [slot])
        await first.end(new Map())
        const second = await admit(doubtful, [{ ...images, amount: 1 }], [slot])
        expect(await leasesOf(store)).toHaveLength(1)
        expect(await usedOf(store)).toBe(6)
        await second.end(new Map([[images.name, 1]]))
        expect(await usedOf(store)).toBe(5)
        expect(await leasesOf(store)).toEqual([])
      }))

    it("frees slots later if the database failed, and rejects meanwhile", () =>
      withStore(place, async (store) => {
        let away = false
        const lost = new ImageError({ code: "unavailable", message: "The database is away." })
        const flaky: Store = {
          ...store,
          write: (work) => store.write(work).then((out) => (away ? Promise.reject(lost) : out)),
        }
        const counter = createCounter(flaky, () => startMs)
        const held = await admit(counter, [], [{ ...slot, limit: 2 }])
        away = true
        await expect(counter.admit([images], [{ ...slot, limit: 2 }])).rejects.toBe(lost)
        await held.end(new Map())
        expect(await leasesOf(store)).toHaveLength(1)
        away = false
        await counter.renew()
        expect(await leasesOf(store)).toEqual([])
      }))

    it("uses the latest clock of all processes", () =>
      withStore(place, async (store) => {
        const [ahead, behind] = [
          createCounter(store, () => startMs + 61_000),
          createCounter(store, () => startMs),
        ]
        await admit(behind, [{ ...images, amount: 10 }], [])
        await admit(ahead, [{ ...images, amount: 7 }], [])
        expect(await behind.admit([images], [])).toEqual({
          name: images.name,
          used: 7,
          retryAfterMs: 121_000,
        })
        await admit(behind, [{ ...images, amount: 3 }], [])
        expect(await ahead.admit([images], [])).toMatchObject({ used: 10 })
      }))

    it("gives back to the second of the count, unless it has expired", () =>
      withStore(place, async (store) => {
        let nowMs = startMs
        const counter = createCounter(store, () => nowMs)
        const first = await admit(counter, [images], [])
        nowMs += 1500
        const second = await admit(counter, [images], [])
        expect([...first.counts, ...second.counts].map(([, { used }]) => used)).toEqual([4, 8])
        await first.end(new Map([[images.name, 3]]))
        expect(await counter.admit([{ ...images, amount: 9 }], [])).toEqual({
          name: images.name,
          used: 5,
          retryAfterMs: 60_000,
        })
        nowMs += 60_000
        await second.end(new Map([[images.name, 4]]))
        await admit(counter, [{ ...images, amount: 10 }], [])
      }))
  })

const windowStartMs = Date.parse("2026-11-20T12:00:10.000Z")

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
  let [text, nowMs] = ["[]", windowStartMs]
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
        const window = at(text, admitted.at(-1)?.atMs ?? windowStartMs)
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
    expect(at(text, windowStartMs + 130_000).used).toBeGreaterThan(4600)
  })

  it("gives back at most what was used in that second", () => {
    const window = use(at("[]", windowStartMs), 4)
    expect(giveBack(window, windowStartMs, 3).used).toBe(1)
    expect(giveBack(window, windowStartMs, 9).uses).toEqual([])
    expect(giveBack(window, windowStartMs - 5000, 3).used).toBe(4)
  })
})
