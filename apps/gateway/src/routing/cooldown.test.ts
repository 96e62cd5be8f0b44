import { type ErrorCode, type ImageErrorOptions, isImageError } from "@pictor/core"
import { describe, expect, it } from "vitest"
import { routerDefaults } from "../config/router-config.ts"
import type { Deployment } from "../types.ts"
import { createWorld, fails, paints, throttled, type WorldOptions } from "./__fixtures__/world.ts"
import { createCooldowns } from "./cooldown.ts"

const outcome = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "delivered",
    (error: unknown) => (isImageError(error) ? error.code : error),
  )

/** Two deployments, of which the first is tried first and fails as scripted. */
const worldOf = (does: readonly ReturnType<typeof fails>[], config: WorldOptions["config"] = {}) =>
  createWorld(
    [
      { id: "a", order: 0, does },
      { id: "b", order: 1 },
    ],
    { config: { retries: 1, ...config } },
  )

describe("a deployment", () => {
  it.each<readonly [ErrorCode, Partial<ImageErrorOptions>]>([
    ["rate_limited", { status: 429 }],
    ["unauthenticated", { status: 401 }],
    ["forbidden", { status: 403 }],
    ["model_not_found", { status: 404 }],
    ["timeout", { status: 408, retryable: true }],
    ["quota_exceeded", {}],
    ["misconfigured", {}],
  ])("cools down at once after %s %j", async (code, more) => {
    const world = worldOf([fails(code, more), paints])
    await world.ask()
    await world.ask()
    world.clock.nowMs += 4999
    await world.ask()
    world.clock.nowMs += 1
    await world.ask()
    expect(world.asked()).toEqual(["a", "b", "b", "b", "a"])
  })

  it.each<readonly [ErrorCode, Partial<ImageErrorOptions>]>([
    ["unavailable", { status: 503 }],
    ["provider_failed", { status: 500, retryable: true }],
  ])("cools down after more than allowed_fails of %s %j in a minute", async (code, more) => {
    const world = worldOf([fails(code, more)], { allowedFails: 2 })
    for (const _ of Array(4)) await world.ask()
    expect(world.asked()).toEqual(["a", "b", "a", "b", "a", "b", "b"])
    expect(world.router.state()[0]).toMatchObject({
      failures: 0,
      pause: { reason: "InternalServerError", untilMs: world.clock.nowMs + 5000 },
    })
  })

  it("ignores failures older than a minute", async () => {
    const world = worldOf([fails("unavailable")], { allowedFails: 1 })
    for (const _ of Array(4)) {
      await world.ask()
      expect(world.router.state()[0]).toMatchObject({ failures: 1 })
      world.clock.nowMs += 60_000
    }
    expect(world.asked()).toEqual(["a", "b", "a", "b", "a", "b", "a", "b"])
  })

  it.each<readonly [ErrorCode, Partial<ImageErrorOptions>]>([
    ["invalid_request", { status: 400 }],
    ["content_filtered", { stage: "prompt" }],
    ["aborted", {}],
  ])("does not cool down for an error of the caller: %s", async (code, more) => {
    const world = worldOf([fails(code, more)], { allowedFails: 0 })
    for (const _ of Array(3)) await outcome(world.ask())
    expect(world.asked()).toEqual(["a", "a", "a"])
  })

  it("follows allowed_fails_policy for the kinds it lists", async () => {
    const config = { allowedFailsPolicy: { RateLimitError: 1, ContentPolicyViolationError: 0 } }
    const limited = worldOf([throttled], config)
    for (const _ of Array(3)) await limited.ask()
    expect(limited.asked()).toEqual(["a", "b", "a", "b", "b"])
    const filtered = worldOf([fails("content_filtered", { stage: "prompt" })], config)
    for (const _ of Array(2)) await outcome(filtered.ask())
    expect(filtered.asked()).toEqual(["a", "b"])
  })

  it("cools down for its own time, or longer if the provider says so", async () => {
    const long = worldOf([fails("rate_limited", { status: 429, retryAfterMs: 90_000 })])
    await long.ask()
    expect(long.router.state()[0]?.pause?.untilMs).toBe(long.clock.nowMs + 90_000)
    const own = createWorld([
      { id: "a", order: 0, does: [throttled], cooldownMs: 70_000 },
      { id: "b", order: 1 },
    ])
    await own.ask()
    expect(own.router.state()[0]?.pause?.untilMs).toBe(own.clock.nowMs + 70_000)
  })

  it("never cools down with disable_cooldowns or without an alternative", async () => {
    const off = worldOf([throttled, paints], { cooldownMs: 0 })
    await off.ask()
    await off.ask()
    const lone = createWorld([{ id: "a", does: [throttled, throttled, paints] }], {
      config: { retries: 1 },
    })
    expect([await outcome(lone.ask()), await outcome(lone.ask())]).toEqual([
      "rate_limited",
      "delivered",
    ])
    expect(off.asked()).toEqual(["a", "b", "a"])
  })

  it("is skipped for its fallback while it cools down, if alone in its group", async () => {
    const members = [
      { id: "a", does: [throttled] },
      { id: "b", group: "other" },
    ]
    const world = createWorld(members, { config: { retries: 0, fallbacks: { paint: ["other"] } } })
    await world.ask()
    const result = await world.ask()
    expect(world.asked()).toEqual(["a", "b", "b"])
    expect(result.changes[0]?.why).toBe(
      '"paint": Every deployment of "paint" is at its limit. Retry in 5 s.',
    )
  })

  it("does not fail if the caller disconnects", async () => {
    const abort = new AbortController()
    const world = worldOf([
      () => {
        abort.abort()
        return fails("rate_limited", { status: 429 })({ model: "", modelId: "", body: {} })
      },
    ])
    expect(
      await outcome(
        world.pictor.generate({ model: "paint", prompt: "tea" }, { signal: abort.signal }),
      ),
    ).toBe("aborted")
    expect(world.router.state()[0]).not.toHaveProperty("pause")
  })
})

describe("a deployment that is full", () => {
  it("pauses for the longer of its two times", () => {
    let nowMs = 0
    const member = { id: "a", group: "paint" } as Deployment
    const config = { ...routerDefaults, cooldownMs: 5000 }
    const cooldowns = createCooldowns([member], config, new Set(), () => nowMs)
    cooldowns.addFailure(member, "RateLimitError")
    cooldowns.markFull(member, 1000)
    expect(cooldowns.pauseOf(member)).toEqual({ untilMs: 5000, reason: "RateLimitError" })
    cooldowns.markFull(member, 9000)
    expect(cooldowns.pauseOf(member)).toEqual({ untilMs: 9000, reason: "full" })
    nowMs = 9000
    expect(cooldowns.pauseOf(member)).toBeUndefined()
  })
})

describe("a group whose deployments all cool down", () => {
  it.each([
    ["rate_limited", throttled, "is at its limit"],
    ["unavailable", fails("forbidden", { status: 403 }), "is cooling down after failures"],
  ] as const)("is %s without a call, and says when to come back", async (code, behaviour, why) => {
    const world = createWorld(
      [
        { id: "a", does: [behaviour], cooldownMs: 9000 },
        { id: "b", does: [behaviour], cooldownMs: 4200 },
      ],
      { config: { retries: 1 } },
    )
    await outcome(world.ask())
    const sent = world.sent.length
    await expect(world.ask()).rejects.toMatchObject({
      code,
      retryable: true,
      retryAfterMs: 4200,
      message: `Every deployment of "paint" ${why}. Retry in 5 s.`,
    })
    expect(world.sent).toHaveLength(sent)
  })
})
