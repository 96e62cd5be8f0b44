import {
  type ErrorCode,
  ImageError,
  type ImageErrorOptions,
  isImageError,
  type Middleware,
} from "@pictor/core"
import { describe, expect, it } from "vitest"
import { calls } from "../request-context.ts"
import { core, createWorld, fails, nova, paints, throttled, titan } from "./__fixtures__/world.ts"

const errorOf = (promise: Promise<unknown>): Promise<ImageError> =>
  promise.then(
    () => expect.unreachable("it delivered"),
    (error: unknown) => (isImageError(error) ? error : expect.unreachable(String(error))),
  )

describe("a group", () => {
  it("is requested by its name, and the deployment by its address and model id", async () => {
    const world = createWorld([
      {
        id: "a",
        modelId: "arn:aws:bedrock:eu-west-1:000000000000:application-inference-profile/a0",
      },
    ])
    const result = await world.ask()
    expect([result.model, result.changes, world.sent[0]?.modelId]).toEqual([
      nova,
      [],
      "arn:aws:bedrock:eu-west-1:000000000000:application-inference-profile/a0",
    ])
    expect(world.call).toMatchObject({
      group: "paint",
      deployment: { id: "a" },
      retries: 0,
      fallbacks: 0,
    })
  })

  it.each(["pain", `a/${nova}`, nova])(
    "that does not exist is model_not_found, for %s too, with the nearest names",
    async (model) => {
      const error = await errorOf(createWorld([{ id: "a" }]).ask({ model }))
      expect([error.code, error.message]).toEqual([
        "model_not_found",
        `There is no model ${JSON.stringify(model)}. The nearest names are paint.`,
      ])
    },
  )

  it("is found by its aliases; hidden ones are not listed", async () => {
    const aliases = {
      "gpt-image": { group: "paint", hidden: false },
      old: { group: "paint", hidden: true },
    }
    const world = createWorld([{ id: "a" }], { config: { aliases } })
    for (const model of ["gpt-image", "old"]) await world.ask({ model })
    expect(world.asked()).toEqual(["a", "a"])
    expect(world.router.models()).toEqual([
      { id: "paint", model: `a/${nova}` },
      { id: "gpt-image", model: `a/${nova}`, hidden: false },
      { id: "old", model: `a/${nova}`, hidden: true },
    ])
  })

  it("is planned by the same choice, without a call", async () => {
    const world = createWorld([
      { id: "a", order: 2 },
      { id: "b", order: 1 },
    ])
    expect((await world.pictor.plan({ model: "paint", prompt: "tea" })).adapter).toBe("b")
    expect(world.sent).toEqual([])
  })

  it("ignores a caller's modelId", async () => {
    const world = createWorld([{ id: "a" }])
    await world.ask({ modelId: "arn:aws:bedrock:us-east-1:000000000000:provisioned-model/theirs" })
    expect(world.sent[0]?.modelId).toBe(nova)
  })
})

describe("another deployment of the group", () => {
  it.each<readonly [ErrorCode, Partial<ImageErrorOptions>]>([
    ["rate_limited", { status: 429, retryAfterMs: 60_000 }],
    ["unavailable", {}],
    ["misconfigured", {}],
    ["provider_failed", { retryable: true }],
    ["provider_failed", { status: 424 }],
    ["forbidden", { status: 403 }],
    ["unauthenticated", {}],
    ["model_not_found", { status: 404 }],
    ["quota_exceeded", {}],
    ["timeout", { retryable: true }],
  ])("is tried at once after %s %j", async (code, more) => {
    const world = createWorld([{ id: "a", does: [fails(code, more)] }, { id: "b" }])
    const result = await world.ask({
      options: { imageGenerationConfig: { cfgScale: 7 } },
      seed: 12,
    })
    expect([world.asked(), world.slept, result.changes]).toEqual([["a", "b"], [], []])
    expect(world.sent[1]?.body).toEqual(world.sent[0]?.body)
    expect(world.call).toMatchObject({ retries: 1, fallbacks: 0, deployment: { id: "b" } })
    expect(await world.ledger.spend({})).toMatchObject([{ images: 1 }])
  })

  it("is tried at once after a reply that reports a failure", async () => {
    const failing = () => ({ images: [], seeds: [], finish_reasons: ["Inference error"] })
    const world = createWorld(
      [
        { id: "a", order: 0, model: core, does: [failing] },
        { id: "b", order: 1, model: core },
      ],
      { config: { allowedFails: 0 } },
    )
    await world.ask()
    expect([world.asked(), world.router.state()[0]]).toMatchObject([
      ["a", "b"],
      { pause: { reason: "InternalServerError" } },
    ])
  })

  it.each<readonly [ErrorCode, Partial<ImageErrorOptions>]>([
    ["invalid_request", { status: 400 }],
    ["content_filtered", { stage: "prompt" }],
    ["timeout", { maybeBilled: true }],
    ["unavailable", { maybeBilled: true }],
    ["invalid_response", { maybeBilled: true }],
    ["aborted", {}],
  ])("is not tried after %s %j", async (code, more) => {
    const world = createWorld([{ id: "a", does: [fails(code, more)] }, { id: "b" }], {
      config: { fallbacks: { paint: ["other"] } },
    })
    const error = await errorOf(world.ask())
    expect([error.code, error.maybeBilled, world.asked()]).toEqual([
      code,
      more.maybeBilled ?? false,
      ["a"],
    ])
  })

  it("is not tried once images are delivered", async () => {
    const world = createWorld(
      [
        { id: "a", model: core, does: [paints, throttled] },
        { id: "b", model: core },
      ],
      { config: { retries: 0 } },
    )
    const result = await world.ask({ n: 2 })
    expect([world.asked(), result.slots.map(({ status }) => status)]).toEqual([
      ["a", "a"],
      ["delivered", "failed"],
    ])
  })

  it("is tried num_retries times, and the last error stays retryable", async () => {
    const members = ["a", "b", "c", "d"].map((id) => ({ id, does: [throttled] }))
    const world = createWorld(members, { config: { retries: 2 } })
    const error = await errorOf(world.ask())
    expect([world.asked(), world.call.retries]).toEqual([["a", "b", "c"], 2])
    expect(error).toMatchObject({
      code: "rate_limited",
      retryable: true,
      message: 'No model made the image. "paint": It said rate_limited.',
    })
  })

  it("is not tried with num_retries 0", async () => {
    const world = createWorld([{ id: "a", does: [throttled] }, { id: "b" }], {
      config: { retries: 0 },
    })
    expect(await errorOf(world.ask())).toMatchObject({ code: "rate_limited", retryable: true })
    expect(world.asked()).toEqual(["a"])
  })
})

describe("the last deployment left", () => {
  it("is retried after at least retry_after", async () => {
    const world = createWorld([{ id: "a", does: [throttled, throttled, paints] }], {
      config: { retryAfterMs: 700 },
    })
    await world.ask()
    expect([world.asked(), world.slept, world.call.retries]).toEqual([
      ["a", "a", "a"],
      [700, 700],
      2,
    ])
  })

  it("is retried num_retries times", async () => {
    const world = createWorld([{ id: "a", does: [throttled] }], { config: { retries: 6 } })
    expect(await errorOf(world.ask())).toMatchObject({ code: "rate_limited", retryable: true })
    expect([world.asked().length, world.call.retries]).toEqual([7, 6])
  })

  it("is retried after the provider's retry-after", async () => {
    const world = createWorld(
      [{ id: "a", does: [fails("rate_limited", { status: 429, retryAfterMs: 3000 }), paints] }],
      {
        config: { retryAfterMs: 700 },
      },
    )
    await world.ask()
    expect(world.slept).toEqual([3000])
  })

  it("gets the remaining retries", async () => {
    const world = createWorld(
      [
        { id: "a", does: [throttled] },
        { id: "b", does: [throttled, throttled, paints] },
      ],
      { config: { retries: 3 } },
    )
    await world.ask()
    expect([world.asked(), world.call.retries]).toEqual([["a", "b", "b", "b"], 3])
  })

  it.each([
    ["RateLimitError", throttled, 1],
    ["InternalServerError", fails("unavailable"), 0],
  ] as const)("is asked again by the policy for %s", async (kind, behaviour, retries) => {
    const config = {
      retries: 3,
      retryPolicy: { [kind]: 2 },
      groupRetryPolicies: { paint: { [kind]: retries } },
    }
    const world = createWorld([{ id: "a", does: [behaviour] }], { config })
    await errorOf(world.ask())
    expect(world.asked()).toHaveLength(1 + retries)
    const other = createWorld([{ id: "a", does: [behaviour] }], {
      config: { ...config, groupRetryPolicies: {} },
    })
    await errorOf(other.ask())
    expect(other.asked()).toHaveLength(3)
  })
})

describe("a request of several calls", () => {
  it("retries the failed call in place and keeps the other images", async () => {
    const world = createWorld([
      { id: "a", model: core, does: [paints, throttled, paints] },
      { id: "b", model: core },
    ])
    const result = await world.ask({ n: 2 })
    expect([result.images.length, world.asked()]).toEqual([2, ["a", "a", "a"]])
  })

  it("moves to another deployment if nothing is delivered, with one retry reserved for it", async () => {
    const world = createWorld(
      [
        { id: "a", model: core, does: [throttled] },
        { id: "b", model: core },
      ],
      { config: { retries: 2 } },
    )
    const result = await world.ask({ n: 2 })
    expect(result.images).toHaveLength(2)
    expect(world.asked()).toEqual(["a", "a", "a", "a", "b", "b"])
  })

  it("counts the retries of all deployments together", async () => {
    const members = ["a", "b"].map((id) => ({ id, model: core, does: [throttled] }))
    const world = createWorld(members, { config: { retries: 2 } })
    await errorOf(world.ask({ n: 2 }))
    expect([world.asked(), world.call.retries]).toEqual([["a", "a", "a", "a", "b", "b"], 2])
  })
})

describe("limits", () => {
  const limit = (full: string | undefined): Middleware => ({
    name: "limits",
    plan: async (plan, next) => {
      const call = calls.getStore()
      if (full !== undefined && plan.adapter !== full) return next(plan)
      if (call && full !== undefined) call.full = full
      throw new ImageError({ code: "rate_limited", message: "It is full.", retryAfterMs: 30_000 })
    },
  })

  it("of a deployment move the request on without a retry and skip it for the next ones", async () => {
    const world = createWorld(
      [
        { id: "a", order: 0 },
        { id: "b", order: 1 },
      ],
      { config: { retries: 0 }, limits: [limit("a")] },
    )
    await world.ask()
    expect([world.asked(), world.call.retries]).toEqual([["b"], 0])
    expect(world.router.state()).toMatchObject([
      { id: "a", pause: { reason: "full", untilMs: world.clock.nowMs + 30_000 } },
      { id: "b" },
    ])
  })

  it("of a single deployment do not pause it", async () => {
    const world = createWorld([{ id: "a" }], { limits: [limit("a")] })
    expect(await errorOf(world.ask())).toMatchObject({
      code: "rate_limited",
      message: "It is full.",
      retryAfterMs: 30_000,
    })
    expect(await errorOf(world.ask())).toMatchObject({ message: "It is full." })
    expect(world.router.state()[0]).not.toHaveProperty("pause")
  })

  it("of the caller end the request without a call or a cooldown", async () => {
    const world = createWorld([{ id: "a" }, { id: "b" }], {
      limits: [limit(undefined)],
      config: { fallbacks: { paint: ["other"] } },
    })
    expect(await errorOf(world.ask())).toMatchObject({
      code: "rate_limited",
      retryAfterMs: 30_000,
      message: "It is full.",
    })
    expect([world.asked(), world.router.state().filter(({ pause }) => pause)]).toEqual([[], []])
  })

  it("of parallel requests skip a busy deployment", async () => {
    let free = (): void => undefined
    const held: Middleware = {
      name: "held",
      plan: async (plan, next) => {
        if (plan.adapter === "a") await new Promise<void>((resolve) => (free = resolve))
        return next(plan)
      },
    }
    const world = createWorld(
      [
        { id: "a", order: 0, maxParallelRequests: 1 },
        { id: "b", order: 1 },
      ],
      { limits: [held] },
    )
    const first = world.ask()
    await world.ask()
    expect(world.asked()).toEqual(["b"])
    expect(world.router.state()).toMatchObject([{ inFlight: 1 }, { inFlight: 0 }])
    free()
    await first
    expect([world.asked(), world.router.state().map(({ inFlight }) => inFlight)]).toEqual([
      ["b", "a"],
      [0, 0],
    ])
  })
})

describe("a mixed group", () => {
  const mixed = [
    { id: "a", order: 0 },
    { id: "c", order: 1, model: core },
    { id: "t", order: 2, model: titan },
  ]

  it("uses only models with the task, also if options name it", async () => {
    const world = createWorld(mixed)
    await world.ask({ task: "color-guided", colors: ["#ff0000"] })
    const reversed = createWorld([...mixed].map((each) => ({ ...each, order: -each.order })))
    await reversed.ask({ task: "color-guided", colors: ["#ff0000"] })
    const words = {
      prompt: undefined,
      options: {
        taskType: "COLOR_GUIDED_GENERATION",
        colorGuidedGenerationParams: { text: "tea", colors: ["#FFFFFF"] },
      },
    }
    const own = createWorld([{ id: "a", does: [throttled] }, { id: "c", model: core }, { id: "b" }])
    await own.ask(words)
    expect([world.asked(), reversed.asked(), own.asked()]).toEqual([["a"], ["t"], ["a", "b"]])
  })

  it("tries another model after unsupported, not the same one", async () => {
    const members = [
      { id: "a", order: 0, does: [fails("unsupported")] },
      { id: "b", order: 1 },
      { id: "c", order: 2, model: core },
    ]
    const world = createWorld(members, { config: { retries: 0 } })
    expect((await world.ask()).model).toBe(core)
    expect([world.asked(), world.call.retries]).toEqual([["a", "c"], 0])
  })

  it("names the live models that can, where the key may use them", async () => {
    const erase = "stability.stable-image-erase-object-v1:0"
    const members = [
      { id: "a", model: core },
      { id: "b", model: erase, group: "eraser" },
      { id: "c", model: erase, group: "hidden" },
      { id: "d", model: titan, group: "old" },
    ]
    const world = createWorld(members, { models: ["paint", "eraser"] })
    const { message } = await errorOf(
      world.ask({ task: "erase", prompt: undefined, image: new Uint8Array(1) }),
    )
    expect(message).toMatch(/ Models that can: eraser\.$/)
  })

  it("reports a change of model and drops the first model's options", async () => {
    const world = createWorld([
      { id: "a", does: [throttled] },
      { id: "c", model: core },
    ])
    const result = await world.ask({ seed: 5, options: { imageGenerationConfig: { cfgScale: 7 } } })
    expect([result.model, world.sent[1]?.body["seed"]]).toEqual([core, 5])
    expect(result.changes).toMatchObject([
      { field: "model", action: "mapped", from: "paint", to: core },
      { field: "options", action: "dropped", from: ["imageGenerationConfig"] },
    ])
  })
})
