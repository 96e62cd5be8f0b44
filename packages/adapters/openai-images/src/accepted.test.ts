import { createPictor, type ImageAdapter, type ImageRequest, type JsonObject } from "@pictor/core"
import { http } from "@pictor/http"
import { sharpImages } from "@pictor/images"
import { chargeOf, checkBody } from "@pictor/openai-emulator"
import fc from "fast-check"
import { afterAll, describe, expect, it } from "vitest"
import { liveModels, requestsOf, scaled } from "./__fixtures__/random-requests.ts"
import { startRecorder } from "./__fixtures__/recorder.ts"
import { openaiImages } from "./index.ts"

const recorder = await startRecorder()
afterAll(recorder.close)

const clientOf = (): ReturnType<typeof createPictor<readonly ImageAdapter[]>> =>
  createPictor<readonly ImageAdapter[]>({
    adapters: [openaiImages(http({ key: "any", baseUrl: recorder.url }))],
    imageOps: sharpImages(),
    retry: false,
  })

const pictor = clientOf()
afterAll(() => pictor.close())

/** Sends a request: its estimate, and the violations and the charge of its calls. */
const order = async (request: JsonObject) => {
  const plan = await pictor.plan(request as unknown as ImageRequest)
  // The recorder answers with one picture, whatever is ordered.
  await pictor.run(plan)
  const violations: unknown[] = []
  let charge = 0
  for (const { path, body } of recorder.requests.splice(0)) {
    const operation = path.endsWith("/edits") ? "edits" : "generations"
    violations.push(...(await checkBody(operation, body)))
    charge += (await chargeOf(operation, body)) ?? Number.NaN
  }
  return { estimate: plan.estimate, violations, charge }
}

describe("random requests", () => {
  it.each(liveModels)(
    "are bodies that the API takes, and cost at most the estimate: %s",
    async (model) => {
      await fc.assert(
        fc.asyncProperty(requestsOf(model), async (each) => {
          const { estimate, violations, charge } = await order(each)
          expect(violations).toEqual([])
          expect(charge).toBeGreaterThan(0)
          expect(estimate.microUsd).toBeGreaterThanOrEqual(charge)
        }),
        { numRuns: scaled(10_000, 10), seed: 20_261_130 },
      )
    },
  )
})

const request = { model: "gpt-image-2.6-flare", prompt: "a lighthouse" }

interface Limit {
  readonly field: string
  readonly taken: unknown
  readonly refused: unknown
  readonly more?: JsonObject
}

const gif = { output_format: "gif" }

/** By field of the API: a value at its limit, and one beyond. */
const limits: readonly Limit[] = [
  { field: "n", taken: 10, refused: 11 },
  { field: "prompt", taken: "a".repeat(32_000), refused: "a".repeat(32_001) },
  { field: "size", taken: "3840x2160", refused: "3856x2160" },
  { field: "size", taken: "1024x640", refused: "1024x624" },
  { field: "size", taken: "2880x2880", refused: "2896x2880" },
  { field: "size", taken: "1536x512", refused: "1552x512" },
  { field: "size", taken: "1040x1024", refused: "1032x1024" },
  { field: "quality", taken: "max", refused: "ultra" },
  { field: "complexity", taken: "high", refused: "max" },
  { field: "background", taken: "opaque", refused: "white" },
  { field: "output_format", taken: "svg", refused: "avif" },
  { field: "output_compression", taken: 100, refused: 101, more: { output_format: "webp" } },
  { field: "output_compression", taken: 0, refused: -1, more: { output_format: "jpeg" } },
  { field: "moderation", taken: "low", refused: "high" },
  { field: "partial_images", taken: 3, refused: 4, more: { stream: true } },
  { field: "frame_count", taken: 16, refused: 17, more: gif },
  { field: "frame_count", taken: 2, refused: 1, more: gif },
]

const access = { access: ["gif", "svg"] } as const

/** Plans a request whose settings are the API's fields. */
const planOf = ({ prompt, ...options }: JsonObject) =>
  pictor.plan({ model: request.model, options: { prompt, ...options } })

describe("a field of the API", () => {
  it.each(limits)("$field is taken at its limit and refused beyond", async (limit) => {
    const { field, taken, refused, more } = limit
    const good = { ...request, ...more, [field]: taken }
    expect(await checkBody("generations", good, access)).toEqual([])
    expect((await planOf({ ...good, model: undefined })).calls[0]?.body).toMatchObject(good)
    const bad = { ...request, ...more, [field]: refused }
    expect(await checkBody("generations", bad, access)).not.toEqual([])
    await expect(planOf({ ...bad, model: undefined })).rejects.toMatchObject({
      code: "invalid_request",
    })
  })

  it.each([
    { output_compression: 50, output_format: "png" },
    { frame_count: 3, output_format: "png" },
    { svg: { model: "any" }, output_format: "webp" },
  ])("is not sent beside a format that excludes it: %o", async (fields) => {
    expect(await checkBody("generations", { ...request, ...fields }, access)).not.toEqual([])
    const { calls } = await planOf({ prompt: request.prompt, ...fields })
    expect(await checkBody("generations", calls[0]?.body, access)).toEqual([])
  })
})
