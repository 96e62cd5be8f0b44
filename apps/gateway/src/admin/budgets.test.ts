import { describe, expect, it } from "vitest"
import { usePlaces } from "./__fixtures__/places.ts"
import { openWorld, spend } from "./__fixtures__/world.ts"

const places = usePlaces()

for (const [name, place] of places.all)
  describe(`budget routes on ${name}`, () => {
    it.each([
      [{ team_id: "red" }, { team: "red" }],
      [{ user_id: "ann" }, { user: "ann" }],
      [{ tag: "project=garden" }, {}],
      [{ model: "model-a" }, {}],
      [{ everything: true }, {}],
    ] as const)("applies a budget of %j and reports its state", async (scope, account) => {
      const { send, ledger, close } = await openWorld(await place())
      const made = await send("/budget/new", {
        ...scope,
        max_budget: 0.0001,
        soft_budget: 0.00005,
        budget_duration: "1d",
        rpm_limit: null,
      })
      expect(made).toMatchObject({
        status: 200,
        body: { ...scope, max_budget: 0.0001, soft_budget: 0.00005, spend: 0, warnings: [] },
      })
      const id = made.body.budget_id
      await spend(ledger, 70, account, { project: "garden" })
      await expect(spend(ledger, 31, account, { project: "garden" })).rejects.toMatchObject({
        code: "budget_exceeded",
      })
      expect((await send("/budget/info", { budgets: [id] })).body).toMatchObject([
        { budget_id: id, spend: 0.00007, images: 1, budget_reset_at: "2026-11-21T00:00:00.000Z" },
      ])
      expect(await send("/budget/update", { budget_id: id, max_budget: 0.0002 })).toMatchObject({
        status: 200,
        body: { max_budget: 0.0002, spend: 0.00007 },
      })
      await spend(ledger, 31, account, { project: "garden" })
      expect(await send("/budget/delete", { id })).toMatchObject({
        status: 200,
        body: { deleted_budget: id },
      })
      await spend(ledger, 1000, account, { project: "garden" })
      expect((await send("/budget/list")).body).toEqual([])
      await close()
    })

    it("says when a rolling budget without spending resets, and a template", async () => {
      const { send, close } = await openWorld(await place())
      const month = { max_budget: 1, budget_duration: "30d" }
      const reset = { budget_reset_at: "2026-12-20T12:00:10.000Z" }
      const { body: scoped } = await send("/budget/new", { team_id: "red", ...month })
      const { body: template } = await send("/budget/new", { budget_id: "free", ...month })
      const { body: forEver } = await send("/budget/new", { budget_id: "ever", max_budget: 1 })
      expect([scoped, template, forEver]).toMatchObject([reset, reset, { budget_reset_at: null }])
      const budgets = [scoped.budget_id, "free"]
      expect((await send("/budget/info", { budgets })).body).toMatchObject([reset, reset])
      expect((await send("/key/generate", month)).body).toMatchObject(reset)
      await close()
    })

    it("copies a template to its keys and follows its changes", async () => {
      const { send, ledger, close } = await openWorld(await place())
      const limits = { max_budget: 0.0001, budget_duration: "1d" }
      const made = await send("/budget/new", { budget_id: "free", ...limits })
      expect(made).toMatchObject({
        status: 200,
        body: { budget_id: "free", ...limits, team_id: null, everything: false },
      })
      const [one, two] = [
        (await send("/key/generate", { budget_id: "free" })).body,
        (await send("/key/generate", { max_budget: 9 })).body,
      ]
      expect(one).toMatchObject({ budget_id: "free", ...limits })
      expect(
        (await send("/key/update", { key: two.key, max_budget: null, budget_id: "free" })).body,
      ).toMatchObject({ budget_id: "free", ...limits })
      for (const { token } of [one, two]) {
        await spend(ledger, 70, { key: token })
        await expect(spend(ledger, 31, { key: token })).rejects.toMatchObject({
          code: "budget_exceeded",
        })
      }
      await send("/budget/update", { budget_id: "free", max_budget: 0.0002 })
      expect((await send(`/key/info?key=${one.token}`)).body).toMatchObject({
        info: { max_budget: 0.0002, spend: 0.00007 },
      })
      await spend(ledger, 31, { key: one.token })
      expect(await send("/key/update", { key: one.key, max_budget: 1 })).toMatchObject({
        status: 400,
        body: { error: { param: "max_budget" } },
      })
      expect(
        (await send("/key/update", { key: one.key, budget_id: null, max_images: 9 })).body,
      ).toMatchObject({ budget_id: null, max_budget: null })
      await spend(ledger, 1000, { key: one.token })
      expect(await send("/budget/delete", { id: "free" })).toMatchObject({ status: 200 })
      expect((await send(`/key/info?key=${two.token}`)).body).toMatchObject({
        info: { budget_id: null, max_budget: 0.0002 },
      })
      await expect(spend(ledger, 131, { key: two.token })).rejects.toMatchObject({
        code: "budget_exceeded",
      })
      await send("/budget/new", { budget_id: "red", team_id: "red", max_budget: 1 })
      for (const id of ["free", "red"])
        expect(await send("/key/generate", { budget_id: id })).toMatchObject({
          status: 400,
          body: { error: { param: "budget_id" } },
        })
      await close()
    })

    it("starts a new count when the duration changes, and clears the former limit", async () => {
      const { send, ledger, close } = await openWorld(await place())
      await send("/budget/new", {
        budget_id: "red",
        team_id: "red",
        max_images: 1,
        budget_duration: "1d",
      })
      await send("/budget/update", { budget_id: "red", max_images: 2, budget_duration: null })
      await spend(ledger, 1, { team: "red" })
      await spend(ledger, 1, { team: "red" })
      await expect(spend(ledger, 1, { team: "red" })).rejects.toMatchObject({
        code: "budget_exceeded",
        message: expect.stringContaining("total"),
      })
      await close()
    })

    it("rejects a second budget of the same scope and duration, or with the same id", async () => {
      const { send, close } = await openWorld(await place())
      await send("/budget/new", { budget_id: "one", team_id: "red", max_budget: 1 })
      const twice = {
        status: 400,
        body: { error: { param: "budget_duration", message: expect.stringContaining("one") } },
      }
      expect(await send("/budget/new", { team_id: "red", max_budget: 2 })).toMatchObject(twice)
      await send("/budget/new", {
        budget_id: "two",
        team_id: "red",
        max_budget: 2,
        budget_duration: "1d",
      })
      expect(
        await send("/budget/update", { budget_id: "two", budget_duration: null }),
      ).toMatchObject(twice)
      expect((await send("/budget/list")).body).toMatchObject([
        { budget_id: "one" },
        { budget_id: "two", budget_duration: "1d" },
      ])
      expect(await send("/budget/update", { budget_id: "none", max_budget: 1 })).toMatchObject({
        status: 404,
      })
      expect(await send("/budget/info", { budgets: ["one", "none"] })).toMatchObject({
        status: 404,
      })
      await close()
    })

    it("protects the budget of the configuration, and deletes it with the setting", async () => {
      const url = await place()
      const configured = async (budget: object) => openWorld(url, budget)
      const [first, second] = await Promise.all([
        configured({ budget: { microUsd: 100, duration: "1mo" } }),
        configured({ budget: { microUsd: 100, duration: "1mo" } }),
      ])
      expect((await first.send("/budget/list")).body).toMatchObject([
        { budget_id: "configuration", everything: true, max_budget: 0.0001 },
      ])
      const theirs = {
        status: 400,
        body: { error: { message: expect.stringContaining("configuration") } },
      }
      expect(
        await first.send("/budget/new", { everything: true, budget_duration: "1mo" }),
      ).toMatchObject(theirs)
      expect(
        await first.send("/budget/update", { budget_id: "configuration", max_budget: 1 }),
      ).toMatchObject(theirs)
      expect(await first.send("/budget/delete", { id: "configuration" })).toMatchObject(theirs)
      await expect(spend(second.ledger, 101, {})).rejects.toMatchObject({ code: "budget_exceeded" })
      const daily = await configured({ budget: { microUsd: 200, duration: "1d" } })
      await spend(daily.ledger, 150, {})
      await expect(spend(daily.ledger, 51, {})).rejects.toMatchObject({
        code: "budget_exceeded",
        message: expect.stringContaining("day"),
      })
      const none = await configured({})
      await spend(none.ledger, 1000, {})
      expect((await none.send("/budget/list")).body).toEqual([])
      await expect(configured({ budget: { microUsd: 1, duration: "2mo" } })).rejects.toMatchObject({
        code: "invalid_request",
      })
      await Promise.all([first, second, daily, none].map(({ close }) => close()))
    })
  })

describe("POST /budget/new", () => {
  it.each([
    ["of two scopes", { team_id: "red", user_id: "ann" }, "team_id"],
    ["with a rate limit", { team_id: "red", rpm_limit: 5 }, "rpm_limit"],
    ["with a model budget", { team_id: "red", model_max_budget: { nova: 1 } }, "model_max_budget"],
  ])("rejects a budget %s", async (_, body, param) => {
    const { send, close } = await openWorld(`file:${places.folder()}/rejected.db`)
    expect(await send("/budget/new", body)).toMatchObject({
      status: 400,
      body: { error: { param } },
    })
    await close()
  })
})
