import { type ErrorCode, type ImageErrorOptions, isImageError, type Middleware } from "@pictor/core"
import { describe, expect, it } from "vitest"
import { ledgerTags } from "../auth/tags.ts"
import { modelTag, modelTagValue } from "../request-context.ts"
import {
  core,
  createWorld,
  fails,
  type Member,
  nova,
  paints,
  throttled,
  titan,
} from "./__fixtures__/world.ts"

const fallbacks = { paint: ["other"] }

const pair = (does: Member["does"], other: Partial<Member> = {}): readonly Member[] => [
  { id: "a", ...(does && { does }) },
  { id: "b", group: "other", model: core, ...other },
]

describe("a fallback", () => {
  it("is tried after the group's retries, with a new plan, and is reported", async () => {
    const world = createWorld(pair([throttled]), { config: { fallbacks, retries: 1 } })
    const result = await world.ask({
      size: "1000x1000",
      seed: 3,
      options: { imageGenerationConfig: { cfgScale: 7 } },
    })
    expect([world.asked(), result.model, result.slots.length]).toEqual([["a", "a", "b"], core, 1])
    expect(world.sent[2]?.body).toMatchObject({ aspect_ratio: "1:1", seed: 3 })
    expect(result.changes).toMatchObject([
      {
        field: "model",
        action: "mapped",
        from: "paint",
        to: "other",
        why: '"paint": It said rate_limited.',
      },
      { field: "options", action: "dropped", from: ["imageGenerationConfig"] },
      { field: "size" },
    ])
    expect(world.call).toMatchObject({
      group: "paint",
      deployment: { id: "b" },
      retries: 1,
      fallbacks: 1,
    })
  })

  it("has its own retries", async () => {
    const world = createWorld(pair([throttled], { does: [throttled, paints] }), {
      config: { fallbacks, retries: 1 },
    })
    await world.ask()
    expect([world.asked(), world.call]).toMatchObject([
      ["a", "a", "b", "b"],
      { retries: 2, fallbacks: 1 },
    ])
  })

  it("to the same model keeps options and seed", async () => {
    const world = createWorld(pair([throttled], { model: nova }), {
      config: { fallbacks, retries: 0 },
    })
    const result = await world.ask({ seed: 3, options: { imageGenerationConfig: { cfgScale: 7 } } })
    expect(world.sent[1]?.body).toEqual(world.sent[0]?.body)
    expect(result.changes).toMatchObject([{ field: "model", from: "paint", to: "other" }])
  })

  it.each<readonly [ErrorCode, Partial<ImageErrorOptions>, boolean]>([
    ["unavailable", {}, true],
    ["forbidden", { status: 403 }, true],
    ["unauthenticated", {}, true],
    ["model_retired", { status: 404 }, true],
    ["provider_failed", { status: 424 }, true],
    ["content_filtered", { stage: "prompt" }, false],
    ["invalid_request", { status: 400 }, false],
    ["timeout", { maybeBilled: true }, false],
  ])("after %s %j is tried: %s", async (code, more, asked) => {
    const world = createWorld(pair([fails(code, more)]), { config: { fallbacks, retries: 0 } })
    const end = await world.ask().then(
      () => "delivered",
      (error: unknown) => isImageError(error) && error.code,
    )
    expect([end, world.asked()]).toEqual(asked ? ["delivered", ["a", "b"]] : [code, ["a"]])
  })

  it("for filtered content is tried for that alone, and reports its own filter", async () => {
    const filtered = fails("content_filtered", { stage: "prompt" })
    const config = { contentPolicyFallbacks: { paint: ["other"] }, retries: 0 }
    const world = createWorld(pair([filtered, throttled]), { config })
    expect((await world.ask()).model).toBe(core)
    await expect(world.ask()).rejects.toMatchObject({ code: "rate_limited" })
    const both = createWorld(pair([filtered], { does: [filtered] }), { config })
    await expect(both.ask()).rejects.toMatchObject({
      code: "content_filtered",
      message: expect.stringContaining('No model made the image. "paint": '),
    })
    expect([world.asked(), both.asked()]).toEqual([
      ["a", "b", "a"],
      ["a", "b"],
    ])
  })

  it("by default applies to groups without their own", async () => {
    const members = [...pair([throttled]), { id: "c", group: "third", model: titan }]
    const world = createWorld(members, {
      config: { retries: 0, fallbacks: { third: [] }, defaultFallbacks: ["paint", "third"] },
    })
    expect((await world.ask()).model).toBe(titan)
    expect(world.asked()).toEqual(["a", "c"])
  })

  it("is skipped without the task, and for another model if only options name the task", async () => {
    const world = createWorld(pair([throttled]), { config: { fallbacks, retries: 0 } })
    await expect(world.ask({ task: "color-guided", colors: ["#ff0000"] })).rejects.toMatchObject({
      message: "It said rate_limited.",
    })
    const own = createWorld(pair([throttled], { model: titan }), {
      config: { fallbacks, retries: 0 },
    })
    const options = {
      taskType: "COLOR_GUIDED_GENERATION",
      colorGuidedGenerationParams: { colors: ["#FFFFFF"] },
    }
    await expect(own.ask({ options })).rejects.toMatchObject({ message: "It said rate_limited." })
    const neutral = createWorld(pair([throttled], { model: titan }), {
      config: { fallbacks, retries: 0 },
    })
    await neutral.ask({ task: "color-guided", colors: ["#ff0000"] })
    expect([world.asked(), own.asked(), neutral.asked()]).toEqual([["a"], ["a"], ["a", "b"]])
  })

  it("to another model is skipped for a strict request with options", async () => {
    const world = createWorld(pair([throttled]), { config: { fallbacks, retries: 0 } })
    const options = { imageGenerationConfig: { cfgScale: 7 } }
    await expect(world.ask({ policy: "strict", options })).rejects.toMatchObject({
      code: "rate_limited",
    })
    expect(world.asked()).toEqual(["a"])
  })

  it("stops at max_fallbacks with an error that lists all failures", async () => {
    const members = ["paint", "b", "c", "d"].map((group) => ({
      id: group,
      group,
      does: [throttled],
    }))
    const world = createWorld(members, {
      config: { fallbacks: { paint: ["b", "c", "d"] }, maxFallbacks: 2, retries: 0 },
    })
    await expect(world.ask()).rejects.toMatchObject({
      code: "rate_limited",
      message:
        'No model made the image. "paint": It said rate_limited. "b": It said rate_limited. "c": It said rate_limited.',
    })
    expect([world.asked(), world.call.fallbacks]).toEqual([["paint", "b", "c"], 2])
  })

  it("of the request replaces those of the router, and none disables them", async () => {
    const members = [...pair([throttled]), { id: "c", group: "third", model: core }]
    const world = createWorld(members, { config: { fallbacks, retries: 0 } })
    world.call.requestedFallbacks = ["third"]
    await world.ask()
    expect(world.asked()).toEqual(["a", "c"])
    const alone = createWorld(pair([throttled]), { config: { fallbacks, retries: 0 } })
    alone.call.requestedFallbacks = []
    await expect(alone.ask()).rejects.toMatchObject({ code: "rate_limited" })
    expect(alone.asked()).toEqual(["a"])
  })

  it("releases the first reservation", async () => {
    const world = createWorld(pair([throttled]), { config: { fallbacks, retries: 0 } })
    const { cost } = await world.ask()
    expect(await world.ledger.spend({})).toMatchObject([{ microUsd: cost.microUsd, images: 1 }])
  })
})

describe("a fallback for a key with models of its own", () => {
  const config = {
    fallbacks,
    contentPolicyFallbacks: fallbacks,
    retries: 0,
    aliases: { nickname: { group: "other", hidden: false } },
  }
  const failures = [throttled, fails("content_filtered"), fails("unsupported")]

  it.each(failures)("does not reach another model (%#)", async (failure) => {
    const world = createWorld(pair([failure]), { config, models: ["paint"] })
    await expect(world.ask()).rejects.toBeInstanceOf(Error)
    expect([world.asked(), world.call.fallbacks]).toEqual([["a"], 0])
  })

  it("does not reach another model where the asked one lacks the task", async () => {
    const members = [
      { id: "a", model: core },
      { id: "b", group: "other", model: nova },
    ]
    const colours = {
      task: "color-guided",
      options: { colorGuidedGenerationParams: { colors: ["#ffffff"] } },
    }
    const free = createWorld(members, { config })
    const bound = createWorld(members, { config, models: ["paint"] })
    await free.ask(colours).catch(() => undefined)
    await expect(bound.ask(colours)).rejects.toBeInstanceOf(Error)
    expect(bound.asked()).toEqual([])
  })

  it.each([["other"], ["*"], ["oth*"], ["nickname"]])(
    "reaches one that the key lists as %s",
    async (name) => {
      const world = createWorld(pair([throttled]), { config, models: ["paint", name] })
      await world.ask()
      expect(world.asked()).toEqual(["a", "b"])
    },
  )
})

describe("a fallback's budget in the caller's key", () => {
  it("is the one of its own group", async () => {
    const tags: unknown[] = []
    const spy: Middleware = {
      name: "spy",
      request: (request, next) => {
        tags.push(request.tags)
        return next(request)
      },
    }
    const world = createWorld(pair([throttled]), {
      config: { fallbacks, retries: 0 },
      inner: [ledgerTags({ groupOf: (name) => name, clientTagsSpend: false }), spy],
      caller: { kind: "key", keyId: "key_1", modelBudgets: ["other"] },
    })
    await world.ask()
    expect(tags).toEqual([
      expect.not.objectContaining({ [modelTag]: expect.anything() }),
      expect.objectContaining({ [modelTag]: modelTagValue("key_1", "other") }),
    ])
  })
})
