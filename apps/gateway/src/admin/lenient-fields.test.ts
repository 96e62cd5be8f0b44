import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { usePlaces } from "./__fixtures__/places.ts"
import { openWorld, startMs, type World } from "./__fixtures__/world.ts"

const places = usePlaces()

let world: World
let nowMs = startMs
const ids: Record<string, string> = {}
beforeAll(async () => {
  world = await openWorld(`file:${places.folder()}/lenient.db`, { now: () => nowMs })
  for (const [index, alias] of ["b", "c", "a"].entries()) {
    nowMs = startMs + index * 1000
    ids[alias] = (await world.send("/key/generate", { key_alias: alias })).body.token_id
  }
})
afterAll(() => world.close())

const aliasesOf = async (query: string): Promise<readonly string[]> => {
  const { status, body, text } = await world.send(`/key/list?return_full_object=true&${query}`)
  if (status !== 200) throw new Error(text)
  const { keys } = body as { readonly keys: readonly { readonly key_alias: string }[] }
  return keys.map(({ key_alias: alias }) => alias)
}

describe("GET /key/list as LiteLLM's tools send it", () => {
  it("takes filters that ask for nothing", async () => {
    const query =
      "include_team_keys=false&include_created_by_keys=true&organization_id=&status=&key_hash=&sort_by=&sort_order=&expand=user&user_id=&project_id=false"
    expect(await aliasesOf(query)).toEqual(["b", "c", "a"])
  })

  it("sorts, downwards by default", async () => {
    expect(await aliasesOf("sort_by=key_alias&sort_order=asc")).toEqual(["a", "b", "c"])
    expect(await aliasesOf("sort_by=created_at")).toEqual(["a", "c", "b"])
  })

  it("finds a key by its id, and no deleted keys", async () => {
    expect(await aliasesOf(`key_hash=${ids["c"]}`)).toEqual(["c"])
    expect(await aliasesOf("status=deleted")).toEqual([])
  })

  it("rejects filters that it cannot apply", async () => {
    for (const query of ["organization_id=acme", "sort_by=spend", "status=odd", "whatever=1"])
      expect((await world.send(`/key/list?${query}`)).status).toBe(400)
  })
})

describe("fields of keys and budgets as LiteLLM takes them", () => {
  it("may be empty texts, which are absent", async () => {
    const { status, body } = await world.send("/key/generate", {
      user_id: "",
      max_budget: "",
      key_alias: "",
      duration: "",
    })
    expect([status, body.user_id, body.max_budget, body.expires]).toEqual([200, null, null, null])
  })

  it("may name the routes that every key has", async () => {
    const made = await world.send("/key/generate", { allowed_routes: ["llm_api_routes"] })
    expect(made.status).toBe(200)
    const other = await world.send("/key/generate", { allowed_routes: ["management_routes"] })
    expect(other.status).toBe(400)
  })

  it("round amounts down to whole micro-USD, with a warning", async () => {
    const { status, body } = await world.send("/key/generate", {
      max_budget: 0.0000001,
      soft_budget: 1.0000019,
      budget_limits: [{ budget_duration: "1d", max_budget: 2.5 }],
      model_max_budget: { nova: { budget_limit: 0.0400009 } },
    })
    expect([status, body.max_budget, body.soft_budget]).toEqual([200, 0, 1.000001])
    expect(body.warnings).toEqual([
      "max_budget is rounded down to $0.",
      "soft_budget is rounded down to $1.000001.",
      "model_max_budget.nova.budget_limit is rounded down to $0.04.",
    ])
    expect((await world.send("/key/generate", { max_budget: -1 })).status).toBe(400)
  })
})
