import { describe, expect, it } from "vitest"
import { type ErrorCode, ImageError, type ImageErrorOptions } from "../contract/errors.ts"
import { type Attempt, runFallbacks } from "./fallback.ts"

const request = { model: "a", prompt: "tea" } as const

const failed = (code: ErrorCode, more: Partial<ImageErrorOptions> = {}): ImageError =>
  new ImageError({ code, message: `Failed with ${code}.`, ...more })

/** Tries `models` in order; each throws its error, or delivers its own name. */
const ask = async (
  models: readonly string[],
  errors: Readonly<Record<string, unknown>>,
  shouldContinue = (): boolean => true,
) => {
  const called: string[] = []
  const attempts: (readonly Attempt[])[] = []
  const choose = (tried: readonly Attempt[]) => {
    attempts.push(tried)
    const model = models[tried.length]
    return model === undefined ? undefined : { model, request: { ...request, model } }
  }
  const end = await runFallbacks({ choose, shouldContinue: shouldContinue }, async ({ model }) => {
    called.push(model)
    if (model in errors) throw errors[model]
    return model
  }).catch((error: unknown) => error)
  return { called, end, attempts }
}

describe("runFallbacks", () => {
  it("tries candidates until one delivers, and passes failed attempts to `choose`", async () => {
    const { called, end, attempts } = await ask(["a", "b", "c"], { a: failed("timeout") })
    expect([
      called,
      end,
      attempts.map((tried) => tried.map(({ model, error }) => [model, error.code])),
    ]).toEqual([["a", "b"], "b", [[], [["a", "timeout"]]]])
  })

  it.each([
    ["may be charged", failed("unavailable", { maybeBilled: true })],
    [
      "has an open cost",
      failed("unavailable", { cost: { microUsd: 0, maybeMicroUsd: 1, unpricedImages: 0 } }),
    ],
    ["is of no known kind", new TypeError("?")],
  ])("stops after an error that %s, whatever the rules say", async (_, error) => {
    expect(await ask(["a", "b"], { a: error })).toMatchObject({ called: ["a"], end: error })
  })

  it("passes on unchanged what is no result, whatever earlier candidates cost", async () => {
    const cost = { microUsd: 40_000, maybeMicroUsd: 0, unpricedImages: 0 }
    expect(await ask(["a", "b"], { a: failed("content_filtered", { cost }) })).toMatchObject({
      called: ["a", "b"],
      end: "b",
    })
  })

  it("stops if shouldContinue returns false", async () => {
    const error = failed("unavailable")
    expect(await ask(["a", "b"], { a: error }, () => false)).toMatchObject({
      called: ["a"],
      end: error,
    })
  })

  it("throws a single error unchanged, and several under the first one's code without duplicates", async () => {
    const [a, b] = [
      failed("rate_limited", { retryAfterMs: 90 }),
      failed("unavailable", { retryAfterMs: 50 }),
    ]
    expect((await ask(["a"], { a })).end).toBe(a)
    const { end } = await ask(["a", "a", "b"], { a, b })
    expect(end).toMatchObject({
      code: "rate_limited",
      retryAfterMs: 50,
      message:
        'No model made the image. "a": Failed with rate_limited. "b": Failed with unavailable.',
    })
  })

  it("throws unavailable if there is no candidate", async () => {
    expect((await ask([], {})).end).toMatchObject({
      code: "unavailable",
      message: "There is no model to try.",
    })
  })
})
