import { afterEach, describe, expect, it, vi } from "vitest"
import {
  type Answer,
  artifact,
  errorOf,
  healthy,
  images,
  noon,
  reply,
  scripted,
} from "./__fixtures__/client.ts"
import { list, ratio, weighted } from "./__fixtures__/families.ts"
import { createPictor } from "./client.ts"
import type { ImageAdapter } from "./contract/adapter.ts"
import { ImageError } from "./contract/errors.ts"
import type { ImageRequest } from "./contract/request.ts"

vi.mock("./on-demand.ts", () => {
  throw new Error("it was loaded")
})

afterEach(() => {
  vi.resetModules()
})

const active = (adapter: ImageAdapter): ImageAdapter => ({
  ...adapter,
  models: adapter.models.map((card) => ({ ...card, lifecycle: { status: "active" } })),
})

const client = (answer: Answer = healthy) => {
  const { transport, calls } = scripted(answer)
  const adapters = [list(transport), ratio(transport), weighted(transport)].map(active)
  return {
    pictor: createPictor<readonly ImageAdapter[]>({ adapters, runtime: { now: () => noon } }),
    calls,
  }
}

const request = { model: "acme.list-v1:0", prompt: "a lamp" }

describe("without what is loaded on demand", () => {
  it.each<ImageRequest>([
    { ...request, n: 5, size: "512x512", seed: 3, policy: "strict" },
    { model: "acme.ratio-v1:0", prompt: "a lamp", aspectRatio: "16:9", outputFormat: "jpeg" },
    {
      model: "acme.weighted-v1",
      prompt: "a lamp",
      negativePrompt: "people",
      steps: 60,
      style: "3d-model",
    },
  ])(
    "a text to image that the model takes as it is is planned, made and read: %j",
    async (each) => {
      const { pictor } = client()
      const result = await pictor.generate(await pictor.plan(each))
      expect(result).toMatchObject({
        slots: result.slots.map(() => ({ status: "delivered" })),
        warnings: [],
      })
      const [image] = result.images
      expect([
        image?.bytes().length,
        image?.base64Bytes().length,
        image?.width,
        image?.recipe.replayable,
      ]).toEqual([70, 96, 1, true])
      expect(pictor.model(each.model).schema()).toMatchObject({ type: "object" })
    },
  )

  it.each<readonly [string, Answer, object]>([
    [
      "that cannot be read",
      () => reply("{"),
      { code: "invalid_response", maybeBilled: true, cost: { maybeMicroUsd: 40_000 } },
    ],
    [
      "that is filtered and charged",
      () => artifact({ finish: "FILTERED" }),
      { code: "content_filtered", cost: { microUsd: 40_000 } },
    ],
    [
      "that a guardrail stopped",
      () => images(1, { guardrailAction: "INTERVENED" }),
      { code: "content_filtered", cost: { maybeMicroUsd: 40_000 } },
    ],
    [
      "that has failed and may be tried again",
      () => artifact({ finish: "ERROR" }),
      { code: "provider_failed", cost: { microUsd: 0 } },
    ],
  ])("a reply %s is judged and told", async (_, answer, expected) => {
    const { pictor, calls } = client(answer)
    expect(
      await errorOf(pictor.generate({ model: "acme.weighted-v1", prompt: "a lamp" })),
    ).toMatchObject(expected)
    expect(calls).toHaveLength(1)
  })

  it.each(["rate_limited", "forbidden", "model_retired", "timeout"] as const)(
    "a call that failed with %s is told",
    async (code) => {
      const { pictor } = client(() => {
        throw new ImageError({ code, message: "No.", maybeBilled: code === "timeout" })
      })
      expect(await errorOf(pictor.generate(request))).toMatchObject({
        code,
        slots: [{ status: "failed" }],
      })
    },
  )

  it("everything else waits for it before anything is sent", async () => {
    const { pictor, calls } = client()
    const signal = new AbortController().signal
    for (const each of [
      { n: 6 },
      { size: "500x500" },
      { seed: -1 },
      { options: {} },
      { task: "erase" },
    ])
      expect(await errorOf(pictor.generate({ ...request, ...each } as ImageRequest))).toMatchObject(
        { cause: { message: "it was loaded" } },
      )
    expect(await errorOf(pictor.generate(request, { signal }))).toMatchObject({
      cause: { message: "it was loaded" },
    })
    expect(calls).toEqual([])
  })
})
