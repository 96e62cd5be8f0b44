import { ImageError } from "@pictor/core"
import { openDatabase } from "@pictor/ledger"
import { describe, expect, it } from "vitest"
import { usePlaces } from "../admin/__fixtures__/places.ts"
import { startMs } from "../admin/__fixtures__/world.ts"
import { openStore, type Store } from "../keys/tables.ts"
import { type Counter, createCounter } from "./counter.ts"
import { readWindow } from "./store.ts"

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

const admitted = async (counter: Counter, ...args: Parameters<Counter["admit"]>) => {
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
        const held = await admitted(mine, [], [slot])
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
        await admitted(theirs, [], [slot])
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
        const first = await admitted(counter, [images], [slot])
        await first.end(new Map())
        const second = await admitted(doubtful, [{ ...images, amount: 1 }], [slot])
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
        const held = await admitted(counter, [], [{ ...slot, limit: 2 }])
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
        await admitted(behind, [{ ...images, amount: 10 }], [])
        await admitted(ahead, [{ ...images, amount: 7 }], [])
        expect(await behind.admit([images], [])).toEqual({
          name: images.name,
          used: 7,
          retryAfterMs: 121_000,
        })
        await admitted(behind, [{ ...images, amount: 3 }], [])
      }))

    it("gives back to the second of the count, unless it has expired", () =>
      withStore(place, async (store) => {
        let nowMs = startMs
        const counter = createCounter(store, () => nowMs)
        const first = await admitted(counter, [images], [])
        nowMs += 1500
        const second = await admitted(counter, [images], [])
        expect([...first.counts, ...second.counts].map(([, { used }]) => used)).toEqual([4, 8])
        await first.end(new Map([[images.name, 3]]))
        expect(await counter.admit([{ ...images, amount: 9 }], [])).toEqual({
          name: images.name,
          used: 5,
          retryAfterMs: 60_000,
        })
        nowMs += 60_000
        await second.end(new Map([[images.name, 4]]))
        await admitted(counter, [{ ...images, amount: 10 }], [])
      }))
  })
