import { openDatabase } from "@pictor/ledger"
import { describe, expect, it } from "vitest"
import { usePlaces } from "../admin/__fixtures__/places.ts"
import { masterKey, openWorld, startMs, type World } from "../admin/__fixtures__/world.ts"
import { openKeys } from "../admin/open-keys.ts"

const places = usePlaces()

/** A door that opens when it is told to. */
const door = () => {
  let open: () => void = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, opened }
}

/** Another process on the same database, whose first word to the ledger's budgets waits. */
const openSlow = async (url: string, { ledger }: World) => {
  const [arrival, gate] = [door(), door()]
  let first = true
  const database = await openDatabase(url)
  const setBudget: World["ledger"]["setBudget"] = async (budget, known) => {
    if (first) {
      first = false
      arrival.open()
      await gate.opened
    }
    return ledger.setBudget(budget, known)
  }
  const keys = await openKeys({
    database,
    ledger: { ...ledger, setBudget },
    now: () => startMs,
    masterKey,
  })
  return {
    ask: async (path: string, body: object) => {
      const headers = { host: "localhost:4000", authorization: `Bearer ${masterKey}` }
      return (
        await keys.routes.request(path, { method: "POST", headers, body: JSON.stringify(body) })
      ).status
    },
    arrived: arrival.opened,
    release: gate.open,
    close: async () => {
      await keys.close()
      await database.close()
    },
  }
}

const fields = {
  max_budget: 1,
  soft_budget: 0.5,
  max_images: 7,
  rpm_limit: 3,
  images_per_minute: 5,
  key_alias: "ann",
  user_id: "ann",
}

for (const [name, place] of places.all)
  describe(`changes at the same time, on ${name}`, () => {
    it("of different fields of a key are all there, in the key and in the ledger", async () => {
      const url = await place()
      const worlds = [await openWorld(url), await openWorld(url)]
      const [one] = worlds as [World]
      const { token } = (await one.ask("/key/generate", {})).body
      const changes = Object.entries(fields).map(([field, value], index) =>
        (worlds[index % 2] ?? one).ask("/key/update", { key: token, [field]: value }),
      )
      expect((await Promise.all(changes)).map(({ status }) => status)).toEqual(
        changes.map(() => 200),
      )
      expect((await one.ask(`/key/info?key=${token}`)).body.info).toMatchObject(fields)
      const limits = { hard: { microUsd: 1_000_000, images: 7 }, soft: { microUsd: 500_000 } }
      expect(await one.ledger.budgets({ key: token })).toMatchObject([{ budget: limits }])
      await Promise.all(worlds.map(({ close }) => close()))
    })

    it("of a key hold in the ledger as they were made, whoever comes to it last", async () => {
      const url = await place()
      const world = await openWorld(url)
      const slow = await openSlow(url, world)
      const { token } = (
        await world.ask("/key/generate", { max_budget: 9, budget_duration: "1mo" })
      ).body
      const late = slow.ask("/key/update", { key: token, max_budget: 1 })
      await slow.arrived
      await world.ask("/key/update", { key: token, max_images: 7, budget_duration: "7d" })
      slow.release()
      expect(await late).toBe(200)
      const limits = (await world.ledger.budgets({ key: token })).map(
        ({ budget: { window, hard } }) => [window, hard],
      )
      expect(limits).toEqual([
        ["month", undefined],
        ["week", { microUsd: 1_000_000, images: 7 }],
      ])
      await Promise.all([slow.close(), world.close()])
    })

    it("of a budget are all there, and a place that another budget has taken is left to it", async () => {
      const url = await place()
      const world = await openWorld(url)
      const slow = await openSlow(url, world)
      await world.ask("/budget/new", {
        budget_id: "red",
        team_id: "red",
        max_budget: 9,
        budget_duration: "1mo",
      })
      const late = slow.ask("/budget/update", {
        budget_id: "red",
        max_budget: 1,
        budget_duration: "7d",
      })
      await slow.arrived
      await world.ask("/budget/update", { budget_id: "red", max_images: 7 })
      await world.ask("/budget/new", {
        budget_id: "other",
        team_id: "red",
        max_budget: 2,
        budget_duration: "1mo",
      })
      slow.release()
      expect(await late).toBe(200)
      const limits = (await world.ledger.budgets({ team: "red" })).map(
        ({ budget: { window, hard } }) => [window, hard],
      )
      expect(limits).toEqual([
        ["month", { microUsd: 2_000_000 }],
        ["week", { microUsd: 1_000_000, images: 7 }],
      ])
      expect((await world.ask("/budget/info", { budgets: ["red"] })).body).toMatchObject([
        { max_budget: 1, max_images: 7, budget_duration: "7d" },
      ])
      await Promise.all([slow.close(), world.close()])
    })
  })
