import type { FaultKind } from "@pictor/bedrock-emulator"
import {
  type ErrorCode,
  type ImageError,
  type ImageRequest,
  type ImageResult,
  isImageError,
} from "@pictor/core"
import { describe, expect, test } from "vitest"
import { onEmulator, quick } from "./on-emulator.ts"

const secret = "canary-prompt-4711"
const models = {
  sdxl: "stability.stable-diffusion-xl-v1",
  sd3: "stability.sd3-5-large-v1:0",
  titan: "amazon.titan-image-generator-v2:0",
  nova: "amazon.nova-canvas-v1:0",
} as const
type Family = keyof typeof models
const every = Object.keys(models) as readonly Family[]
const sizes: Partial<Record<Family, string>> = { titan: "512x512", nova: "512x512" }

const request = (family: Family, n: number): ImageRequest => ({
  model: models[family],
  prompt: secret,
  n,
  seed: 7,
  ...(sizes[family] ? { size: sizes[family] } : {}),
})

/**
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html, seen
 * 2026-11-20, and what the service was seen to answer.
 */
const errors: readonly {
  readonly kind: FaultKind
  readonly code: ErrorCode
  readonly retried?: true
  readonly maybeBilled?: true
}[] = [
  { kind: "quota", code: "quota_exceeded" },
  { kind: "no-access", code: "forbidden" },
  { kind: "operation-not-allowed", code: "forbidden" },
  { kind: "unrecognized-client", code: "unauthenticated" },
  { kind: "invalid-signature", code: "unauthenticated" },
  { kind: "expired-token", code: "unauthenticated" },
  { kind: "retired", code: "model_retired" },
  { kind: "legacy", code: "model_retired" },
  { kind: "unknown-model", code: "model_not_found" },
  { kind: "on-demand", code: "invalid_request" },
  { kind: "no-errortype", code: "invalid_request" },
  { kind: "throttle", code: "rate_limited", retried: true },
  { kind: "not-ready", code: "unavailable", retried: true },
  { kind: "unavailable", code: "unavailable", retried: true },
  { kind: "overloaded", code: "unavailable", retried: true },
  { kind: "html-502", code: "unavailable", retried: true },
  { kind: "internal", code: "provider_failed", retried: true },
  { kind: "model-error", code: "provider_failed" },
  { kind: "model-timeout", code: "timeout", maybeBilled: true },
  { kind: "cut", code: "unavailable", maybeBilled: true },
  { kind: "malformed", code: "invalid_response", maybeBilled: true },
]

describe.each(errors)("$kind", ({ kind, code, retried = false, maybeBilled = false }) => {
  test(`is ${code} on every family, ${retried ? "after 3 attempts" : "at the first attempt"}`, async () => {
    await using run = onEmulator({ faults: [{ kind }] }, { runtime: quick })
    for (const family of every) {
      const before = run.requests.length
      const error: unknown = await run.pictor
        .generate(request(family, 1))
        .catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({
        code,
        maybeBilled,
        slots: [{ status: "failed", cost: { microUsd: 0 } }],
      })
      expect(run.requests.length - before).toBe(retried ? 3 : 1)
      expect(
        JSON.stringify([(error as ImageError).message, error, (error as ImageError).cause]),
      ).not.toContain(secret)
    }
  })

  test("on one call of a split loses no other call's images", async () => {
    await using run = onEmulator(
      { faults: [{ kind, times: retried ? 3 : 1 }] },
      { runtime: quick, parallelCalls: 1 },
    )
    const order = run.pictor.generate(request("sd3", 3))
    const end: ImageResult | ImageError = await order.catch((thrown: ImageError) => thrown)
    const stops =
      code === "forbidden" ||
      code === "unauthenticated" ||
      code === "model_not_found" ||
      code === "model_retired"
    expect(end.slots?.map(({ status }) => status)).toEqual(
      stops ? ["failed", "not-attempted", "not-attempted"] : ["failed", "delivered", "delivered"],
    )
    expect(end.cost).toEqual({
      microUsd: stops ? 0 : 160_000,
      maybeMicroUsd: maybeBilled ? 80_000 : 0,
      unpricedImages: 0,
    })
  })
})

test("a retired model's error names its successor", async () => {
  await using run = onEmulator({ faults: [{ kind: "retired" }] })
  const error: unknown = await run.pictor
    .generate(request("nova", 1))
    .catch((thrown: unknown) => thrown)
  expect(isImageError(error, "model_retired") && error.message).toContain(
    "stability.stable-image-core-v1:1",
  )
})

test("a throttled call waits as long as the provider says", async () => {
  const waits: number[] = []
  const runtime = {
    ...quick,
    sleep: (delayMs: number) => Promise.resolve(void waits.push(delayMs)),
  }
  await using run = onEmulator(
    { faults: [{ kind: "throttle", times: 1, retryAfterSeconds: 9 }] },
    { runtime },
  )
  await run.pictor.generate(request("nova", 1))
  expect(waits).toEqual([9000])
})

/** What a filter leaves: statuses of 3 ordered images, the stage, and what is charged of them. */
const filters: readonly {
  readonly kind: FaultKind
  readonly family: Family
  readonly stage: string
  readonly statuses: string
  readonly microUsd: number
  readonly maybeMicroUsd?: number
}[] = [
  {
    kind: "filtered-input",
    family: "nova",
    stage: "prompt",
    statuses: "filtered filtered filtered",
    microUsd: 0,
  },
  {
    kind: "filtered-input",
    family: "titan",
    stage: "prompt",
    statuses: "filtered filtered filtered",
    microUsd: 0,
  },
  {
    kind: "filtered-input",
    family: "sdxl",
    stage: "prompt",
    statuses: "filtered filtered filtered",
    microUsd: 0,
  },
  {
    kind: "filtered-input",
    family: "sd3",
    stage: "prompt",
    statuses: "filtered filtered filtered",
    microUsd: 0,
  },
  {
    kind: "filtered-input-image",
    family: "nova",
    stage: "input-image",
    statuses: "filtered filtered filtered",
    microUsd: 0,
  },
  {
    kind: "filtered-input-image",
    family: "sd3",
    stage: "input-image",
    statuses: "filtered filtered filtered",
    microUsd: 0,
  },
  {
    kind: "filtered-output",
    family: "nova",
    stage: "output",
    statuses: "filtered filtered filtered",
    microUsd: 0,
  },
  {
    kind: "filtered-output",
    family: "titan",
    stage: "output",
    statuses: "filtered filtered filtered",
    microUsd: 0,
  },
  {
    kind: "filtered-output",
    family: "sdxl",
    stage: "output",
    statuses: "filtered filtered filtered",
    microUsd: 120_000,
  },
  {
    kind: "filtered-output",
    family: "sd3",
    stage: "output",
    statuses: "filtered filtered filtered",
    microUsd: 0,
  },
  {
    kind: "guardrail",
    family: "nova",
    stage: "guardrail",
    statuses: "filtered filtered filtered",
    microUsd: 0,
    maybeMicroUsd: 120_000,
  },
  {
    kind: "guardrail",
    family: "sd3",
    stage: "guardrail",
    statuses: "filtered filtered filtered",
    microUsd: 0,
    maybeMicroUsd: 240_000,
  },
  {
    kind: "filtered-some",
    family: "nova",
    stage: "output",
    statuses: "delivered delivered filtered",
    microUsd: 80_000,
  },
  {
    kind: "filtered-some",
    family: "titan",
    stage: "output",
    statuses: "delivered delivered filtered",
    microUsd: 16_000,
  },
]

describe.each(filters)(
  "$kind on $family",
  ({ kind, family, stage, statuses, microUsd, maybeMicroUsd = 0 }) => {
    test(`is ${statuses} at the stage ${stage}, for ${microUsd} micro-USD`, async () => {
      await using run = onEmulator({ faults: [{ kind, count: 1 }] }, { runtime: quick })
      const end: ImageResult | ImageError = await run.pictor
        .generate(request(family, 3))
        .catch((thrown: ImageError) => thrown)
      expect(end.slots?.map(({ status }) => status).join(" ")).toBe(statuses)
      expect(end.slots?.find((slot) => slot.status === "filtered")).toMatchObject({ stage })
      expect(end.cost).toEqual({ microUsd, maybeMicroUsd, unpricedImages: 0 })
      expect(isImageError(end) ? end.code : "delivered").toBe(
        statuses.includes("delivered") ? "delivered" : "content_filtered",
      )
      expect(JSON.stringify(end)).not.toContain(isImageError(end) ? secret : "\u0000")
    })
  },
)

describe("a verdict per image", () => {
  test("SDXL keeps the blurred bytes as a preview, never among the images", async () => {
    await using run = onEmulator(
      { faults: [{ kind: "filtered-output", times: 1 }] },
      { runtime: quick, parallelCalls: 1 },
    )
    const { images, slots } = await run.pictor.generate(request("sdxl", 2))
    expect(images).toHaveLength(1)
    expect(slots[0]).toMatchObject({ status: "filtered", preview: { mediaType: "image/png" } })
  })

  test.each([
    { kind: "artifact-error", family: "sdxl" },
    { kind: "inference-error", family: "sd3" },
  ] as const)("$kind is tried again, and free", async ({ kind, family }) => {
    await using run = onEmulator({ faults: [{ kind, times: 1 }] }, { runtime: quick })
    const { images, cost, attempts } = await run.pictor.generate(request(family, 1))
    expect([images.length, attempts]).toEqual([1, 2])
    expect(cost.microUsd).toBe(family === "sdxl" ? 40_000 : 80_000)
  })

  test("one image more than was ordered is delivered, charged and warned of", async () => {
    await using run = onEmulator({ faults: [{ kind: "too-many-images" }] }, { runtime: quick })
    const { images, cost, warnings } = await run.pictor.generate(request("nova", 2))
    expect([images.length, cost.microUsd]).toEqual([3, 120_000])
    expect(warnings).toContainEqual(expect.stringContaining("sent 3 images instead of 2"))
  })

  test("one image fewer, with no reason, is a free failure of its slot", async () => {
    await using run = onEmulator(
      { faults: [{ kind: "missing-images", count: 1 }] },
      { runtime: quick },
    )
    const { slots, cost } = await run.pictor.generate(request("nova", 3))
    expect(slots.map(({ status }) => status)).toEqual(["delivered", "delivered", "failed"])
    expect(cost.microUsd).toBe(80_000)
  })
})

describe("time", () => {
  test("an attempt without an answer is a timeout, and may have been charged", async () => {
    await using run = onEmulator(
      { faults: [{ kind: "timeout" }] },
      { runtime: quick },
      { region: "us-west-2", timeoutMs: 100 },
    )
    const error: unknown = await run.pictor
      .generate(request("nova", 1))
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: "timeout",
      maybeBilled: true,
      cost: { microUsd: 0, maybeMicroUsd: 40_000 },
    })
  })

  test.each(["slow-first-byte", "slow-body"] as const)("%s is only slow", async (kind) => {
    await using run = onEmulator({ faults: [{ kind, delayMs: 5 }] })
    expect((await run.pictor.generate(request("nova", 1))).images).toHaveLength(1)
  })
})
