import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { usePlaces } from "../admin/__fixtures__/places.ts"
import { openWorld, type World } from "./__fixtures__/gateway.ts"
import {
  ask,
  callsFor,
  read,
  small,
  smallest,
  smallestMicroUsd,
  smallMicroUsd,
} from "./__fixtures__/send-request.ts"

const places = usePlaces()
const masterKey = "sk-master-of-this-test"

const bearer = (key: string) => ({ authorization: `Bearer ${key}` })

for (const [name, place] of places.all)
  describe(`a key on ${name}, from its beginning to its end,`, () => {
    let world: World
    let key = ""
    let token = ""
    let other = ""
    beforeAll(async () => {
      world = await openWorld({ databaseUrl: await place(), general: { masterKey } })
    })
    afterAll(() => world.close())

    const draw = async (more: object = {}, headers: object = {}) => {
      const fields = { ...small, prompt: "tea", ...more }
      return read(await ask({ url: world.url, fields, headers: { ...bearer(key), ...headers } }))
    }

    /** An admin request; with a body it is a POST. */
    const tell = async (path: string, body?: object, as = masterKey) => {
      const headers = { ...bearer(as), "content-type": "application/json" }
      const response = await fetch(
        `${world.url}${path}`,
        body ? { method: "POST", headers, body: JSON.stringify(body) } : { headers },
      )
      return { status: response.status, body: (await response.json()) as unknown }
    }

    it("is created and generates within its budget", async () => {
      const made = await tell("/key/generate", {
        max_budget: 0.1,
        key_alias: "ann",
        user_id: "ann",
        tags: ["garden"],
      })
      expect(made).toMatchObject({
        status: 200,
        body: { max_budget: 0.1, key_alias: "ann", expires: null },
      })
      ;({ key, token } = made.body as { readonly key: string; readonly token: string })
      other = ((await tell("/key/generate", {})).body as { readonly key: string }).key
      expect((await draw({ n: 2 })).headers.get("x-litellm-key-spend")).toBe("0.08")
    })

    it("is rejected above its budget before anything is sent", async () => {
      const { status, error, headers } = await draw({ prompt: "dear-" })
      expect([status, error?.code, headers.get("x-should-retry")]).toEqual([
        429,
        "budget_exceeded",
        "false",
      ])
      expect(callsFor(world.emulator, "dear-")).toBe(0)
    })

    it("generates again with a larger budget", async () => {
      expect(await tell("/key/update", { key, max_budget: 0.2 })).toMatchObject({
        status: 200,
        body: { max_budget: 0.2, spend: 0.08 },
      })
      const { status, headers } = await draw()
      expect([
        status,
        headers.get("x-litellm-key-spend"),
        headers.get("x-litellm-key-max-budget"),
      ]).toEqual([200, "0.12", "0.2"])
    })

    it("is rejected while it is blocked", async () => {
      expect(await tell("/key/block", { key: token })).toMatchObject({
        status: 200,
        body: { blocked: true },
      })
      const { status, error } = await draw({ prompt: "blocked-" })
      expect([status, error?.code, error?.message]).toEqual([
        401,
        "invalid_api_key",
        expect.stringContaining("is blocked"),
      ])
      expect(callsFor(world.emulator, "blocked-")).toBe(0)
      await tell("/key/unblock", { key: token })
      expect((await draw({ ...smallest })).status).toBe(200)
    })

    it("sees itself only, and no admin route", async () => {
      expect(await tell("/key/info", undefined, key)).toMatchObject({
        status: 200,
        body: { key: token, info: { spend: 0.138, images: 4 } },
      })
      expect(await tell(`/key/info?key=${token}`, undefined, other)).toMatchObject({ status: 403 })
      expect(await tell(`/spend/logs?api_key=${token}`, undefined, other)).toMatchObject({
        status: 403,
      })
      for (const path of [
        "/key/generate",
        "/key/update",
        "/key/delete",
        "/key/block",
        "/budget/new",
      ])
        expect([path, (await tell(path, { key: token }, key)).status]).toEqual([path, 403])
      for (const path of ["/key/list", "/spend/report", "/budget/list"])
        expect([path, (await tell(path, undefined, key)).status]).toEqual([path, 403])
    })

    it("pays a repeated request once and gets no images of another key's", async () => {
      const headers = { "idempotency-key": "one" }
      const [first, again] = [
        await draw({ ...smallest, prompt: "once-" }, headers),
        await draw({ ...smallest, prompt: "once-" }, headers),
      ]
      expect([first.status, again.status, callsFor(world.emulator, "once-")]).toEqual([200, 200, 1])
      expect(again.images).toEqual(first.images)
      const changed = await draw({ ...smallest, prompt: "other-" }, headers)
      expect([changed.status, changed.error?.code, callsFor(world.emulator, "other-")]).toEqual([
        422,
        "idempotency_mismatch",
        0,
      ])
      expect([first, again].map((each) => each.headers.get("x-litellm-key-spend"))).toEqual([
        "0.156",
        "0.156",
      ])
      const words = { ...smallest, prompt: "[[fault:slow-first-byte;ms=50]]" }
      const joined = await Promise.all([
        draw(words, { "idempotency-key": "two" }),
        draw(words, { "idempotency-key": "two" }),
      ])
      expect(joined.map((each) => each.headers.get("x-litellm-key-spend"))).toEqual([
        "0.174",
        "0.174",
      ])
      const page = await (await fetch(`${world.url}/metrics`)).text()
      expect(
        [...page.matchAll(/^pictor_cost_micro_usd_total\{.*diffusion.* (\d+)$/gm)].map(([, sum]) =>
          Number(sum),
        ),
      ).toEqual([3 * smallestMicroUsd])
    })

    it("keeps its spending and idempotency after regeneration, which revokes the old secret", async () => {
      const { status, body } = await tell(`/key/${token}/regenerate`, { grace_period: null })
      expect([status, body]).toMatchObject([200, { token, max_budget: 0.2, spend: 0.174 }])
      const old = key
      ;({ key } = body as { readonly key: string })
      expect(await tell("/key/info", undefined, old)).toMatchObject({ status: 401 })
      const again = await draw({ ...smallest, prompt: "once-" }, { "idempotency-key": "one" })
      expect([
        again.status,
        callsFor(world.emulator, "once-"),
        again.headers.get("x-litellm-key-spend"),
      ]).toEqual([200, 1, "0.174"])
    })

    it("is charged what the provider was sent, in logs and reports alike", async () => {
      const images = (model: string) =>
        world.emulator.requests.filter(({ modelId }) => modelId === model).length
      // One call to Nova Canvas returned two images.
      const due =
        (images(small.model) + 1) * smallMicroUsd + images(smallest.model) * smallestMicroUsd
      const logs = (await tell("/spend/logs", undefined, key)).body as readonly {
        readonly spend: number
        readonly api_key: string
      }[]
      const sum = (rows: readonly { readonly spend: number }[]) =>
        Math.round(rows.reduce((total, { spend }) => total + spend, 0) * 1e6)
      expect([logs.length, sum(logs), [...new Set(logs.map(({ api_key }) => api_key))]]).toEqual([
        5,
        due,
        [token],
      ])
      const report = (await tell("/spend/report?group_by=key")).body
      expect(report).toMatchObject([{ micro_usd: due, images: 6, calls: 5 }])
      expect((await tell("/spend/report?group_by=user,model")).body).toMatchObject([
        { user_id: "ann", model: small.model, micro_usd: 3 * smallMicroUsd },
        { user_id: "ann", model: smallest.model, micro_usd: 3 * smallestMicroUsd },
      ])
      expect((await tell("/spend/report?group_by=tag")).body).toMatchObject(
        expect.arrayContaining([expect.objectContaining({ micro_usd: due })]),
      )
      expect(await world.books.wrong()).toEqual([])
    })

    it("is rejected once it is deleted, and its spending remains", async () => {
      expect(await tell("/key/delete", { keys: [key] })).toMatchObject({
        status: 200,
        body: { deleted_keys: [expect.any(String)] },
      })
      expect(await draw()).toMatchObject({ status: 401, error: { code: "invalid_api_key" } })
      expect((await tell(`/key/info?key=${token}`)).status).toBe(404)
      expect((await tell(`/spend/logs?api_key=${token}`)).body).toHaveLength(5)
    })
  })
