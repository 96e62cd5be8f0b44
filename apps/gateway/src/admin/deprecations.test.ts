import type { ModelCard } from "@pictor/core"
import { afterAll, describe, expect, it } from "vitest"
import { usePlaces } from "./__fixtures__/places.ts"
import { openWorld, spend, startMs } from "./__fixtures__/world.ts"

const places = usePlaces()
const dayMs = 86_400_000

const card = (id: string, lifecycle: ModelCard["lifecycle"]): ModelCard => ({
  id,
  regions: [],
  lifecycle,
  tasks: {},
  prices: [],
  sources: {},
})

const cards = [
  card("live", { status: "active" }),
  card("new", { status: "preview" }),
  card("ended", { status: "active", retiredFrom: "2026-11-20", successor: "live" }),
  card("ending", { status: "legacy", legacyFrom: "2026-11-01", retiredFrom: "2027-05-01" }),
  card("announced", { status: "preview", retiredFrom: "2027-06-01" }),
  card("old", { status: "legacy" }),
]

const open: (() => Promise<void>)[] = []
afterAll(async () => {
  for (const close of open) await close()
})

for (const [name, place] of places.all)
  describe(`GET /model/deprecations, on ${name}`, () => {
    it("lists models on their way out with the keys and tags of the last 30 days", async () => {
      let nowMs = startMs - 31 * dayMs
      const world = await openWorld(await place(), { now: () => nowMs, cards })
      open.push(world.close)
      await spend(world.ledger, 1, { key: "key_long_ago" }, { project: "old" }, "ended")
      nowMs = startMs - 29 * dayMs
      await spend(world.ledger, 1, { key: "key_b" }, { project: "garden" }, "ended")
      nowMs = startMs
      await spend(world.ledger, 1, { key: "key_a" }, { "pictor.call_id": "r", print: "" }, "ended")
      await spend(world.ledger, 1, { key: "key_c" }, { project: "live" }, "live")
      await spend(world.ledger, 1, {}, {}, "ending")
      expect((await world.send("/model/deprecations")).body).toEqual([
        {
          model: "ended",
          status: "retired",
          ends_on: "2026-11-20",
          successor: "live",
          keys: ["key_a", "key_b"],
          tags: ["print", "project=garden"],
        },
        {
          model: "ending",
          status: "legacy",
          ends_on: "2027-05-01",
          successor: null,
          keys: [],
          tags: [],
        },
        {
          model: "announced",
          status: "preview",
          ends_on: "2027-06-01",
          successor: null,
          keys: [],
          tags: [],
        },
        { model: "old", status: "legacy", ends_on: null, successor: null, keys: [], tags: [] },
      ])
    })

    it("is for the master key, and empty where no model is on its way out", async () => {
      const world = await openWorld(await place(), { cards: cards.slice(0, 2) })
      open.push(world.close)
      const { key } = (await world.send("/key/generate", {})).body
      expect((await world.send("/model/deprecations", undefined, key)).status).toBe(403)
      expect((await world.send("/model/deprecations")).body).toEqual([])
    })
  })
