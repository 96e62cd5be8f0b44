import { describe, expect, it } from "vitest"
import {
  artifact,
  deferred,
  errorOf,
  healthy,
  images,
  noon,
  png,
  reply,
  scripted,
  settled,
  testClient,
} from "../__fixtures__/client.ts"
import { gridCard } from "../__fixtures__/families.ts"
import { defineAdapter } from "../adapter.ts"
import { createPictor } from "../client.ts"
import type { Slot } from "../contract/errors.ts"
import { ImageError } from "../contract/errors.ts"
import type { ImageResult } from "../contract/generate.ts"
import type { Middleware } from "../contract/middleware.ts"
import type { Plan } from "../contract/plan.ts"
import { toBody } from "../planning/body.ts"
import { noCost } from "../planning/price.ts"

const model = "acme.grid-v1:0"
const statuses = ({ slots }: { readonly slots: readonly Slot[] }): string =>
  slots
    .map(
      ({ status }) =>
        ({ delivered: "D", filtered: "F", failed: "X", "not-attempted": "-" })[status],
    )
    .join("")
const denied = (
  code: "forbidden" | "unauthenticated" | "model_not_found" | "model_retired",
  status: number,
) => new ImageError({ code, message: "No.", status })

describe("generate", () => {
  it("delivers images in the order of the slots at the estimated price", async () => {
    const { pictor, calls } = testClient()
    const plan = await pictor.plan({ model, prompt: "a", n: 12, seed: 3, quality: "hd" })
    const result = await pictor.run(plan)
    expect(statuses(result)).toBe("D".repeat(12))
    expect(result.images).toEqual(
      result.slots.map((slot) => slot.status === "delivered" && slot.image),
    )
    expect(result.images.map(({ seed }) => seed)).toEqual([3, 3, 3, 3, 3, 8, 8, 8, 8, 8, 13, 13])
    expect(result.cost).toEqual(plan.estimate)
    expect(result.slots.map(({ cost }) => cost)).toEqual(
      result.slots.map(() => ({ ...noCost, microUsd: 60_000 })),
    )
    expect(result).toMatchObject({
      model,
      changes: plan.changes,
      warnings: plan.warnings,
      attempts: 3,
      requestIds: [],
      timing: { totalMs: 0, providerMs: 0 },
    })
    expect(calls).toHaveLength(3)
    expect(result.images[0]).toMatchObject({ mediaType: "image/png", width: 1, height: 1 })
    expect(result.images[0]?.base64()).toBe(png)
  })

  it("passes the planned call, the signal and the streaming flag to the transport", async () => {
    const { pictor, calls } = testClient()
    await pictor.generate({ model: "wire/south-1/acme.ratio-v1:0", prompt: "a", seed: 1 })
    await pictor.generate({ model: "acme.weighted-v1", prompt: "a", seed: 1 })
    expect(calls[0]).toEqual({
      model: "acme.ratio-v1:0",
      modelId: "us.acme.ratio-v1:0",
      region: "south-1",
      body: { mode: "text", prompt: "a", aspect_ratio: "1:1", seed: 1, output_format: "png" },
      signal: expect.any(AbortSignal),
      maxReplyBytes: expect.any(Number),
      onSubmitted: expect.any(Function),
    })
    expect(calls[1]).toMatchObject({ streaming: true, body: { text_prompts: [{ text: "a" }] } })
  })

  it("reports request ids, attempts and times", async () => {
    let now = noon
    const answer = () => {
      now += 40
      return { ...images(5), requestId: "r" }
    }
    const { pictor } = testClient(answer, {
      runtime: { now: () => now, random: () => 0 },
      parallelCalls: 1,
    })
    const { requestIds, attempts, timing } = await pictor.generate({ model, prompt: "a", n: 10 })
    expect({ requestIds, attempts, timing }).toEqual({
      requestIds: ["r", "r"],
      attempts: 2,
      timing: { totalMs: 80, providerMs: 80 },
    })
  })

  it("runs at most parallelCalls calls at a time and keeps the order of the slots", async () => {
    let running = 0
    let ended = 0
    let most = 0
    const gates = Array.from({ length: 8 }, () => deferred<void>())
    const answer = async (_: unknown, index: number) => {
      most = Math.max(most, ++running)
      await gates[index]?.promise
      running--
      ended++
      return images(1)
    }
    const { pictor, calls } = testClient(answer, { parallelCalls: 3 })
    const done = pictor.generate({ model: "acme.ratio-v1:0", prompt: "a", n: 8, seed: 1 })
    for (const gate of gates.toReversed()) {
      await settled()
      expect(calls.length - ended).toBe(Math.min(3, 8 - ended))
      gate.resolve()
    }
    const result = await done
    expect(most).toBe(3)
    expect(result.images.map(({ seed }) => seed)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  })
})

describe("run", () => {
  it("sends exactly the bodies of the plan, even if the request changed since", async () => {
    const { pictor, calls } = testClient()
    const request = { model, prompt: "a", n: 6 }
    const plan = await pictor.plan(request)
    request.prompt = "b"
    await pictor.run(plan)
    expect(calls.map(({ body }) => body)).toEqual(plan.calls.map(({ body }) => body))
    expect(calls.map(({ body }) => body)[0]).toBe(plan.calls[0]?.body)
  })

  it("may send a plan twice", async () => {
    const { pictor, calls } = testClient()
    const plan = await pictor.plan({ model, prompt: "a" })
    await pictor.run(plan)
    await pictor.run(plan)
    expect(calls[0]?.body).toBe(calls[1]?.body)
  })

  it("rejects a copy, a plan from JSON and a plan of another client", async () => {
    const { pictor, calls } = testClient()
    const plan = await pictor.plan({ model, prompt: "a" })
    const other = await testClient().pictor.plan({ model, prompt: "a" })
    for (const foreign of [{ ...plan }, JSON.parse(JSON.stringify(plan)) as Plan, other])
      expect(await errorOf(pictor.run(foreign))).toMatchObject({
        code: "invalid_request",
        message: expect.stringContaining("Plan the request again"),
      })
    expect(calls).toEqual([])
  })
})

describe("a request of several calls", () => {
  it("delivers and charges the images of the calls that succeed", async () => {
    const answer = (call: Parameters<typeof healthy>[0], index: number) => {
      if (index === 1)
        throw new ImageError({
          code: "invalid_request",
          message: "No.",
          status: 400,
          requestId: "bad",
        })
      return healthy(call)
    }
    const { pictor } = testClient(answer, { parallelCalls: 1 })
    const result: ImageResult = await pictor.generate({ model, prompt: "a", n: 12 })
    expect(statuses(result)).toBe("DDDDDXXXXXDD")
    expect(result.cost).toEqual({ ...noCost, microUsd: 7 * 40_000 })
    expect(result.slots[5]).toMatchObject({
      cost: noCost,
      error: { code: "invalid_request", status: 400 },
    })
    expect(result.requestIds).toEqual(["bad"])
  })

  it.each([
    denied("unauthenticated", 401),
    denied("forbidden", 403),
    new ImageError({ code: "misconfigured", message: "No region was found." }),
    denied("model_not_found", 404),
    denied("model_retired", 404),
    new ImageError({ code: "provider_failed", message: "No.", status: 403 }),
    new ImageError({ code: "forbidden", message: "Operation not allowed", status: 400 }),
  ])("stops after a failure that all calls share: case %#", async (error) => {
    const { pictor, calls } = testClient(
      (call, index) => {
        if (index === 1) throw error
        return healthy(call)
      },
      { parallelCalls: 1 },
    )
    const result = await pictor.generate({ model, prompt: "a", n: 20 })
    expect(statuses(result)).toBe("DDDDDXXXXX----------")
    expect(result.slots[19]).toEqual({ status: "not-attempted", cost: noCost })
    expect(calls).toHaveLength(2)
  })

  it("continues after a failure of one call", async () => {
    const { pictor } = testClient(
      (call, index) => {
        if (index === 0)
          throw new ImageError({
            code: "content_filtered",
            message: "blocked",
            stage: "prompt",
            status: 400,
          })
        return healthy(call)
      },
      { parallelCalls: 1 },
    )
    expect(statuses(await pictor.generate({ model, prompt: "a", n: 7 }))).toBe("FFFFFDD")
  })
})

describe("a decoded reply", () => {
  it("with fewer images and an error has free filtered slots", async () => {
    const { pictor } = testClient(() => images(3, { error: "Some were held back." }))
    const result = await pictor.generate({ model, prompt: "a", n: 5 })
    expect(statuses(result)).toBe("DDDFF")
    expect(result.slots[4]).toEqual({
      status: "filtered",
      stage: "output",
      reason: "Some were held back.",
      cost: noCost,
    })
    expect(result.cost.microUsd).toBe(3 * 40_000)
  })

  it("with fewer images and no error has free failed slots", async () => {
    const { pictor } = testClient(() => images(3))
    const result = await pictor.generate({ model, prompt: "a", n: 5 })
    expect(statuses(result)).toBe("DDDXX")
    expect(result.slots[4]).toMatchObject({
      cost: noCost,
      error: { code: "invalid_response", maybeBilled: false },
    })
  })

  it("with fewer outcomes than slots is filled up with failed slots", async () => {
    const { pictor } = testClient(() => reply({ artifacts: [] }))
    expect(
      await errorOf(pictor.generate({ model: "acme.weighted-v1", prompt: "a" })),
    ).toMatchObject({ code: "invalid_response", maybeBilled: false })
  })

  it("with more images has surplus slots at the end, charged and with a warning", async () => {
    const { pictor } = testClient((call, index) => (index === 0 ? images(7) : healthy(call)), {
      parallelCalls: 1,
    })
    const result = await pictor.generate({ model, prompt: "a", n: 6, seed: 1 })
    expect(statuses(result)).toBe("D".repeat(8))
    expect(result.images.map(({ seed }) => seed)).toEqual([1, 1, 1, 1, 1, 6, 1, 1])
    expect(result.cost.microUsd).toBe(8 * 40_000)
    expect(result.warnings).toContainEqual(expect.stringContaining("7 images instead of 5"))
  })

  it.each([
    ["that is not JSON", reply("<html>")],
    ["of no bytes", reply("")],
    ["that the family cannot decode", reply("null")],
  ])("%s is maybe charged", async (_, answer) => {
    const { pictor, calls } = testClient(() => ({ ...answer, requestId: "r" }))
    const error = await errorOf(pictor.generate({ model: "acme.weighted-v1", prompt: "a" }))
    expect(error).toMatchObject({
      code: "invalid_response",
      maybeBilled: true,
      retryable: false,
      status: 200,
      requestId: "r",
      cost: { ...noCost, maybeMicroUsd: 40_000 },
    })
    expect(calls).toHaveLength(1)
  })

  it("may arrive in chunks", async () => {
    const whole = images(1).body as Uint8Array
    const sizes: number[] = []
    const counting: Middleware = {
      name: "counting",
      call: async (attempt, next) => {
        const answer = await next(attempt)
        sizes.push(answer.bytes)
        return answer
      },
    }
    const { pictor } = testClient(
      () => ({ ...images(1), body: [whole.subarray(0, 9), whole.subarray(9)] }),
      { middleware: [counting] },
    )
    expect((await pictor.generate({ model, prompt: "a" })).images).toHaveLength(1)
    expect(sizes).toEqual([whole.byteLength])
  })

  it("with the guardrail's marker is filtered and maybe charged", async () => {
    const { pictor } = testClient(() => images(2, { guardrailAction: "INTERVENED" }))
    const error = (await errorOf(pictor.generate({ model, prompt: "a", n: 2 }))) as ImageError
    expect(error).toMatchObject({
      code: "content_filtered",
      stage: "guardrail",
      maybeBilled: true,
      cost: { ...noCost, maybeMicroUsd: 80_000 },
    })
    expect(error.slots).toEqual(
      Array.from({ length: 2 }, () => ({
        status: "filtered",
        stage: "guardrail",
        reason: "guardrailAction: INTERVENED",
        cost: { ...noCost, maybeMicroUsd: 40_000 },
      })),
    )
    const { pictor: passing } = testClient(() => images(2, { guardrailAction: "NONE" }))
    expect((await passing.generate({ model, prompt: "a", n: 2 })).images).toHaveLength(2)
  })

  it("with the guardrail's marker is maybe charged at an unknown price", async () => {
    const { pictor } = testClient(() => images(0, { guardrailAction: "INTERVENED" }))
    const error = await errorOf(
      pictor.generate({ model, modelId: "arn:wire:south-1:provisioned/x", prompt: "a" }),
    )
    expect(error).toMatchObject({
      code: "content_filtered",
      maybeBilled: true,
      cost: { ...noCost, unpricedImages: 1 },
    })
  })

  it("whose outcome has no image data has failed and is maybe charged", async () => {
    const broken = defineAdapter({
      name: "broken",
      models: [gridCard],
      encode: toBody,
      decode: () => [{ status: "delivered", data: 5 as unknown as string }],
    })
    const pictor = createPictor({ adapters: [broken(scripted().transport)], retry: false })
    expect(await errorOf(pictor.generate({ model, prompt: "a" }))).toMatchObject({
      code: "invalid_response",
      maybeBilled: true,
      cost: { ...noCost, maybeMicroUsd: 40_000 },
    })
  })

  it("with a charged filtered image has a preview, the full price and a warning", async () => {
    const { pictor } = testClient(() => artifact({ finish: "FILTERED" }))
    const error = (await errorOf(
      pictor.generate({ model: "acme.weighted-v1", prompt: "a" }),
    )) as ImageError
    expect(error).toMatchObject({
      code: "content_filtered",
      maybeBilled: false,
      cost: { ...noCost, microUsd: 40_000 },
    })
    const [slot] = error.slots ?? []
    expect(slot?.status === "filtered" && slot.preview?.base64()).toBe(png)
    const { pictor: mixed } = testClient((_, index) =>
      artifact(index === 0 ? { finish: "FILTERED" } : {}),
    )
    const result = await mixed.generate({ model: "acme.weighted-v1", prompt: "a", n: 2 })
    expect([result.images.length, result.cost.microUsd]).toEqual([1, 80_000])
    expect(result.warnings).toContainEqual(expect.stringContaining("inferred"))
  })

  it("with an image and an unknown reason is delivered with a warning", async () => {
    const { pictor } = testClient(() => artifact({ finish: "MAYBE", seed: 9 }))
    const result = await pictor.generate({ model: "acme.weighted-v1", prompt: "a", seed: 4 })
    expect(result.warnings).toEqual(["An image came with MAYBE."])
    expect(result.images[0]?.seed).toBe(9)
  })

  it("with an image in an unknown format is delivered with a warning", async () => {
    const { pictor } = testClient(() => reply({ images: ["AAAA"] }))
    const result = await pictor.generate({ model, prompt: "a" })
    expect(result.images[0]?.mediaType).toBe("application/octet-stream")
    expect(result.warnings).toContainEqual(expect.stringContaining("in an unknown format"))
  })

  it("of a retired model names the successor", async () => {
    const { pictor } = testClient(() => {
      throw denied("model_retired", 404)
    })
    expect(await errorOf(pictor.generate({ model, prompt: "a" }))).toMatchObject({
      code: "model_retired",
      status: 404,
      message: expect.stringContaining("acme.ratio-v1:0"),
    })
  })
})

describe("the error of a request without images", () => {
  it("is content_filtered if every attempted slot was filtered, else the first failed slot's code", async () => {
    const filtered = () => images(0, { error: "held back" })
    const failing = new ImageError({
      code: "quota_exceeded",
      message: "Enough.",
      status: 400,
      requestId: "q",
      retryAfterMs: 5,
    })
    const ask = async (answers: readonly (() => ReturnType<typeof filtered>)[]) =>
      errorOf(
        testClient((_, index) => (answers[index] ?? filtered)(), {
          parallelCalls: 1,
        }).pictor.generate({ model, prompt: "a", n: 10 }),
      )
    const fail = () => {
      throw failing
    }
    expect(await ask([filtered, filtered])).toMatchObject({
      code: "content_filtered",
      stage: "output",
      retryable: false,
    })
    expect(await ask([filtered, fail])).toMatchObject({
      code: "quota_exceeded",
      status: 400,
      requestId: "q",
      retryAfterMs: 5,
      message: "Enough.",
    })
    const stopped = await ask([fail, fail])
    expect(stopped).toMatchObject({ code: "quota_exceeded", cause: failing })
    const blocked = await ask([
      () => {
        throw new ImageError({ code: "content_filtered", message: "blocked", stage: "prompt" })
      },
    ])
    expect(blocked).toMatchObject({ code: "content_filtered", stage: "prompt" })
  })
})
