import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { usePlaces } from "./__fixtures__/places.ts"
import { openWorld, type World } from "./__fixtures__/world.ts"

const places = usePlaces()
const rules = {
  defaults: { max_budget: 1_000_000, models: ["nova"], user_id: "studio" },
  bounds: {
    max_budget: 5_000_000,
    budget_duration: "30d",
    duration: "60d",
    images_per_minute: 10,
  },
}

let world: World
beforeAll(async () => {
  world = await openWorld(`file:${places.folder()}/rules.db`, { rules })
})
afterAll(() => world.close())

interface KeyAnswer {
  readonly token_id: string
  readonly error: { readonly message: string }
}

const generate = async (body: object) => (await world.send("/key/generate", body)).body as KeyAnswer

describe("a new key", () => {
  it("gets the defaults, else the upper bounds, for what its request leaves out", async () => {
    expect(await generate({ models: [] })).toMatchObject({
      max_budget: 1,
      models: ["nova"],
      user_id: "studio",
      budget_duration: "30d",
      images_per_minute: 10,
      expires: "2027-01-19T12:00:10.000Z",
    })
  })

  it("keeps what its request gives, 0 included", async () => {
    expect(
      await generate({ max_budget: 0, ipm_limit: 0, budget_duration: "1d", user_id: "ann" }),
    ).toMatchObject({ max_budget: 0, images_per_minute: 0, budget_duration: "1d", user_id: "ann" })
    expect(await generate({ max_budget: 5 })).toMatchObject({ max_budget: 5 })
  })

  it("takes the limits of its budget, within the upper bounds", async () => {
    await world.send("/budget/new", { budget_id: "small", max_budget: 2, budget_duration: "1d" })
    await world.send("/budget/new", { budget_id: "open", budget_duration: "1d" })
    expect(await generate({ budget_id: "small" })).toMatchObject({
      max_budget: 2,
      budget_duration: "1d",
    })
    expect((await generate({ budget_id: "open" })).error.message).toBe(
      "max_budget of the budget has no limit, and upperbound_key_generate_params allows at most $5. Send $5 or less, or change litellm_settings.",
    )
  })
})

describe("a limit above an upper bound", () => {
  it.each([
    [{ max_budget: 5.000001 }, "max_budget is $5.000001, and upperbound_key_generate_params"],
    [{ budget_duration: "1mo" }, "budget_duration is 1mo, and"],
    [{ duration: "61d" }, "duration is 61d, and"],
    [{ ipm_limit: 11 }, "images_per_minute is 11, and"],
  ])("is rejected: %j", async (body, message) => {
    const answer = await world.send("/key/generate", body)
    expect([answer.status, answer.body.error.message]).toEqual([
      400,
      expect.stringContaining(message),
    ])
  })

  it("is rejected in updates and regenerations, as is the removal of a limit", async () => {
    const { token_id: key } = await generate({})
    for (const body of [{ max_budget: 6 }, { max_budget: null }, { duration: "-1" }])
      for (const path of ["/key/update", "/key/regenerate"])
        expect((await world.send(path, { key, ...body })).status).toBe(400)
    expect((await world.send("/key/update", { key, max_budget: 4 })).body.max_budget).toBe(4)
  })
})
