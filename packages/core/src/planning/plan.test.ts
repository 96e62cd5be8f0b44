import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { errorOf, scripted, stillRuntime, testClient } from "../__fixtures__/client.ts"
import { grid, gridCard } from "../__fixtures__/families.ts"
import { runs } from "../__fixtures__/scale.ts"
import { createPictor } from "../client.ts"
import { ImageError } from "../contract/errors.ts"
import type { Plan } from "../contract/plan.ts"
import type { ImageRequest, JsonObject } from "../contract/request.ts"
import { sizeText } from "../models/size.ts"
import { snapshot } from "./plan.ts"

const model = "acme.grid-v1:0"
const { pictor } = testClient()
const issuesOf = async (request: JsonObject): Promise<readonly string[]> =>
  ((await errorOf(pictor.plan(request as unknown as ImageRequest))) as ImageError).issues?.map(
    ({ code, path }) => `${code} ${path}`,
  ) ?? []

describe("plan", () => {
  it("has every resolved field and the exact bodies", async () => {
    const plan = await pictor.plan({
      model,
      prompt: "a lamp",
      negativePrompt: "people",
      quality: "hd",
      size: "1000x1000",
      n: 7,
      seed: 11,
      style: "line art",
    })
    const config = { quality: "premium", cfgScale: 6.5, width: 992, height: 992 }
    const textParams = { text: "a lamp", negativeText: "people", style: "LINE_ART" }
    const common = { model, modelId: model }
    expect(plan).toEqual({
      adapter: "grid",
      model,
      task: "text-to-image",
      n: 7,
      resolved: {
        prompt: "a lamp",
        negativePrompt: "people",
        size: { width: 992, height: 992 },
        quality: "premium",
        guidance: 6.5,
        style: "LINE_ART",
        outputFormat: "png",
      },
      options: {},
      outputSize: { width: 992, height: 992 },
      calls: [
        {
          ...common,
          seed: 11,
          slots: [0, 1, 2, 3, 4],
          body: { taskType: "TEXT", textParams, config: { count: 5, ...config, seed: 11 } },
        },
        {
          ...common,
          seed: 16,
          slots: [5, 6],
          body: { taskType: "TEXT", textParams, config: { count: 2, ...config, seed: 16 } },
        },
      ],
      slots: [
        ...[0, 1, 2, 3, 4].map((index) => ({ call: 0, index })),
        ...[0, 1].map((index) => ({ call: 1, index })),
      ],
      changes: [
        { field: "quality", action: "mapped", from: "hd", to: "premium", why: expect.any(String) },
        {
          field: "style",
          action: "mapped",
          from: "line art",
          to: "LINE_ART",
          why: expect.any(String),
        },
        {
          field: "size",
          action: "snapped",
          from: "1000x1000",
          to: "992x992",
          why: expect.any(String),
        },
        { field: "n", action: "split", from: 7, to: [5, 2], why: expect.any(String) },
      ],
      warnings: [
        "acme.grid-v1:0 is legacy since 2026-03-30 and ends on 2027-03-30. Its successor is acme.ratio-v1:0.",
      ],
      estimate: { microUsd: 420_000, maybeMicroUsd: 0, unpricedImages: 0 },
    })
  })

  it("names the model id and the region of each call", async () => {
    const plan = await pictor.plan({ model: "wire/south-1/acme.ratio-v1:0", prompt: "a" })
    expect(plan.calls).toMatchObject([
      { model: "acme.ratio-v1:0", modelId: "us.acme.ratio-v1:0", region: "south-1" },
    ])
    expect(plan.changes).toMatchObject([{ field: "model", action: "mapped" }])
  })

  it("is deeply frozen", async () => {
    const plan = await pictor.plan({
      model,
      prompt: "a",
      n: 6,
      options: { config: { tuning: { list: [{}] } } },
    })
    const thaw = (value: unknown, path: string): readonly string[] =>
      typeof value !== "object" || value === null
        ? []
        : [
            ...(Object.isFrozen(value) ? [] : [path]),
            ...Object.entries(value).flatMap(([key, each]) => thaw(each, `${path}.${key}`)),
          ]
    expect(thaw(plan, "plan")).toEqual([])
  })

  it("does not freeze or follow the caller's objects", async () => {
    const prompts = [{ text: "a", weight: 2 }]
    const request = {
      model: "acme.weighted-v1",
      prompts,
      options: { extras: { deep: { list: [1] } } },
      tags: { team: "a" },
    }
    const plan = await pictor.plan(request)
    const before = JSON.stringify(plan)
    for (const each of [request, prompts, prompts[0], request.options.extras.deep])
      expect(Object.isFrozen(each)).toBe(false)
    prompts.push({ text: "b", weight: 1 })
    request.options.extras.deep.list.push(2)
    expect(JSON.stringify(plan)).toBe(before)
  })

  it("serializes as JSON", async () => {
    const plan = await pictor.plan({ model, prompt: "a", n: 6 })
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan)
  })

  it("makes no call", async () => {
    const { pictor: other, calls } = testClient()
    await other.plan({ model, prompt: "a", n: 100 })
    expect(calls).toEqual([])
  })

  it("keeps options without a neutral name by body path", async () => {
    const plan = await pictor.plan({
      model,
      prompt: "a",
      options: { config: { note: "x", cfgScale: 3 } },
    })
    expect(plan.options).toEqual({ "config.note": "x" })
    expect(plan.calls[0]?.body).toMatchObject({ config: { note: "x", cfgScale: 3 } })
  })

  it("draws one seed and derives the others", async () => {
    const dice = [0.25, 0.75]
    const { transport } = scripted()
    const drawing = createPictor({
      adapters: [grid(transport)],
      runtime: stillRuntime(() => dice.shift() ?? 0),
    })
    const { calls } = await drawing.plan({ model, prompt: "a", n: 11 })
    const first = Math.floor(0.25 * 858_993_460)
    expect(calls.map(({ seed }) => seed)).toEqual([first, first + 5, first + 10])
    expect(dice).toEqual([0.75])
  })

  it("plans no option into more images or a dearer price", () => {
    const config = fc.record(
      {
        count: fc.integer({ min: 1, max: 7 }),
        quality: fc.constantFrom("standard", "premium", "ultra"),
        width: fc.constantFrom(320, 1024, 2048, 4096),
        height: fc.constantFrom(320, 1024, 2048, 4096),
        cfgScale: fc.double({ min: 0, max: 12, noNaN: true }),
        seed: fc.nat(),
        note: fc.string({ maxLength: 25 }),
        tuning: fc.dictionary(fc.constantFrom("count", "quality", "width"), fc.integer()),
        "config.count": fc.constant(5),
      },
      { requiredKeys: [] },
    )
    const neutral = fc.record(
      {
        n: fc.integer({ min: 1, max: 12 }),
        quality: fc.constantFrom("hd", "low"),
        size: fc.constant("512x512"),
      },
      { requiredKeys: [] },
    )
    return fc.assert(
      fc.asyncProperty(config, neutral, async (given, request) => {
        const plan = await pictor
          .plan({ model, prompt: "a", ...request, options: { config: given } })
          .catch(() => undefined)
        if (!plan) return
        const bodies = plan.calls.map(
          ({ body }) =>
            body["config"] as { count: number; quality: string; width: number; height: number },
        )
        expect(bodies.map(({ count }) => count)).toEqual(
          plan.calls.map(({ slots }) => slots.length),
        )
        expect(bodies.reduce((sum, { count }) => sum + count, 0)).toBe(plan.n)
        for (const { quality, width, height } of bodies)
          expect({ quality, size: { width, height } }).toEqual({
            quality: plan.resolved.quality,
            size: plan.outputSize,
          })
        const small = (plan.outputSize?.width ?? 0) * (plan.outputSize?.height ?? 0) <= 1_048_576
        const price =
          plan.resolved.quality === "premium" ? (small ? 60_000 : 80_000) : small ? 40_000 : 60_000
        expect(plan.estimate.microUsd).toBe(price * plan.n)
      }),
      { seed: 20_261_120, numRuns: runs(10_000) },
    )
  })

  it("fills every slot once, in order", () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom(model, "acme.list-v1:0", "acme.ratio-v1:0"),
        fc.integer({ min: 1, max: 100 }),
        async (id, n) => {
          const { calls, slots, changes } = await pictor.plan({ model: id, prompt: "a", n })
          expect(calls.flatMap((call) => call.slots)).toEqual(
            Array.from({ length: n }, (_, slot) => slot),
          )
          expect(slots.map(({ call, index }) => calls[call]?.slots[index])).toEqual(
            Array.from({ length: n }, (_, slot) => slot),
          )
          expect(calls).toHaveLength(Math.ceil(n / (id === "acme.ratio-v1:0" ? 1 : 5)))
          expect(changes.some(({ action }) => action === "split")).toBe(calls.length > 1)
        },
      ),
      { seed: 20_261_120, numRuns: runs(2000) },
    ))
})

describe("plan of a resolved request", () => {
  it("changes nothing", () => {
    const side = fc.integer({ min: 1, max: 5000 })
    const request = fc.record({
      size: fc.tuple(side, side).map(([width, height]) => `${width}x${height}`),
      guidance: fc.double({ min: -5, max: 20, noNaN: true }),
      quality: fc.constantFrom("hd", "low", "auto", "ultra"),
      seed: fc.nat({ max: 2_147_483_646 }),
    })
    return fc.assert(
      fc.asyncProperty(request, async (asked) => {
        const first: Plan = await pictor.plan({ model, prompt: "a", ...asked })
        const { size, ...resolved } = first.resolved
        const again = await pictor.plan({
          ...resolved,
          model,
          seed: asked.seed,
          size: typeof size === "object" ? sizeText(size) : size,
          policy: "strict",
        } as ImageRequest)
        expect(again.changes).toEqual([])
        expect(again.calls).toEqual(first.calls)
      }),
      { seed: 20_261_120, numRuns: runs(10_000) },
    )
  })
})

describe("plan of an invalid request", () => {
  it("throws all issues at once", async () => {
    const wrong = {
      model,
      prompt: "",
      n: 0,
      seed: -1,
      size: "big",
      guidance: Number.NaN,
      promt: "a",
      image: "x",
      policy: "maybe",
      options: { confg: 1 },
    }
    expect((await issuesOf(wrong)).toSorted()).toEqual(
      [
        "invalid_request guidance",
        "invalid_request n",
        "invalid_request options.confg",
        "invalid_request policy",
        "invalid_request promt",
        "invalid_request prompt",
        "invalid_request seed",
        "invalid_request size",
        "unsupported image",
      ].toSorted(),
    )
  })

  it("is unsupported only when every issue is", async () => {
    const strict = { model: "acme.plain-v1:0", prompt: "a", policy: "strict" } as const
    expect(await errorOf(pictor.plan({ ...strict, steps: 5, seed: 1 }))).toMatchObject({
      code: "unsupported",
      issues: [{ path: "steps" }, { path: "seed" }],
    })
    expect(await errorOf(pictor.plan({ ...strict, steps: 5, n: 0 }))).toMatchObject({
      code: "invalid_request",
    })
  })

  it("names the model, the first issue and the other fields", async () => {
    const { message } = await errorOf(pictor.plan({ model, prompt: "a", n: 0, seed: -1 }))
    expect(message).toBe(
      "acme.grid-v1:0: n must be a whole number from 1 to 100, not 0. And 1 more: seed.",
    )
  })

  it.each([0, -1, 1.5, 101, "3", Number.NaN, Number.POSITIVE_INFINITY, null])(
    "rejects n = %j",
    async (n) => {
      expect(await issuesOf({ model, prompt: "a", n })).toEqual(["invalid_request n"])
    },
  )

  it.each(["txt2img", "", 5, null, "__proto__", "constructor"])(
    "rejects the task %j",
    async (task) => {
      expect(await issuesOf({ model, prompt: "a", task, n: 0, tags: 5, promt: 1 })).toEqual([
        "invalid_request task",
        "invalid_request tags",
        "invalid_request promt",
        "invalid_request n",
      ])
    },
  )

  it("rejects a task that the model lacks", async () => {
    expect(await errorOf(pictor.plan({ model, task: "upscale", image: "x" }))).toMatchObject({
      code: "unsupported",
      issues: [{ path: "task", given: "upscale", allowed: "one of text-to-image, erase" }],
    })
    expect(await issuesOf({ model, task: "upscale", image: "x", n: 0 })).toEqual([
      "unsupported task",
      "invalid_request n",
    ])
  })

  it.each([undefined, null, "a lamp", 5])("rejects %j as a request", async (request) => {
    expect(await errorOf(pictor.plan(request as unknown as ImageRequest))).toMatchObject({
      code: "invalid_request",
    })
    expect(await errorOf(pictor.generate(request as unknown as ImageRequest))).toMatchObject({
      code: "invalid_request",
    })
  })

  it("rejects a request that contains itself", async () => {
    const extras: Record<string, unknown> = {}
    extras["self"] = extras
    const error = await errorOf(
      pictor.plan({ model: "acme.weighted-v1", prompt: "a", options: { extras } }),
    )
    expect(error).toMatchObject({ code: "invalid_request" })
  })
})

describe("plan for a retired model", () => {
  const request = { model: "acme.list-v1:0", prompt: "a" }
  it("warns and names the successor", async () => {
    expect((await pictor.plan(request)).warnings).toEqual([
      "acme.list-v1:0 is retired since 2026-06-30. Its successor is acme.grid-v1:0.",
    ])
  })
  it("throws under refuse, but not for a legacy model", async () => {
    const { pictor: refusing } = testClient(undefined, { lifecycle: "refuse" })
    expect(await errorOf(refusing.plan(request))).toMatchObject({
      code: "model_retired",
      message: expect.stringContaining("acme.grid-v1:0"),
    })
    expect((await refusing.plan({ model, prompt: "a" })).n).toBe(1)
  })
  it("treats a legacy model as retired from its date on", async () => {
    const on = async (date: string) => {
      const { transport } = scripted()
      const client = createPictor({
        adapters: [grid(transport)],
        lifecycle: "refuse",
        runtime: { ...stillRuntime(), now: () => Date.parse(date) },
      })
      return client.plan({ model, prompt: "a" })
    }
    expect((await on("2027-03-29T23:59:59Z")).warnings).toHaveLength(1)
    expect(await errorOf(on(`${gridCard.lifecycle.retiredFrom}T00:00:00Z`))).toMatchObject({
      code: "model_retired",
    })
  })
})

describe("snapshot", () => {
  it("copies 40 levels, and no deeper ones", () => {
    const nested = (levels: number): object => (levels === 0 ? {} : { next: nested(levels - 1) })
    expect(snapshot(nested(40))).toEqual(nested(40))
    expect(() => snapshot(nested(41))).toThrow("nested more than 40 levels deep")
  })

  it("is equal and shares no mutable value", () => {
    const value = { a: [{ b: 1 }], c: { d: undefined }, e: null }
    const copy = snapshot(value)
    expect(copy).toStrictEqual(value)
    expect(copy).not.toBe(value)
    expect(copy.a[0]).not.toBe(value.a[0])
    expect(copy.c).not.toBe(value.c)
  })

  it("copies bytes once, and no immutable blob", () => {
    const value = {
      bytes: Uint8Array.of(1, 2),
      buffer: Uint8Array.of(3, 4).buffer,
      blob: new Blob(["a"]),
    }
    const copy = snapshot(value)
    value.bytes.fill(0)
    new Uint8Array(value.buffer).fill(0)
    expect([[...copy.bytes], [...new Uint8Array(copy.buffer)]]).toEqual([
      [1, 2],
      [3, 4],
    ])
    expect(copy.blob).toBe(value.blob)
    for (const key of ["bytes", "buffer"] as const) expect(snapshot(copy)[key]).toBe(copy[key])
  })

  it("returns a detached buffer unchanged", () => {
    const bytes = new Uint8Array(2)
    structuredClone(bytes.buffer, { transfer: [bytes.buffer] })
    expect(snapshot({ image: bytes.buffer }).image).toBe(bytes.buffer)
    expect(snapshot({ image: bytes }).image).toBe(bytes)
  })

  it("keeps an own __proto__ field", () => {
    const copy = snapshot(JSON.parse('{ "__proto__": { "a": 1 } }') as object)
    expect(Object.keys(copy)).toEqual(["__proto__"])
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype)
  })

  it("reads a getter once", () => {
    let reads = 0
    const value = {
      get n() {
        return ++reads
      },
    }
    const copy = snapshot(value)
    expect([copy.n, copy.n]).toEqual([1, 1])
  })

  it("throws for endless nesting", () => {
    const value: unknown[] = []
    value.push(value)
    expect(() => snapshot(value)).toThrow(ImageError)
  })
})
