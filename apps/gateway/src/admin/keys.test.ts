import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { usePlaces } from "./__fixtures__/places.ts"
import { masterKey, openWorld, spend, startMs, type World } from "./__fixtures__/world.ts"

const places = usePlaces()

const withWorld = async (
  place: () => Promise<string>,
  test: (world: World) => Promise<void>,
  options = {},
): Promise<void> => {
  const world = await openWorld(await place(), options)
  try {
    await test(world)
  } finally {
    await world.close()
  }
}

const fields = {
  key_alias: "ann's",
  duration: "30d",
  models: ["nova", "sd3/*"],
  aliases: { pictures: "nova" },
  max_budget: 0.1,
  soft_budget: 0.05,
  budget_duration: "1mo",
  budget_limits: [{ budget_duration: "1d", max_budget: 0.02 }],
  rpm_limit: 60,
  model_rpm_limit: { nova: 10 },
  images_per_minute: 0,
  max_parallel_requests: 3,
  user_id: "ann",
  team_id: "red",
  metadata: { tags: ["project=garden"], note: { any: ["json", null] } },
  tags: ["print"],
}

const shown = {
  key_alias: "ann's",
  expires: "2026-12-20T12:00:10.000Z",
  created_at: "2026-11-20T12:00:10.000Z",
  models: fields.models,
  aliases: fields.aliases,
  max_budget: 0.1,
  soft_budget: 0.05,
  budget_duration: "1mo",
  budget_limits: fields.budget_limits,
  budget_reset_at: "2026-12-01T00:00:00.000Z",
  rpm_limit: 60,
  model_rpm_limit: { nova: 10 },
  images_per_minute: 0,
  max_parallel_requests: 3,
  user_id: "ann",
  team_id: "red",
  metadata: fields.metadata,
  tags: fields.tags,
  blocked: false,
  spend: 0,
}

for (const [name, place] of places.all)
  describe(`key routes on ${name}`, () => {
    it("creates a key with LiteLLM's fields, and the key authenticates with its limits", () =>
      withWorld(place, async ({ send, keys, ledger }) => {
        const { status, body } = await send("/key/generate", {
          ...fields,
          tpm_limit: 1000,
          key_type: "default",
          permissions: {},
        })
        expect(status).toBe(200)
        expect(body).toMatchObject({
          ...shown,
          warnings: ["tpm_limit is ignored: it does not apply to images."],
        })
        expect(body.key).toMatch(/^sk-[\w-]{43}$/)
        expect(body.key_name).toBe(`sk-...${String(body.key).slice(-4)}`)
        expect(await keys.authenticate(body.key)).toEqual({
          kind: "key",
          keyId: body.token,
          keyAlias: "ann's",
          account: { key: body.token, user: "ann", team: "red" },
          tags: { print: "", project: "garden" },
          models: ["nova", "sd3/*"],
          aliases: { pictures: "nova" },
          requestsPerMinute: 60,
          modelRequestsPerMinute: { nova: 10 },
          imagesPerMinute: 0,
          maxParallelRequests: 3,
          maxBudgetMicroUsd: 100_000,
        })
        expect(await ledger.budgets({ key: body.token })).toMatchObject([
          { budget: { window: "month", hard: { microUsd: 100_000 }, soft: { microUsd: 50_000 } } },
          { budget: { window: "day", hard: { microUsd: 20_000 } } },
        ])
        await spend(ledger, 15_000, { key: body.token })
        await expect(spend(ledger, 5001, { key: body.token })).rejects.toMatchObject({
          code: "budget_exceeded",
        })
        const { body: info } = await send(`/key/info?key=${body.token}`)
        expect(info).toMatchObject({
          key: body.token,
          info: { ...shown, spend: 0.015, token: body.token },
        })
        expect(await keys.spentBy(body.token)).toBe(15_000)
      }))

    it("accepts a custom secret, and rejects one that is in use", () =>
      withWorld(place, async ({ send, keys }) => {
        const key = "sk-1234567890abcdefABCDEF"
        const { body } = await send("/key/generate", { key })
        expect(body.key).toBe(key)
        expect(await keys.authenticate(key)).toMatchObject({ kind: "key", keyId: body.token })
        expect(await send("/key/generate", { key })).toMatchObject({
          status: 400,
          body: { error: { param: "key" } },
        })
        expect(await send("/key/generate", { key: masterKey })).toMatchObject({
          status: 400,
          body: { error: { param: "key" } },
        })
        for (const malformed of ["sk-", "short", "sk-a b", `sk-${"a".repeat(201)}`])
          expect(await send("/key/generate", { key: malformed })).toMatchObject({
            status: 400,
            body: { error: { param: "key" } },
          })
      }))

    it("accepts a short custom secret with a warning, as LiteLLM's users have them", () =>
      withWorld(place, async ({ send, keys }) => {
        const { status, body } = await send("/key/generate", { key: "sk-short" })
        expect([status, body.warnings]).toEqual([
          200,
          [
            "key has fewer than 16 characters after sk-, so it can be guessed. Omit it to get a generated key.",
          ],
        ])
        expect(await keys.authenticate("sk-short")).toMatchObject({ keyId: body.token })
        const renewed = await send("/key/regenerate", { key: body.token, new_key: "sk-brief" })
        expect(renewed.body.warnings).toEqual([expect.stringMatching(/^new_key has fewer than 16/)])
        const long = await send("/key/generate", { key: "sk-1234567890123456" })
        expect(long.body.warnings).toEqual([])
      }))

    it("updates given fields and removes fields given as null", () =>
      withWorld(place, async ({ send, ledger }) => {
        const { body: made } = await send("/key/generate", fields)
        const { status, body } = await send("/key/update", {
          key: made.key,
          max_budget: 0.2,
          budget_duration: "7d",
          budget_limits: null,
          rpm_limit: null,
          model_rpm_limit: null,
          duration: "-1",
          team_id: "blue",
          metadata: null,
        })
        expect(status).toBe(200)
        const changed = {
          max_budget: 0.2,
          budget_duration: "7d",
          budget_limits: [],
          rpm_limit: null,
          model_rpm_limit: null,
          expires: null,
          team_id: "blue",
          metadata: {},
        }
        const { budget_reset_at: _reset, ...rest } = shown
        expect(body).toMatchObject({
          ...rest,
          ...changed,
          key: made.token,
          budget_reset_at: "2026-11-23T00:00:00.000Z",
        })
        const limits = (await ledger.budgets({ key: made.token })).map(
          ({ budget: { window, hard } }) => [window, hard?.microUsd],
        )
        expect(limits).toEqual([
          ["month", undefined],
          ["day", undefined],
          ["week", 200_000],
        ])
        await spend(ledger, 200_000, { key: made.token })
        expect(await send("/key/update", { key: "key_none", rpm_limit: 1 })).toMatchObject({
          status: 404,
        })
      }))

    it("lists keys by user, team and alias in pages", () =>
      withWorld(place, async ({ send }) => {
        const tokens: string[] = []
        for (const [index, user] of ["ann", "bob", "ann"].entries())
          tokens.push(
            (await send("/key/generate", { user_id: user, key_alias: `key ${index}` })).body.token,
          )
        const { body } = await send("/key/list")
        expect(new Set(body.keys)).toEqual(new Set(tokens))
        expect(body).toMatchObject({ total_count: 3, current_page: 1, total_pages: 1 })
        const ann = (await send("/key/list?user_id=ann&size=1&page=2&return_full_object=true")).body
        expect(ann).toMatchObject({
          total_count: 2,
          current_page: 2,
          total_pages: 2,
          keys: [{ user_id: "ann", spend: 0 }],
        })
        expect((await send("/key/list?key_alias=key%201")).body.keys).toEqual([tokens[1]])
        expect(await send("/key/list?size=101")).toMatchObject({
          status: 400,
          body: { error: { param: "size" } },
        })
        expect(await send("/key/list?organization=x")).toMatchObject({
          status: 400,
          body: { error: { param: "organization" } },
        })
      }))

    it("rejects an alias of another key", () =>
      withWorld(place, async ({ send }) => {
        const first = (await send("/key/generate", { key_alias: "one" })).body
        expect(await send("/key/generate", { key_alias: "one" })).toMatchObject({
          status: 400,
          body: { error: { param: "key_alias" } },
        })
        const second = (await send("/key/generate", { key_alias: "two" })).body
        expect(await send("/key/update", { key: second.token, key_alias: "one" })).toMatchObject({
          status: 400,
        })
        expect(await send("/key/update", { key: first.token, key_alias: "one" })).toMatchObject({
          status: 200,
        })
      }))

    it("blocks, unblocks and deletes keys at once", () =>
      withWorld(place, async ({ send, keys }) => {
        const [one, two] = [
          (await send("/key/generate", { key_alias: "one" })).body,
          (await send("/key/generate", {})).body,
        ]
        await keys.authenticate(one.key)
        expect((await send("/key/block", { key: one.key })).body).toMatchObject({
          token: one.token,
          blocked: true,
        })
        await expect(keys.authenticate(one.key)).rejects.toMatchObject({
          code: "unauthenticated",
          message: expect.stringContaining("blocked"),
        })
        await send("/key/unblock", { key: one.token })
        expect(await keys.authenticate(one.key)).toMatchObject({ keyId: one.token })
        expect(await send("/key/delete", { keys: [one.key, "key_none"] })).toMatchObject({
          status: 404,
        })
        expect(await keys.authenticate(one.key)).toMatchObject({ keyId: one.token })
        expect(
          await send("/key/delete", { keys: [two.token], key_aliases: ["one"] }),
        ).toMatchObject({
          status: 200,
          body: { deleted_keys: [two.token, one.token] },
        })
        for (const { key } of [one, two])
          await expect(keys.authenticate(key)).rejects.toMatchObject({ code: "unauthenticated" })
        expect(await send("/key/delete", {})).toMatchObject({ status: 400 })
      }))

    it("lets a key read its own data only", () =>
      withWorld(place, async ({ send }) => {
        const [one, two] = [
          (await send("/key/generate", {})).body,
          (await send("/key/generate", {})).body,
        ]
        expect((await send("/key/info", undefined, one.key)).body).toMatchObject({ key: one.token })
        expect((await send(`/key/info?key=${one.key}`, undefined, one.key)).body).toMatchObject({
          key: one.token,
        })
        expect(await send(`/key/info?key=${two.token}`, undefined, one.key)).toMatchObject({
          status: 403,
        })
        for (const path of ["/key/list", "/budget/list", "/spend/report", "/global/spend/report"])
          expect(await send(path, undefined, one.key)).toMatchObject({
            status: 403,
            body: { error: { code: "forbidden" } },
          })
        for (const path of [
          "/key/generate",
          "/key/update",
          "/key/delete",
          "/key/block",
          "/key/unblock",
          "/budget/new",
          "/budget/delete",
        ])
          expect(await send(path, { key: one.key }, one.key)).toMatchObject({ status: 403 })
        for (const bearer of [null, "sk-nobody", "", one.token])
          expect(await send("/key/info", undefined, bearer)).toMatchObject({
            status: 401,
            body: { error: { code: "invalid_api_key" } },
          })
        expect(
          await send("/key/info", undefined, null, { "x-litellm-api-key": `Bearer ${one.key}` }),
        ).toMatchObject({ status: 200 })
      }))
  })

describe("POST /key/generate", () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld(`file:${places.folder()}/rejected.db`)
  })
  afterAll(() => world.close())

  it.each([
    ["no JSON", "{", ""],
    ["no object", [], ""],
    [
      "a body nested without an end",
      `{"metadata":${'{"a":'.repeat(10_000)}1${"}".repeat(10_001)}`,
      "",
    ],
    ["an unknown field", { max_bugdet: 1 }, "max_bugdet"],
    ["a negative budget", { max_budget: -1 }, "max_budget"],
    ["a duration of no unit", { duration: "30" }, "duration"],
    ["a budget of two months", { budget_duration: "2mo" }, "budget_duration"],
    [
      "two budgets of the same time",
      { budget_duration: "24h", budget_limits: [{ budget_duration: "1d", max_budget: 1 }] },
      "budget_limits",
    ],
    ["a negative limit", { rpm_limit: -1 }, "rpm_limit"],
    ["a negative limit of a model", { model_rpm_limit: { nova: -1 } }, "model_rpm_limit.nova"],
    ["two names of one limit", { ipm_limit: 1, images_per_minute: 2 }, "ipm_limit"],
    [
      "a budget of a model without its sum",
      { model_max_budget: { nova: { time_period: "1d" } } },
      "model_max_budget.nova",
    ],
    [
      "a budget of a model that is a number",
      { model_max_budget: { nova: 1 } },
      "model_max_budget.nova",
    ],
    ["guardrails", { guardrails: ["no-people"] }, "guardrails"],
    ["routes", { allowed_routes: ["/images"] }, "allowed_routes"],
    ["a text with a NUL", { key_alias: "a\0b" }, "key_alias"],
    ["a key that only manages", { key_type: "management" }, "key_type"],
  ])("rejects %s", async (_, body, param) => {
    const answer = await world.send("/key/generate", body)
    expect(answer).toMatchObject({
      status: 400,
      body: { error: { type: "invalid_request_error", param: param === "" ? null : param } },
    })
    expect((await world.send("/key/list")).body.total_count).toBe(0)
  })

  it("reports all issues at once", async () => {
    const { body } = await world.send("/key/generate", {
      guardrails: ["none"],
      rpm: 1,
      max_budget: "1",
    })
    expect(body.error.issues).toMatchObject(
      ["guardrails", "max_budget", "rpm"].map((param) => ({ param })),
    )
  })

  it("warns about unknown models", async () => {
    const models = {
      names: ["nova", "titan"],
      ids: ["amazon.nova-canvas-v1:0"],
      groupOf: (name: string) => (name === "canvas" ? "nova" : name),
    }
    const { send, close } = await openWorld(`file:${places.folder()}/names.db`, { models })
    const aliases = { mine: "nova", yours: "sd3" }
    const { body } = await send("/key/generate", {
      models: ["nova", "novaa", "ti*", "all-proxy-models"],
      aliases,
      model_rpm_limit: { mine: 1, yours: 1, canvas: 1 },
      model_max_budget: { titn: { budget_limit: 1 } },
    })
    expect(body.warnings).toEqual([
      expect.stringContaining(
        'models: this gateway has no model "novaa". The nearest names are nova',
      ),
      expect.stringContaining('aliases: this gateway has no model "sd3"'),
      expect.stringContaining('model_rpm_limit: this gateway has no model "yours"'),
      expect.stringContaining('model_max_budget: this gateway has no model "titn"'),
    ])
    expect(
      (
        await send("/key/update", {
          key: body.key,
          models: ["nova"],
          aliases: null,
          model_rpm_limit: null,
        })
      ).body.warnings,
    ).toHaveLength(1)
    const budget = await send("/budget/new", { model: "nova", max_budget: 1 })
    expect(budget.body.warnings).toEqual([
      expect.stringContaining("The nearest ids are amazon.nova-canvas-v1:0"),
    ])
    expect(
      (await send("/budget/new", { model: "amazon.nova-canvas-v1:0", max_budget: 1 })).body
        .warnings,
    ).toEqual([])
    await close()
  })

  it("rejects two budgets of one model under different names", async () => {
    const models = {
      names: ["nova", "titan"],
      ids: [],
      groupOf: (name: string) => (name === "canvas" ? "nova" : name),
    }
    const { send, close } = await openWorld(`file:${places.folder()}/twice.db`, { models })
    const budget = { budget_limit: 1 }
    const message =
      'model_max_budget lists the same model as "nova" and "canvas". Remove one of them.'
    const error = { param: "model_max_budget.canvas", message }
    expect(
      await send("/key/generate", {
        model_max_budget: { nova: budget, titan: budget, canvas: budget },
      }),
    ).toMatchObject({
      status: 400,
      body: { error },
    })
    const { body } = await send("/key/generate", {
      model_max_budget: { mine: budget, titan: budget },
    })
    const own = await send("/key/update", { key: body.key, aliases: { mine: "titan" } })
    expect(own).toMatchObject({ status: 400, body: { error: { param: "model_max_budget.titan" } } })
    expect((await send("/key/update", { key: body.key, aliases: { mine: "canvas" } })).status).toBe(
      200,
    )
    await close()
  })

  it("explains how to set a master key if there is none, and authenticate accepts everyone", async () => {
    const { keys, send, close } = await openWorld(`file:${places.folder()}/open.db`, {
      masterKey: undefined,
    })
    expect(await keys.authenticate("$LITELLM_VIRTUAL_KEY")).toMatchObject({
      kind: "anyone",
      models: [],
    })
    expect(await keys.authenticate(undefined)).toMatchObject({ kind: "anyone" })
    expect(await send("/key/generate", {})).toMatchObject({
      status: 400,
      body: { error: { message: expect.stringContaining("master_key") } },
    })
    expect(await send("/spend/report")).toMatchObject({ status: 200, body: [] })
    await close()
  })
})

describe("authenticate", () => {
  it("rejects a key from the moment when it expires", async () => {
    let nowMs = startMs
    const world = await openWorld(`file:${places.folder()}/expires.db`, { now: () => nowMs })
    const { body } = await world.send("/key/generate", { duration: "30m" })
    nowMs += 1_799_999
    expect(await world.keys.authenticate(body.key)).toMatchObject({ kind: "key" })
    nowMs += 1
    await expect(world.keys.authenticate(body.key)).rejects.toMatchObject({
      code: "unauthenticated",
      message: expect.stringContaining("expired at"),
    })
    await world.close()
  })
})
