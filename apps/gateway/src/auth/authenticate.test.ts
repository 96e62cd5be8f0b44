import { ImageError } from "@pictor/core"
import { describe, expect, it, vi } from "vitest"
import { askDatabase, usePlaces } from "../admin/__fixtures__/places.ts"
import { callerWith, callOf, studio } from "../admin/__fixtures__/studio.ts"
import { masterKey, openWorld, startMs } from "../admin/__fixtures__/world.ts"
import { createComparison } from "../keys/key-secret.ts"
import type { Key } from "../keys/repository.ts"
import type { Caller } from "../types.ts"
import { createAuthenticate, createKeyCache, identifyCaller } from "./authenticate.ts"

const compared = vi.hoisted((): number[][] => [])

vi.mock(import("node:crypto"), async (original) => {
  const crypto = await original()
  const timingSafeEqual: typeof crypto.timingSafeEqual = (first, second) => {
    compared.push([first.byteLength, second.byteLength])
    return crypto.timingSafeEqual(first, second)
  }
  return { ...crypto, timingSafeEqual }
})

const places = usePlaces()

const tables = [
  "gateway_key",
  "gateway_budget",
  "gateway_window",
  "gateway_former_key",
  "gateway_lease",
  "gateway_secret",
  "pictor_call",
  "pictor_budget",
  "pictor_key",
]

for (const [name, place] of places.all)
  describe(`authenticate on ${name}`, () => {
    it("accepts a key in every process, and rejects it everywhere five seconds after it was blocked", async () => {
      let nowMs = startMs
      const url = await place()
      const [here, there] = [
        await openWorld(url, { now: () => nowMs }),
        await openWorld(url, { now: () => nowMs }),
      ]
      const { key, token } = (await here.send("/key/generate", {})).body
      expect(await there.keys.authenticate(key)).toMatchObject({ keyId: token })
      await here.send("/key/block", { key })
      await expect(here.keys.authenticate(key)).rejects.toMatchObject({ code: "unauthenticated" })
      nowMs += 5000
      await expect(there.keys.authenticate(key)).rejects.toMatchObject({ code: "unauthenticated" })
      await Promise.all([here.close(), there.close()])
    })

    it("leaves the secret in no table, response, error or ledger row but the first response", async () => {
      const url = await place()
      const world = await openWorld(url)
      const { key, token } = (
        await world.send("/key/generate", { key_alias: "canary", max_budget: 1, rpm_limit: 100 })
      ).body
      const caller = await world.keys.authenticate(key)
      await studio(world).draw(callOf(caller))
      const describeError = (error: ImageError): string => `${JSON.stringify(error)} ${error.stack}`
      const rejected = studio(world).draw(callOf(callerWith({ ...caller, requestsPerMinute: 0 })))
      const answers = [
        await rejected.then(String, describeError),
        (await world.send(`/key/info?key=${key}`)).text,
        (await world.send("/key/list?return_full_object=true")).text,
        (await world.send(`/spend/logs?api_key=${key}`)).text,
        (await world.send("/spend/report?group_by=key")).text,
        (await world.send("/key/update", { key, rpm_limit: 5 })).text,
        (await world.send("/key/update", { key, no_such_field: key })).text,
        (await world.send("/key/block", { key })).text,
        await world.keys.authenticate(key).then(String, describeError),
        (await world.send("/key/regenerate", { key, new_key: key })).text.replace(
          key,
          "the first response",
        ),
        (await world.send("/key/regenerate", { key, grace_period: "1d" })).text,
        (await world.send(`/key/${key}/regenerate`, {})).text,
        await world.keys.authenticate(key).then(String, describeError),
        (await world.send("/key/delete", { keys: [key, `${key}x`] })).text,
        (await world.send("/key/delete", { keys: [key] })).text,
        (await world.send(`/key/info?key=${key}`)).text,
        ...(await Promise.all(
          tables.map(async (table) =>
            JSON.stringify(await askDatabase(url, `select * from ${table}`)),
          ),
        )),
      ]
      expect(answers.join("\n")).toContain(token)
      for (const answer of answers) {
        expect(answer).not.toContain(key)
        expect(answer).not.toContain(masterKey)
      }
      await world.close()
    })

    it("accepts keys after the master key changed with the former one", async () => {
      const url = await place()
      const before = await openWorld(url)
      const { key, token } = (await before.send("/key/generate", {})).body
      await expect(openWorld(url, { masterKey: "sk-new-master" })).rejects.toMatchObject({
        code: "invalid_request",
        message: expect.stringContaining("previous_master_key"),
      })
      const changing = await openWorld(url, {
        masterKey: "sk-new-master",
        previousMasterKey: masterKey,
      })
      const after = await openWorld(url, { masterKey: "sk-new-master" })
      for (const { keys } of [before, changing, after])
        expect(await keys.authenticate(key)).toMatchObject({ keyId: token })
      await expect(after.keys.authenticate(masterKey)).rejects.toMatchObject({
        code: "unauthenticated",
      })
      await expect(openWorld(url)).rejects.toMatchObject({ code: "invalid_request" })
      await Promise.all([before, changing, after].map(({ close }) => close()))
    })

    it("accepts keys in processes that started at once on an empty database", async () => {
      const url = await place()
      const [first, ...others] = await Promise.all([
        openWorld(url),
        openWorld(url),
        openWorld(url),
        openWorld(url),
      ])
      const worlds = [first, ...others]
      const { key, token } = (await first.send("/key/generate", {})).body
      for (const { keys } of worlds)
        expect(await keys.authenticate(key)).toMatchObject({ keyId: token })
      await Promise.all(worlds.map(({ close }) => close()))
    })
  })

const someKey: Key = {
  id: "key_one",
  name: "sk-...abcd",
  alias: null,
  user: null,
  team: null,
  blocked: false,
  expiresMs: null,
  createdMs: 0,
  updatedMs: 0,
  settings: { models: [], aliases: {}, metadata: {}, tags: [], furtherBudgets: [] },
}

describe("createAuthenticate", () => {
  it("compares the master key in constant time", async () => {
    const cache = createKeyCache(
      async () => undefined,
      () => startMs,
    )
    const authenticate = createAuthenticate({
      isMaster: createComparison(masterKey),
      hash: (key) => `hash of ${key.length}`,
      cache,
      now: () => startMs,
    })
    for (const given of ["x", masterKey.slice(0, -1), masterKey, `${masterKey}x`]) {
      compared.length = 0
      const caller = await authenticate(given).catch((error: ImageError) => error.code)
      expect(caller).toEqual(
        given === masterKey ? expect.objectContaining({ kind: "master" }) : "unauthenticated",
      )
      expect(compared).toEqual([[32, 32]])
    }
  })
})

describe("identifyCaller", () => {
  it.each(["Bearer sk-1", "bearer  sk-1", "BEARER sk-1", "sk-1"])(
    "reads the key of Authorization: %s",
    async (authorization) => {
      const seen = vi.fn(async () => ({ kind: "master" }) as Caller)
      await identifyCaller(seen, { authorization })
      expect(seen).toHaveBeenCalledWith("sk-1")
    },
  )
})

describe("a key that expires", () => {
  it.each([
    [startMs + 1, "key"],
    [startMs, "unauthenticated"],
  ])("is accepted before its last millisecond, and not in it", async (expiresMs, wanted) => {
    const now = () => startMs
    const authenticate = createAuthenticate({
      isMaster: () => false,
      hash: () => "h",
      cache: createKeyCache(async () => ({ ...someKey, expiresMs }), now),
      now,
    })
    const caller = await authenticate("sk-1").catch((error: ImageError) => error.code)
    expect(typeof caller === "string" ? caller : caller.kind).toBe(wanted)
  })
})

describe("createKeyCache", () => {
  it("queries a key once in five seconds", async () => {
    let [nowMs, lookups] = [startMs, 0]
    const find = async () => {
      lookups += 1
      return someKey
    }
    const cache = createKeyCache(find, () => nowMs)
    await Promise.all(Array.from({ length: 50 }, () => cache.get("h")))
    nowMs += 4999
    await cache.get("h")
    expect(lookups).toBe(1)
    nowMs += 1
    await cache.get("h")
    expect(lookups).toBe(2)
  })

  it("caches neither errors nor unknown keys", async () => {
    let answer: () => Promise<Key | undefined> = () =>
      Promise.reject(new ImageError({ code: "unavailable", message: "No." }))
    const cache = createKeyCache(
      () => answer(),
      () => startMs,
    )
    await expect(cache.get("h")).rejects.toMatchObject({ code: "unavailable" })
    answer = async () => undefined
    expect(await cache.get("h")).toBeUndefined()
    answer = async () => someKey
    expect(await cache.get("h")).toBe(someKey)
  })

  it("drops the oldest key when it is full", async () => {
    let lookups = 0
    const find = async () => {
      lookups += 1
      return someKey
    }
    const cache = createKeyCache(find, () => startMs)
    for (let index = 0; index <= 10_000; index += 1) await cache.get(`h${index}`)
    await cache.get("h10000")
    expect(lookups).toBe(10_001)
    await cache.get("h0")
    expect(lookups).toBe(10_002)
  })

  it("counts a key that is queried again as new", async () => {
    let [nowMs, lookups] = [startMs, 0]
    const find = async () => {
      lookups += 1
      return someKey
    }
    const cache = createKeyCache(find, () => nowMs)
    for (let index = 0; index < 10_000; index += 1) await cache.get(`h${index}`)
    nowMs += 5000
    for (const name of ["h0", "one more", "h0"]) await cache.get(name)
    expect(lookups).toBe(10_002)
  })
})
