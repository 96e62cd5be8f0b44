import { openDatabase } from "@pictor/ledger"
import { describe, expect, it } from "vitest"
import { regenerateKey } from "../keys/operations.ts"
import { openStore } from "../keys/tables.ts"
import { askDatabase, usePlaces } from "./__fixtures__/places.ts"
import { masterKey, openWorld, spend, startMs, type World } from "./__fixtures__/world.ts"

const places = usePlaces()

const settings = {
  key_alias: "ann",
  models: ["nova"],
  max_budget: 0.1,
  rpm_limit: 5,
  user_id: "ann",
  tags: ["print"],
}

interface Test extends World {
  readonly url: string
  /** Of all processes. */
  pass(ms: number): void
}

const withWorld = async (
  place: () => Promise<string>,
  test: (world: Test) => Promise<void>,
): Promise<void> => {
  let nowMs = startMs
  const url = await place()
  const world = await openWorld(url, { now: () => nowMs })
  try {
    await test({
      ...world,
      url,
      pass: (ms) => {
        nowMs += ms
      },
    })
  } finally {
    await world.close()
  }
}

const rejected = { code: "unauthenticated" }

for (const [name, place] of places.all)
  describe(`POST /key/regenerate on ${name}`, () => {
    it("replaces the secret, keeps id, settings and spending, and ends the former secret", () =>
      withWorld(place, async ({ send, keys, ledger, url }) => {
        const made = (await send("/key/generate", settings)).body
        await spend(ledger, 60_000, { key: made.token })
        await keys.authenticate(made.key)
        const { status, body } = await send("/key/regenerate", { key: made.key })
        expect(status).toBe(200)
        expect(body).toMatchObject({
          ...settings,
          token: made.token,
          token_id: made.token,
          spend: 0.06,
          warnings: [],
        })
        expect(body.key).toMatch(/^sk-[\w-]{43}$/)
        expect(body.key).not.toBe(made.key)
        expect(body.key_name).toBe(`sk-...${String(body.key).slice(-4)}`)
        await expect(keys.authenticate(made.key)).rejects.toMatchObject(rejected)
        expect(await keys.authenticate(body.key)).toMatchObject({
          keyId: made.token,
          models: ["nova"],
          requestsPerMinute: 5,
        })
        await expect(spend(ledger, 50_000, { key: made.token })).rejects.toMatchObject({
          code: "budget_exceeded",
        })
        expect(JSON.stringify(await askDatabase(url, "select * from gateway_former_key"))).toBe(
          "[]",
        )
        expect((await send("/key/list")).body.total_count).toBe(1)
      }))

    it("accepts the key in the path, a custom secret and changed fields", () =>
      withWorld(place, async ({ send, keys, ledger }) => {
        const { token } = (await send("/key/generate", settings)).body
        const own = "sk-1234567890abcdefABCDEF"
        const changes = { max_budget: 0.2, rpm_limit: null, duration: "30d" }
        const { body } = await send(`/key/${token}/regenerate`, { new_key: own, ...changes })
        expect(body).toMatchObject({
          key: own,
          max_budget: 0.2,
          rpm_limit: null,
          expires: "2026-12-20T12:00:10.000Z",
          user_id: "ann",
        })
        expect(await keys.authenticate(own)).toMatchObject({
          keyId: token,
          maxBudgetMicroUsd: 200_000,
        })
        expect(await ledger.budgets({ key: token })).toMatchObject([
          { budget: { hard: { microUsd: 200_000 } } },
        ])
        expect(await send("/key/regenerate", { key: own, new_key: own })).toMatchObject({
          status: 200,
          body: { key: own },
        })
        expect(await keys.authenticate(own)).toMatchObject({ keyId: token })
      }))

    it("keeps the former secret valid for its grace period in every process, at most until the key expires", () =>
      withWorld(place, async ({ send, keys, url, pass }) => {
        let theirMs = startMs
        const there = await openWorld(url, { now: () => theirMs })
        const first = (await send("/key/generate", {})).body
        const second = (await send("/key/regenerate", { key: first.key, grace_period: "1h" })).body
        const third = (await send("/key/regenerate", { key: second.key, grace_period: "2h" })).body
        expect([first.former_keys_expire, third.former_keys_expire]).toEqual([
          [],
          ["2026-11-20T13:00:10.000Z", "2026-11-20T14:00:10.000Z"],
        ])
        for (const { key } of [first, second, third])
          for (const each of [keys, there.keys])
            expect(await each.authenticate(key)).toMatchObject({ keyId: first.token })
        expect((await send(`/key/info?key=${first.key}`, undefined, first.key)).body).toMatchObject(
          {
            key: first.token,
            info: { expires: null },
          },
        )
        expect(await send("/key/update", { key: first.key, rpm_limit: 1 })).toMatchObject({
          status: 404,
        })
        pass(3_600_000)
        theirMs += 3_600_000
        for (const each of [keys, there.keys])
          await expect(each.authenticate(first.key)).rejects.toMatchObject({
            ...rejected,
            message: expect.stringContaining("13:00:10.000Z"),
          })
        for (const { key } of [second, third])
          expect(await keys.authenticate(key)).toMatchObject({ keyId: first.token })
        await send("/key/block", { key: third.key })
        await expect(keys.authenticate(second.key)).rejects.toMatchObject({
          message: expect.stringContaining("blocked"),
        })
        await send("/key/unblock", { key: third.key })
        await send("/key/update", { key: third.key, duration: "30m" })
        pass(1_800_000)
        await expect(keys.authenticate(second.key)).rejects.toMatchObject(rejected)
        await there.close()
      }))

    it("ends all former secrets without a grace period, and when the key is deleted", () =>
      withWorld(place, async ({ send, keys, url }) => {
        const first = (await send("/key/generate", {})).body
        const second = (await send("/key/regenerate", { key: first.token, grace_period: "1d" }))
          .body
        const third = (await send("/key/regenerate", { key: first.token })).body
        for (const { key } of [first, second])
          await expect(keys.authenticate(key)).rejects.toMatchObject(rejected)
        await send("/key/regenerate", { key: third.token, grace_period: "1d" })
        await send("/key/delete", { keys: [third.token] })
        await expect(keys.authenticate(third.key)).rejects.toMatchObject(rejected)
        expect(await askDatabase(url, "select * from gateway_former_key")).toEqual([])
      }))

    it("changes nothing when the transaction runs again", () =>
      withWorld(place, async ({ send, keys, ledger, url }) => {
        const made = (await send("/key/generate", {})).body
        const database = await openDatabase(url)
        const store = await openStore(database)
        const twice = {
          ...store,
          write: <Out>(work: Parameters<typeof store.write<Out>>[0]) =>
            store.write(work).then(() => store.write(work)),
        }
        const hash = (text: string): string => `hash of ${text}`
        await store.write((db) =>
          db
            .updateTable("gateway_key")
            .set({ hash: hash(made.key) })
            .execute(),
        )
        const dependencies = {
          store: twice,
          ledger,
          hash,
          now: () => startMs,
          groupOf: (group: string) => group,
          forget: () => undefined,
        }
        const regeneration = { body: {}, customSecret: undefined, gracePeriod: "1h" }
        const renewed = await regenerateKey(dependencies, made.key, regeneration)
        const rows = await askDatabase(
          url,
          "select hash from gateway_former_key union all select hash from gateway_key",
        )
        expect(rows.map((row) => row["hash"])).toEqual([
          hash(made.key),
          hash(String(renewed?.secret)),
        ])
        await expect(keys.authenticate(renewed?.secret)).rejects.toMatchObject(rejected)
        await database.close()
      }))

    it("rejects invalid requests with the field", () =>
      withWorld(place, async ({ send, keys }) => {
        const own = "sk-1234567890abcdefABCDEF"
        const [one, two] = [
          (await send("/key/generate", { key: own })).body,
          (await send("/key/generate", {})).body,
        ]
        const before = (await send("/key/regenerate", { key: two.token, grace_period: "1d" })).body
        for (const [body, param] of [
          [{}, "key"],
          [{ key: one.token, new_key: "short" }, "new_key"],
          [{ key: one.token, new_key: masterKey }, "new_key"],
          [{ key: two.token, new_key: own }, "new_key"],
          [{ key: one.token, new_key: two.key }, "new_key"],
          [{ key: one.token, grace_period: "soon" }, "grace_period"],
          [{ key: one.token, spend: 0 }, "spend"],
          [{ key: one.token, new_master_key: "sk-new" }, "new_master_key"],
        ] as const)
          expect([param, await send("/key/regenerate", body)]).toMatchObject([
            param,
            { status: 400, body: { error: { param } } },
          ])
        expect(await send(`/key/${one.token}/regenerate`, { key: two.token })).toMatchObject({
          status: 400,
          body: { error: { param: "key" } },
        })
        expect(await send("/key/generate", { key: two.key })).toMatchObject({
          status: 400,
          body: { error: { param: "key" } },
        })
        expect(await send("/key/regenerate", { key: "key_none" })).toMatchObject({ status: 404 })
        expect(await send("/key/regenerate", { key: one.token }, own)).toMatchObject({
          status: 403,
        })
        expect(await send(`/key/${one.token}/regenerate`, {}, own)).toMatchObject({ status: 403 })
        for (const { key, token } of [one, two, before])
          expect(await keys.authenticate(key)).toMatchObject({ keyId: token })
      }))
  })
