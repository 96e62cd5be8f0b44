import { describe, expect, it } from "vitest"
import { errorOf, healthy, images, reply, testClient } from "../__fixtures__/client.ts"
import { stringsIn } from "../__fixtures__/strings-in.ts"
import { ImageError, isImageError } from "./errors.ts"
import type { Recipe } from "./image.ts"
import type { JsonObject } from "./request.ts"

const model = "acme.grid-v1:0"
const canary = "CANARY sings a long and secret song"
const long = `${canary} `.repeat(60)

describe("a planning error", () => {
  it.each<JsonObject>([
    { prompt: long },
    { prompt: { text: canary } },
    { prompt: canary, negativePrompt: long },
    { prompt: canary, negativePrompt: [canary] },
    { prompts: [{ text: canary, wieght: 1 }] },
    { prompts: [canary] },
    { prompts: canary },
    { prompt: canary, prompts: [{ text: canary }] },
    {
      prompts: [
        { text: canary, weight: 2 },
        { text: canary, weight: -2 },
      ],
      policy: "strict",
    },
    { prompt: canary, options: { textParams: { text: "other" } } },
    { prompt: "other", options: { textParams: { text: canary } } },
    { options: { textParams: { text: long, negativeText: long } } },
    { prompt: canary, options: { config: { note: long, tuning: canary } } },
    { prompt: canary, options: { nonsense: canary, config: { other: canary } } },
    { prompt: canary, options: canary },
    { prompt: canary, n: 0, seed: -1, size: "1x1x1" },
    { prompt: canary, tags: { a: [canary] }, account: { key: canary, secret: canary } },
    { prompt: canary, task: "upscale", image: canary },
    { prompt: canary, image: canary, unknown: canary },
    { model: "acme.ratio-v1:0", prompt: canary, negativePrompt: canary, policy: "strict" },
    { model: "acme.weighted-v1", prompt: long, negativePrompt: long },
    {
      model: "acme.weighted-v1",
      prompt: canary,
      options: { text_prompts: [{ text: canary }, { text: canary }] },
    },
    { model: "acme.weighted-v1", prompt: canary, options: { extras: canary } },
    { model: "acme.none", prompt: canary },
    { model: undefined, prompt: canary },
  ])("contains no text of the caller: case %#", async (request) => {
    const { pictor } = testClient()
    const error = await errorOf(pictor.plan({ model, ...request }))
    expect(isImageError(error)).toBe(true)
    expect(stringsIn(error).filter((each) => each.includes("CANARY"))).toEqual([])
    expect(JSON.stringify(error)).not.toContain("CANARY")
  })

  it("has the path, the given value and the allowed values of each issue", async () => {
    const { pictor } = testClient()
    expect(
      await errorOf(pictor.plan({ model, prompt: "", n: 0, quality: 5 as unknown as string })),
    ).toMatchObject({
      issues: [
        { path: "n", given: 0, allowed: "a whole number from 1 to 100" },
        { path: "quality", given: 5, allowed: "one of standard, premium" },
        { path: "prompt", given: "0 characters", allowed: "a text of 1 to 1,024 characters" },
      ],
    })
  })

  it("truncates a long value", async () => {
    const { pictor } = testClient()
    const error = await errorOf(pictor.plan({ model, prompt: "a", size: "9".repeat(10_000) }))
    expect(JSON.stringify(error).length).toBeLessThan(600)
  })
})

describe("an error of generate", () => {
  const words = { prompt: canary, negativePrompt: canary, options: { config: { note: "CANARY" } } }
  const blocked = new ImageError({ code: "content_filtered", message: "blocked", stage: "prompt" })

  it.each([
    [
      "a rejected call",
      () => Promise.reject(new ImageError({ code: "invalid_request", message: "No." })),
    ],
    ["filtered", () => Promise.reject(blocked)],
    ["of no JSON", () => reply(`<html>${canary}`)],
    ["of broken JSON", () => reply(`{"images": ["${canary}`)],
    ["of a broken transport", () => Promise.reject(new TypeError("socket"))],
  ] as const)("%s contains no text of the caller", async (_, answer) => {
    const { pictor } = testClient(answer)
    const error = await errorOf(pictor.generate({ model, n: 2, ...words }))
    expect(stringsIn(error).filter((each) => each.includes("CANARY"))).toEqual([])
  })

  it("with images has none in its JSON", async () => {
    const controller = new AbortController()
    const { pictor } = testClient(
      (call, index) => {
        if (index === 1) controller.abort()
        return healthy(call)
      },
      { parallelCalls: 1 },
    )
    const error = (await errorOf(
      pictor.generate({ model, n: 12, ...words }, { signal: controller.signal }),
    )) as ImageError
    expect(error.slots?.filter(({ status }) => status === "delivered")).toHaveLength(10)
    const text = JSON.stringify({ error })
    expect(text).not.toContain("CANARY")
    expect(text).not.toContain("iVBOR")
    expect((JSON.parse(text) as { error: JsonObject }).error).toMatchObject({
      name: "ImageError",
      code: "aborted",
      message: expect.stringContaining("10 of 12"),
      slots: [...Array.from({ length: 10 }, () => "delivered"), "not-attempted", "not-attempted"],
      cost: { microUsd: 400_000 },
      retryable: false,
    })
  })
})

describe("ImageError", () => {
  it("has no cause, recipe or stack in its JSON", () => {
    const cause = new Error(canary)
    const recipe = { request: { prompt: canary } } as unknown as Recipe
    const error = new ImageError({
      code: "idempotency_replayed",
      message: "Once is enough.",
      recipe,
      cause,
      requestId: "r",
    })
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      name: "ImageError",
      message: "Once is enough.",
      code: "idempotency_replayed",
      retryable: false,
      maybeBilled: false,
      requestId: "r",
    })
    expect(error).toMatchObject({ cause, recipe })
  })

  it.each([
    ["rate_limited", false, true],
    ["unavailable", false, true],
    ["unavailable", true, false],
    ["provider_failed", false, false],
    ["timeout", true, false],
  ] as const)("%s, maybe billed %s, is retryable: %s", (code, maybeBilled, retryable) => {
    expect(new ImageError({ code, message: "No.", maybeBilled })).toMatchObject({
      retryable,
      maybeBilled,
    })
    expect(
      new ImageError({ code, message: "No.", maybeBilled, retryable: !retryable }).retryable,
    ).toBe(!retryable)
  })

  it("has no field that was not given", () => {
    const error = new ImageError({ code: "timeout", message: "Late." })
    expect(Object.keys(error).toSorted()).toEqual(["code", "maybeBilled", "name", "retryable"])
    expect("cause" in error).toBe(false)
    expect(error).toBeInstanceOf(Error)
    expect(String(error)).toBe("ImageError: Late.")
  })

  it("is recognized by its brand, also from another copy of the package", () => {
    const error = new ImageError({ code: "timeout", message: "Late." })
    const foreign = Object.assign(new Error("Late."), {
      [Symbol.for("pictor.ImageError")]: true,
      code: "timeout",
    })
    for (const each of [error, foreign]) {
      expect(isImageError(each)).toBe(true)
      expect(isImageError(each, "timeout")).toBe(true)
      expect(isImageError(each, "aborted")).toBe(false)
    }
    for (const each of [new Error("Late."), { code: "timeout" }, null, undefined, "timeout"])
      expect(isImageError(each)).toBe(false)
  })
})

describe("a rejected request", () => {
  it("leaves no unhandled rejection", async () => {
    const unhandled: unknown[] = []
    const { process } = globalThis as unknown as {
      readonly process: {
        on(event: string, listener: (error: unknown) => void): void
        off(event: string, listener: (error: unknown) => void): void
      }
    }
    const listener = (error: unknown): void => {
      unhandled.push(error)
    }
    process.on("unhandledRejection", listener)
    const failing = () => Promise.reject(new ImageError({ code: "forbidden", message: "No." }))
    const controller = new AbortController()
    const late = testClient(
      () => new Promise((_, reject) => setTimeout(() => reject(new Error("late")), 300)),
    )
    const stopped = errorOf(
      late.pictor.generate({ model, prompt: "a", n: 20 }, { signal: controller.signal }),
    )
    await errorOf(testClient(failing).pictor.generate({ model, prompt: "a", n: 50 }))
    await errorOf(
      testClient(failing).pictor.generate({ model, prompt: "a", n: 50, idempotencyKey: "k" }),
    )
    await errorOf(testClient(() => images(0)).pictor.generate({ model, prompt: "a", n: 50 }))
    setTimeout(() => controller.abort(), 1)
    expect(await stopped).toMatchObject({ code: "aborted" })
    await new Promise((resolve) => setTimeout(resolve, 100))
    process.off("unhandledRejection", listener)
    expect(unhandled).toEqual([])
  })
})
