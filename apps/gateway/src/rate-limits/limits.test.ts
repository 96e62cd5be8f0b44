import { ImageError } from "@pictor/core"
import { echoTransport } from "@pictor/echo"
import { describe, expect, it } from "vitest"
import { askDatabase, usePlaces } from "../admin/__fixtures__/places.ts"
import {
  callerWith,
  callOf,
  deploymentWith,
  heldTransport,
  studio,
} from "../admin/__fixtures__/studio.ts"
import { openWorld, startMs } from "../admin/__fixtures__/world.ts"
import { calls } from "../request-context.ts"
import { readWindow } from "./counter.ts"
import { rateLimits } from "./limits.ts"

const places = usePlaces()

const usedIn = async (url: string): Promise<Readonly<Record<string, number>>> => {
  const rows = await askDatabase(url, "select name, uses from gateway_window")
  return Object.fromEntries(
    rows.map(({ name, uses }) => [String(name), readWindow(String(uses), startMs).used] as const),
  )
}

for (const [name, place] of places.all)
  describe(`rateLimits on ${name}`, () => {
    it("limits a key's requests in any minute and reports when to retry", async () => {
      let nowMs = startMs
      const world = await openWorld(await place(), { now: () => nowMs })
      const { draw } = studio(world)
      const caller = callerWith({ requestsPerMinute: 2 })
      await draw(callOf(caller))
      nowMs += 49_900
      await draw(callOf(caller))
      nowMs += 200
      await expect(draw(callOf(caller))).rejects.toMatchObject({
        code: "rate_limited",
        retryable: true,
        retryAfterMs: 9900,
        message:
          "Key key_one is limited to 2 requests per minute: 2 used, 1 requested. Retry in 10 s, at 2026-11-20T12:01:10.000Z.",
      })
      await draw(callOf(callerWith({ keyId: "key_two", requestsPerMinute: 2 })))
      nowMs += 9899
      await expect(draw(callOf(caller))).rejects.toMatchObject({ retryAfterMs: 1 })
      nowMs += 1
      await draw(callOf(caller))
      await expect(draw(callOf(caller))).rejects.toMatchObject({ retryAfterMs: 49_900 })
      await world.close()
    })

    it("limits a key's requests for one model under each of its names, and reports the limit with the fewest left", async () => {
      const world = await openWorld(await place())
      const { draw } = studio(world)
      const aliases = { sketches: "pencil" }
      const caller = callerWith({
        requestsPerMinute: 4,
        modelRequestsPerMinute: { nova: 2, sketches: 1, other: 0 },
        aliases,
      })
      const callFor = (group: string) => ({ ...callOf(caller), group })
      const first = callFor("nova")
      await draw(first)
      expect(first.requestsLeft).toEqual({ limit: 2, remaining: 1 })
      await draw(callFor("nova"))
      const rejected = callFor("nova")
      await expect(draw(rejected)).rejects.toMatchObject({
        code: "rate_limited",
        message: expect.stringContaining(
          'limited to 2 requests per minute for "nova": 2 used, 1 requested',
        ),
      })
      expect(rejected.requestsLeft).toEqual({ limit: 2, remaining: 0 })
      await draw(callFor("pencil"))
      await expect(draw(callFor("pencil"))).rejects.toMatchObject({ code: "rate_limited" })
      const last = callFor("sd3")
      await draw(last)
      expect(last.requestsLeft).toEqual({ limit: 4, remaining: 0 })
      await expect(draw(callFor("other"))).rejects.toMatchObject({
        code: "rate_limited",
        retryable: false,
      })
      await world.close()
    })

    it("limits a key's images and gives back those that were not sent", async () => {
      const url = await place()
      const world = await openWorld(url)
      const caller = callerWith({ imagesPerMinute: 20 })
      const failing = studio(world, {
        name: "failing",
        invoke: () => Promise.reject(new ImageError({ code: "forbidden", message: "No." })),
      })
      await expect(failing.draw(callOf(caller), 12)).rejects.toMatchObject({ code: "forbidden" })
      expect(await usedIn(url)).toEqual({ "key:key_one:images": 4 })
      const { draw } = studio(world)
      await draw(callOf(caller), 14)
      await expect(draw(callOf(caller), 3)).rejects.toMatchObject({
        message: expect.stringContaining("limited to 20 images per minute: 18 used, 3 requested"),
      })
      await draw(callOf(caller), 2)
      await expect(draw(callOf(caller), 21)).rejects.toMatchObject({
        code: "rate_limited",
        retryable: false,
        message: expect.stringContaining(
          "limited to 20 images per minute; this request needs 21. Request fewer images",
        ),
      })
      await world.close()
    })

    it("gives back images and the deployment's request if the budget rejects the request", async () => {
      const url = await place()
      const world = await openWorld(url)
      await world.ledger.setBudget({
        scope: { key: "key_one" },
        window: "total",
        hard: { microUsd: 35 },
      })
      const { draw } = studio(world)
      const deployment = deploymentWith({ requestsPerMinute: 9, imagesPerMinute: 9 })
      const caller = callerWith({ requestsPerMinute: 9, imagesPerMinute: 9 })
      await draw(callOf(caller, deployment), 3)
      await expect(draw(callOf(caller, deployment), 2)).rejects.toMatchObject({
        code: "budget_exceeded",
      })
      const expected = {
        "key:key_one:images": 3,
        "key:key_one:requests": 2,
        "deployment:eu:images": 3,
        "deployment:eu:requests": 1,
      }
      expect(await usedIn(url)).toEqual(expected)
      await world.close()
    })

    it("limits concurrent requests until one of them ends", async () => {
      const world = await openWorld(await place())
      const { transport, arrived, release } = heldTransport()
      const { draw } = studio(world, transport)
      const caller = callerWith({ maxParallelRequests: 1 })
      const first = draw(callOf(caller))
      await arrived
      await expect(draw(callOf(caller))).rejects.toMatchObject({
        code: "rate_limited",
        retryAfterMs: 1000,
        message:
          "Key key_one is limited to 1 concurrent request: 1 is in progress. Retry when it has ended.",
      })
      release()
      await first
      await draw(callOf(caller))
      await world.close()
    })

    it("frees the slots of a crashed process after 15 seconds", async () => {
      let nowMs = startMs
      const url = await place()
      const [gone, there] = [
        await openWorld(url, { now: () => nowMs }),
        await openWorld(url, { now: () => nowMs }),
      ]
      const { transport, arrived, release } = heldTransport()
      const caller = callerWith({ maxParallelRequests: 1 })
      const lost = studio(gone, transport).draw(callOf(caller))
      await arrived
      const { draw } = studio(there)
      nowMs += 14_999
      await expect(draw(callOf(caller))).rejects.toMatchObject({ code: "rate_limited" })
      nowMs += 1
      await draw(callOf(caller))
      release()
      await lost
      await Promise.all([gone.close(), there.close()])
    })

    it("limits a deployment for all callers and marks it as full", async () => {
      const world = await openWorld(await place())
      const { draw } = studio(world)
      const deployment = deploymentWith({ imagesPerMinute: 5 })
      await draw(callOf(callerWith(), deployment), 4)
      const call = callOf(callerWith({ keyId: "key_two" }), deployment)
      await expect(draw(call, 2)).rejects.toMatchObject({
        code: "rate_limited",
        retryAfterMs: 60_000,
      })
      expect(call.full).toBe("eu")
      const large = callOf({ ...callerWith(), kind: "anyone" }, deployment)
      await expect(draw(large, 6)).rejects.toMatchObject({
        code: "rate_limited",
        retryable: false,
        retryAfterMs: 0,
      })
      expect(large.full).toBe("eu")
      const own = callOf(callerWith({ requestsPerMinute: 0 }), deployment)
      await expect(draw(own)).rejects.toMatchObject({ code: "rate_limited" })
      expect(own.full).toBeUndefined()
      await world.close()
    })

    it("counts a request once for several deployments", async () => {
      const url = await place()
      const world = await openWorld(url)
      const call = callOf(callerWith({ requestsPerMinute: 1 }), deploymentWith({}))
      const failing = studio(world, {
        name: "failing",
        invoke: () => Promise.reject(new ImageError({ code: "unavailable", message: "No." })),
      })
      await expect(failing.draw(call)).rejects.toMatchObject({ code: "unavailable" })
      call.deployment = deploymentWith({ id: "us" })
      await studio(world).draw(call)
      expect(await usedIn(url)).toEqual({ "key:key_one:requests": 1 })
      await expect(studio(world).draw(callOf(call.caller))).rejects.toMatchObject({
        code: "rate_limited",
      })
      await world.close()
    })

    it("admits exactly the limit of concurrent requests", async () => {
      const url = await place()
      const worlds = [await openWorld(url), await openWorld(url)]
      const caller = callerWith({ requestsPerMinute: 25, imagesPerMinute: 40 })
      const deployment = deploymentWith({ requestsPerMinute: 15 })
      const draws = worlds.flatMap((world) =>
        Array.from({ length: 20 }, () => studio(world).draw(callOf(caller, deployment), 2)),
      )
      const answers = await Promise.allSettled(draws)
      expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(15)
      for (const answer of answers)
        if (answer.status === "rejected")
          expect(answer.reason).toMatchObject({ code: "rate_limited" })
      const expected = {
        "key:key_one:requests": 15,
        "key:key_one:images": 30,
        "deployment:eu:requests": 15,
      }
      expect(await usedIn(url)).toEqual(expected)
      await Promise.all(worlds.map(({ close }) => close()))
    })
  })

for (const [name, place] of places.all)
  describe(`rateLimits in several processes, on ${name}`, () => {
    it("admits exactly the limit of concurrent requests", async () => {
      const url = await place()
      const worlds = [await openWorld(url), await openWorld(url), await openWorld(url)]
      const { transport, release } = heldTransport()
      const caller = callerWith({ maxParallelRequests: 4 })
      let rejected = 0
      const draws = worlds.flatMap((world) =>
        Array.from({ length: 5 }, () => studio(world, transport).draw(callOf(caller))),
      )
      // The others wait for their pictures.
      const last = draws.map((draw) =>
        draw.catch(() => {
          rejected += 1
          if (rejected === 11) release()
        }),
      )
      const pictures = (await Promise.all(last)).filter((result) => result !== undefined)
      expect([pictures.length, rejected]).toEqual([4, 11])
      expect(await askDatabase(url, "select * from gateway_lease")).toEqual([])
      await Promise.all(worlds.map(({ close }) => close()))
    })
  })

describe("rateLimits without limits", () => {
  it("makes no query", async () => {
    const noQuery = () => Promise.reject(new TypeError("No query."))
    const limits = rateLimits(
      { admit: noQuery, renew: noQuery, close: noQuery },
      () => startMs,
      (name) => name,
    )
    const world = await openWorld(`file:${places.folder()}/none.db`)
    const { draw } = studio({ ...world, keys: { ...world.keys, limits } }, echoTransport())
    expect((await draw(callOf(callerWith(), deploymentWith({})))).images).toHaveLength(1)
    await expect(draw(callOf(callerWith({ requestsPerMinute: 5 })))).rejects.toThrow("No query.")
    expect(calls.getStore()).toBeUndefined()
    await world.close()
  })
})
