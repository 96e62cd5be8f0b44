import { openDatabase } from "@pictor/ledger"
import { describe, expect, it } from "vitest"
import { usePlaces } from "./__fixtures__/places.ts"
import { masterKey, openWorld, startMs, type World } from "./__fixtures__/world.ts"
import { openKeys } from "./open-keys.ts"

const places = usePlaces()

/** A promise that the test resolves. */
const door = () => {
  let open: () => void = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, opened }
}

/** Another process on the same database, whose first write to the ledger's budgets waits. */
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
    send: async (path: string, body: object) => {
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
  describe(`concurrent changes on ${name}`, () => {
    it("keep every changed field of a key, in the database and in the ledger", async () => {
      const url = await place()
      const worlds = [await openWorld(url), await openWorld(url)]
      const [one] = worlds as [World]
      const { token } = (await one.send("/key/generate", {})).body
      const changes = Object.entries(fields).map(([field, value], index) =>
        (worlds[index % 2] ?? one).send("/key/update", { key: token, [field]: value }),
      )
      expect((await Promise.all(changes)).map(({ status }) => status)).toEqual(
        changes.map(() => 200),
      )
      expect((await one.send(`/key/info?key=${token}`)).body.info).toMatchObject(fields)
      const limits = { hard: { microUsd: 1_000_000, images: 7 }, soft: { microUsd: 500_000 } }
      expect(await one.ledger.budgets({ key: token })).toMatchObject([{ budget: limits }])
      await Promise.all(worlds.map(({ close }) => close()))
    })

    it("leave the latest settings of a key in the ledger", async () => {
      const url = await place()
      const world = await openWorld(url)
      const slow = await openSlow(url, world)
      const { token } = (
        await world.send("/key/generate", { max_budget: 9, budget_duration: "1mo" })
      ).body
      const late = slow.send("/key/update", { key: token, max_budget: 1 })
      await slow.arrived
      await world.send("/key/update", { key: token, max_images: 7, budget_duration: "7d" })
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

    it("keep every changed field of a budget, and leave its former place to another budget", async () => {
      const url = await place()
      const world = await openWorld(url)
      const slow = await openSlow(url, world)
      await world.send("/budget/new", {
        budget_id: "red",
        team_id: "red",
        max_budget: 9,
        budget_duration: "1mo",
      })
      const late = slow.send("/budget/update", {
        budget_id: "red",
        max_budget: 1,
        budget_duration: "7d",
      })
      await slow.arrived
      await world.send("/budget/update", { budget_id: "red", max_images: 7 })
      await world.send("/budget/new", {
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
      expect((await world.send("/budget/info", { budgets: ["red"] })).body).toMatchObject([
        { max_budget: 1, max_images: 7, budget_duration: "7d" },
      ])
      await Promise.all([slow.close(), world.close()])
    })
  })
