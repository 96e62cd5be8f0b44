import { describe, expect, it } from "vitest"
import {
  type Answer,
  artifact,
  errorOf,
  healthy,
  images,
  testClient,
} from "../__fixtures__/client.ts"
import { editing } from "../__fixtures__/editors.ts"
import { ledgerSpy } from "../__fixtures__/ledger-spy.ts"
import { picture } from "../__fixtures__/pictures.ts"
import { type ErrorCode, ImageError, type ImageErrorOptions } from "../contract/errors.ts"
import type { JsonObject } from "../contract/request.ts"
import type { Runtime } from "../contract/runtime.ts"
import { memoryLedger } from "../ledger/memory-ledger.ts"
import { type FallbackOptions, fallback } from "./fallback.ts"

const [grid, list, ratio, weighted] = [
  "acme.grid-v1:0",
  "acme.list-v1:0",
  "acme.ratio-v1:0",
  "acme.weighted-v1",
] as const

const fail = (code: ErrorCode, more: Partial<ImageErrorOptions> = {}): never => {
  throw new ImageError({ code, message: `Failed with ${code}.`, ...more })
}

/** A client of which each model answers as given, or else succeeds. */
const clientOf = (
  answers: Readonly<Record<string, Answer>>,
  others: readonly string[] = [list, ratio],
  options: FallbackOptions = {},
  more = {},
) => {
  const client = testClient((call, index) => (answers[call.model] ?? healthy)(call, index), {
    middleware: [fallback(others, options)],
    ...more,
  })
  return { ...client, called: () => client.calls.map(({ model }) => model) }
}

const request = { model: grid, prompt: "a" } as const

describe("fallback", () => {
  it("does nothing if the model delivers", async () => {
    const { pictor, called } = clientOf({})
    const result = await pictor.generate({ ...request, options: { config: { note: "x" } } })
    expect([result.model, result.changes, called()]).toEqual([grid, [], [grid]])
  })

  it.each<readonly [ErrorCode, Partial<ImageErrorOptions>, number]>([
    ["model_retired", { status: 404 }, 1],
    ["model_not_found", { status: 404 }, 1],
    ["forbidden", { status: 403 }, 1],
    ["unsupported", {}, 1],
    ["quota_exceeded", {}, 1],
    ["unavailable", {}, 3],
    ["misconfigured", {}, 1],
    ["rate_limited", { retryAfterMs: 100 }, 3],
    ["provider_failed", { retryable: true }, 3],
    ["provider_failed", { status: 424 }, 1],
  ])(
    "tries the next model after %s %j once the attempts are used up",
    async (code, more, tries) => {
      const { pictor, called } = clientOf({ [grid]: () => fail(code, more) })
      const result = await pictor.generate({ ...request, n: 2 })
      expect(called()).toEqual([...Array.from({ length: tries }, () => grid), list])
      expect(result).toMatchObject({ model: list, images: [{}, {}], cost: { microUsd: 20_000 } })
      expect(result.changes.slice(0, 1)).toEqual([
        {
          field: "model",
          action: "mapped",
          from: grid,
          to: list,
          why: expect.stringContaining(`"${grid}": `),
        },
      ])
      expect(result.changes[0]?.why).toContain(code === "model_retired" ? "retired" : code)
    },
  )

  it.each<readonly [ErrorCode, Partial<ImageErrorOptions>]>([
    ["invalid_request", {}],
    ["unauthenticated", {}],
    ["budget_exceeded", {}],
    ["timeout", {}],
    ["timeout", { maybeBilled: true }],
    ["aborted", {}],
    ["invalid_response", {}],
    ["content_filtered", { stage: "prompt" }],
    ["idempotency_in_progress", {}],
    ["unavailable", { maybeBilled: true }],
    ["provider_failed", { maybeBilled: true }],
  ])("stops after %s %j", async (code, more) => {
    const { pictor, called } = clientOf({ [grid]: () => fail(code, more) })
    expect(await errorOf(pictor.generate(request))).toMatchObject({
      code,
      maybeBilled: more.maybeBilled ?? false,
    })
    expect(called()).toEqual([grid])
  })

  it("plans the neutral request again for the next model", async () => {
    const { pictor, calls } = clientOf({ [grid]: () => fail("model_retired") })
    const result = await pictor.generate({
      ...request,
      size: "1000x1000",
      quality: "hd",
      n: 6,
      seed: 3,
    })
    expect(calls.slice(-2).map(({ body }) => body)).toEqual([
      { prompt: "a", width: 1024, height: 1024, count: 5, seed: 3 },
      { prompt: "a", width: 1024, height: 1024, count: 1, seed: 8 },
    ])
    expect(result.changes.map(({ field, action }) => `${field} ${action}`)).toEqual([
      "model mapped",
      "quality dropped",
      "size snapped",
      "n split",
    ])
    expect(result.images[0]?.recipe).toMatchObject({ model: list })
  })

  it("continues until one delivers, and names those that did not", async () => {
    const { pictor, called } = clientOf(
      { [grid]: () => fail("model_retired"), [list]: () => fail("forbidden") },
      [list, grid, ratio, weighted],
    )
    const { model, changes } = await pictor.generate(request)
    expect([model, called()]).toEqual([ratio, [grid, list, ratio]])
    expect(changes.filter(({ field }) => field === "model")).toMatchObject([
      {
        from: grid,
        to: ratio,
        why: expect.stringMatching(/acme\.grid.*retired.*acme\.list.*forbidden/),
      },
      { to: `us.${ratio}` },
    ])
  })

  it("throws the first model's code and all messages if none delivers", async () => {
    const { pictor, called } = clientOf({
      [grid]: () => fail("rate_limited", { retryAfterMs: 900, status: 429, requestId: "r-1" }),
      [list]: () => fail("forbidden"),
      [ratio]: () => fail("unavailable", { retryAfterMs: 300 }),
    })
    const error = (await errorOf(pictor.generate(request))) as ImageError
    expect(error).toMatchObject({
      code: "rate_limited",
      status: 429,
      requestId: "r-1",
      retryable: true,
      retryAfterMs: 300,
      maybeBilled: false,
    })
    for (const part of [
      grid,
      list,
      ratio,
      "Failed with rate_limited.",
      "Failed with forbidden.",
      "Failed with unavailable.",
    ])
      expect(error.message).toContain(part)
    expect(error.slots).toMatchObject([{ status: "failed" }])
    expect((error.cause as AggregateError).errors.map(({ code }: ImageError) => code)).toEqual([
      "rate_limited",
      "forbidden",
      "unavailable",
    ])
    expect(called()).toHaveLength(7)
  })

  it("throws the model's own error if there is no other model", async () => {
    const { pictor } = clientOf({ [grid]: () => fail("forbidden") }, [grid])
    expect(await errorOf(pictor.generate(request))).toMatchObject({
      code: "forbidden",
      message: "Failed with forbidden.",
    })
  })

  it("throws another model's final error", async () => {
    for (const code of ["aborted", "timeout", "budget_exceeded", "unauthenticated"] as const) {
      const { pictor, called } = clientOf({
        [grid]: () => fail("model_retired"),
        [list]: () => fail(code, { maybeBilled: code === "timeout" }),
      })
      expect(await errorOf(pictor.generate(request))).toMatchObject({
        code,
        maybeBilled: code === "timeout",
      })
      expect(called()).toEqual([grid, list])
    }
  })

  it("stops at a later model that rejects the request, with the first model's code and the issues", async () => {
    const { pictor, called } = clientOf({ [grid]: () => fail("model_retired") })
    const error = (await errorOf(
      pictor.generate({ ...request, prompt: "a".repeat(600) }),
    )) as ImageError
    expect(error).toMatchObject({
      code: "model_retired",
      issues: [{ path: "prompt", given: "600 characters" }],
    })
    expect(error.message).toContain("600 characters")
    expect(called()).toEqual([grid])
  })

  it("stops if some images were delivered", async () => {
    const { pictor, called } = clientOf({
      [list]: (call, index) =>
        index === 0 ? images(5) : fail("quota_exceeded", { requestId: call.model }),
    })
    const { model, slots } = await pictor.generate({ ...request, model: list, n: 6 })
    expect([model, slots.at(-1)?.status, new Set(called())]).toEqual([
      list,
      "failed",
      new Set([list]),
    ])
  })

  it("stops if one of several calls is maybe charged", async () => {
    const { pictor, called } = clientOf({
      [list]: (_, index) =>
        index === 0 ? fail("unavailable", { maybeBilled: true }) : fail("quota_exceeded"),
    })
    expect(await errorOf(pictor.generate({ ...request, model: list, n: 6 }))).toMatchObject({
      maybeBilled: true,
    })
    expect(new Set(called())).toEqual(new Set([list]))
  })
})

describe("a filtered request", () => {
  const filteredGrid = (): ReturnType<Answer> => images(0, { error: "held back" })

  it("goes to another model only with `filtered`", async () => {
    expect(
      await errorOf(clientOf({ [grid]: filteredGrid }).pictor.generate(request)),
    ).toMatchObject({ code: "content_filtered" })
    const { pictor } = clientOf({ [grid]: filteredGrid }, [list], { filtered: true })
    expect(await pictor.generate(request)).toMatchObject({
      model: list,
      images: [{}],
      cost: { microUsd: 10_000 },
    })
    const prompted = clientOf(
      { [grid]: () => fail("content_filtered", { stage: "prompt" }) },
      [list],
      { filtered: true },
    )
    expect(await prompted.pictor.generate(request)).toMatchObject({ model: list, images: [{}] })
  })

  it("includes the first model's charge in the cost", async () => {
    const answers = { [weighted]: () => artifact({ finish: "FILTERED" }) }
    const { pictor } = clientOf(answers, [list], { filtered: true })
    const result = await pictor.generate({ model: weighted, prompt: "a" })
    expect(result).toMatchObject({
      model: list,
      cost: { microUsd: 50_000 },
      slots: [{ cost: { microUsd: 10_000 } }],
    })
    expect(result.warnings.join(" ")).toContain("The cost includes $0.04 of")
    const all = clientOf({ ...answers, [list]: filteredGrid }, [list], { filtered: true })
    expect(await errorOf(all.pictor.generate({ model: weighted, prompt: "a" }))).toMatchObject({
      code: "content_filtered",
      cost: { microUsd: 40_000 },
    })
  })

  it("stops if the guardrail's charge is unknown", async () => {
    const { pictor, called } = clientOf(
      { [grid]: () => images(0, { guardrailAction: "INTERVENED" }) },
      [list],
      { filtered: true },
    )
    expect(await errorOf(pictor.generate(request))).toMatchObject({
      code: "content_filtered",
      maybeBilled: true,
    })
    expect(called()).toEqual([grid])
  })

  it("is never a result without an image", async () => {
    for (const answer of [filteredGrid, () => images(0)])
      for (const filtered of [true, false]) {
        const { pictor } = clientOf(
          { [grid]: answer, [list]: answer, [ratio]: answer },
          [list, ratio],
          { filtered },
        )
        expect(await errorOf(pictor.generate(request))).toBeInstanceOf(ImageError)
      }
  })
})

describe("plan with fallback", () => {
  it("plans for the first model that supports the request, and sends that plan", async () => {
    const { pictor, calls } = clientOf({}, [list])
    const plan = await pictor.plan({ ...request, model: "acme.none" })
    expect(plan).toMatchObject({
      model: list,
      changes: [{ field: "model", from: "acme.none", to: list }],
    })
    expect(calls).toEqual([])
    expect((await pictor.run(plan)).model).toBe(list)
  })

  it("run tries only the plan's model", async () => {
    const { pictor, called } = clientOf({ [list]: () => fail("unavailable") }, [list, ratio])
    const plan = await pictor.plan({ ...request, model: "acme.none" })
    expect(await errorOf(pictor.run(plan))).toMatchObject({
      code: "unavailable",
      message: "Failed with unavailable.",
    })
    expect(new Set(called())).toEqual(new Set([list]))
  })

  it("skips a retired model under lifecycle: refuse", async () => {
    const { pictor } = clientOf({}, [grid], {}, { lifecycle: "refuse" })
    expect(await pictor.plan({ ...request, model: list })).toMatchObject({
      model: grid,
      changes: [{ field: "model", why: expect.stringContaining("retired") }],
    })
  })

  it.each<readonly [string, JsonObject]>([
    ["a task", { task: "upscale", image: picture(), upscale: "fast" }],
    ["an input", { task: "inpaint", image: picture(), mask: picture(), prompt: "a" }],
  ])("skips a model without %s", async (_, order) => {
    const { pictor } = editing({ middleware: [fallback(["acme.light-v1:0"])] })
    const plan = await pictor.plan({ model: "acme.dark-v1:0", ...order })
    expect(plan).toMatchObject({
      model: "acme.light-v1:0",
      changes: [{ field: "model", from: "acme.dark-v1:0" }],
    })
  })

  it("skips a model that would change the request under strict", async () => {
    const { pictor } = clientOf({}, [list, weighted])
    expect(await pictor.plan({ ...request, guidance: 20, policy: "strict" })).toMatchObject({
      model: weighted,
      resolved: { guidance: 20 },
    })
  })

  it("drops the first model's own fields and reports it", async () => {
    const options = { config: { note: "canary" }, textParams: { negativeText: "canary" } }
    const order = { ...request, modelId: "arn:wire:south-1:provisioned/x", options }
    const { pictor, calls } = clientOf({ [grid]: () => fail("model_retired") }, [list])
    const { changes } = await pictor.generate(order)
    expect(calls.at(-1)).toMatchObject({ model: list, modelId: list, body: { prompt: "a" } })
    expect(changes.slice(0, 2)).toMatchObject([
      { field: "model" },
      { field: "options", action: "dropped", from: ["config", "textParams"] },
    ])
    expect(JSON.stringify(changes)).not.toContain("canary")
  })

  it("never drops options under strict", async () => {
    const { pictor, called } = clientOf({ [grid]: () => fail("model_retired") }, [list])
    expect(
      await errorOf(
        pictor.generate({ ...request, options: { config: { note: "x" } }, policy: "strict" }),
      ),
    ).toMatchObject({
      code: "model_retired",
    })
    expect(called()).toEqual([grid])
    expect((await pictor.generate({ ...request, options: {}, policy: "strict" })).model).toBe(list)
  })

  it("rejects a value that is not a request as before", async () => {
    const { pictor } = clientOf({})
    for (const wrong of [null, undefined, 5, "a", {}])
      expect(await errorOf(pictor.plan(wrong as never))).toMatchObject({ code: "invalid_request" })
  })
})

describe("all models together share", () => {
  it("the deadline", async () => {
    let nowMs = 0
    const late = (call: Parameters<Answer>[0]) => {
      nowMs += 40_000
      return call.model === ratio ? healthy(call) : fail("model_retired")
    }
    const runtime: Runtime = { now: () => nowMs, random: () => 0.5, sleep: async () => {} }
    const { pictor, called } = clientOf(
      { [grid]: late, [list]: late, [ratio]: late },
      [list, ratio],
      {},
      { runtime },
    )
    expect(await errorOf(pictor.generate(request, { timeoutMs: 80_000 }))).toMatchObject({
      code: "timeout",
      maybeBilled: false,
    })
    expect(called()).toEqual([grid, list])
    expect((await pictor.generate(request, { timeoutMs: 120_001 })).model).toBe(ratio)
  })

  it("the caller's abort", async () => {
    const controller = new AbortController()
    const { pictor, called } = clientOf({
      [grid]: () => {
        controller.abort()
        return fail("model_retired")
      },
    })
    expect(await errorOf(pictor.generate(request, { signal: controller.signal }))).toMatchObject({
      code: "aborted",
    })
    expect(called()).toEqual([grid])
  })

  it("the idempotency key", async () => {
    const { pictor, called } = clientOf(
      { [grid]: () => fail("model_retired") },
      [list],
      {},
      { ledger: memoryLedger() },
    )
    const order = { ...request, idempotencyKey: "order-1" }
    expect((await pictor.generate(order)).model).toBe(list)
    expect(await errorOf(pictor.generate(order))).toMatchObject({ code: "idempotency_replayed" })
    expect(await errorOf(pictor.generate({ ...order, prompt: "b" }))).toMatchObject({
      code: "idempotency_mismatch",
    })
    expect(called()).toEqual([grid, list])
  })

  it("the budget, with one reservation per model that is tried", async () => {
    const { ledger, reservations } = ledgerSpy()
    const { pictor } = clientOf({ [grid]: () => fail("model_retired") }, [list], {}, { ledger })
    await pictor.generate(request)
    expect(reservations.map(({ rows }) => rows.map(({ model }) => model))).toEqual([[grid], [list]])
  })

  it("the request as the caller gave it", async () => {
    const order = { model: grid, prompt: "a", tags: { job: "one" } }
    const { pictor, calls } = clientOf({
      [grid]: () => {
        order.prompt = "canary"
        return fail("model_retired")
      },
    })
    await pictor.generate(order)
    expect(calls.map(({ body }) => JSON.stringify(body)).join(" ")).not.toContain("canary")
  })
})

it.each([[[]], [undefined], ["acme.grid"], [[""]], [[5]]])(
  "fallback(%j) throws immediately",
  (models) => {
    expect(() => fallback(models as string[])).toThrow("at least one model id")
  },
)
