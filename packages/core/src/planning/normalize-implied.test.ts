import { describe, expect, it } from "vitest"
import { scripted } from "../__fixtures__/client.ts"
import { defineAdapter } from "../adapter.ts"
import { createPictor } from "../client.ts"
import type { ModelCard } from "../contract/card.ts"
import type { Pictor } from "../contract/client.ts"
import type { ImageError } from "../contract/errors.ts"
import type { JsonObject } from "../contract/request.ts"

const picture =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
const limits = { types: ["image/png"] } as const
const share = { kind: "range", min: 0, max: 1 } as const

/** A model that is told what its mask means, and by which numbers it goes. */
const card = {
  id: "acme.brush-v1:0",
  regions: ["south-1"],
  lifecycle: { status: "active" },
  prices: [],
  sources: {},
  tasks: {
    "image-to-image": {
      fields: {
        image: { kind: "image", path: "image", required: true, limits },
        strength: { ...share, path: "strength", default: 0.4, implies: { mode: "STRENGTH" } },
      },
      options: {
        start: { ...share, implies: { mode: "STEPS" } },
        end: { ...share, implies: { mode: "STEPS" } },
      },
    },
    inpaint: {
      fields: {
        image: {
          kind: "image",
          path: "image",
          required: true,
          limits,
          implies: { source: "ALPHA" },
        },
        mask: {
          kind: "mask",
          path: "mask",
          change: "white",
          limits,
          implies: { source: "WHITE" },
          impliesInverted: { source: "BLACK" },
        },
      },
    },
  },
} as const satisfies ModelCard

const brush = defineAdapter({ name: "brush", models: [card], decode: () => [] })
const pictor: Pictor = createPictor({ adapters: [brush(scripted().transport)] })
const planOf = (request: JsonObject) => pictor.plan({ model: card.id, ...request })
const bodyOf = async (request: JsonObject) => (await planOf(request)).calls[0]?.body

describe("implied values", () => {
  it.each<readonly [JsonObject, JsonObject]>([
    [{ task: "inpaint", image: picture }, { source: "ALPHA" }],
    [
      { task: "inpaint", image: picture, mask: picture },
      { mask: picture, source: "WHITE" },
    ],
    [
      { task: "inpaint", image: picture, mask: picture, options: { source: "WHITE" } },
      { mask: picture, source: "WHITE" },
    ],
    [
      { task: "inpaint", image: picture, options: { mask: picture } },
      { mask: picture, source: "WHITE" },
    ],
    [
      { task: "inpaint", options: { image: picture, mask: picture, source: "BLACK" } },
      { mask: picture, source: "BLACK" },
    ],
    [{ task: "inpaint", options: { image: picture, source: "ALPHA" } }, { source: "ALPHA" }],
    [
      { task: "image-to-image", image: picture },
      { mode: "STRENGTH", strength: 0.4 },
    ],
    [
      { task: "image-to-image", image: picture, options: { mode: "STRENGTH" } },
      { mode: "STRENGTH", strength: 0.4 },
    ],
    [
      { task: "image-to-image", image: picture, options: { start: 0.5 } },
      { mode: "STEPS", start: 0.5 },
    ],
    [
      { task: "image-to-image", image: picture, options: { mode: "STEPS", end: 1 } },
      { mode: "STEPS", end: 1 },
    ],
    [{ task: "image-to-image", image: picture, options: { mode: "STEPS" } }, { mode: "STEPS" }],
  ])("come from the last parameter that implies them: case %#", async (request, expected) => {
    expect(await bodyOf(request)).toEqual({ image: picture, ...expected })
  })

  it.each<readonly [JsonObject, string]>([
    [
      { task: "inpaint", image: picture, mask: picture, options: { source: "BLACK" } },
      "options.source",
    ],
    [
      { task: "inpaint", image: picture, mask: picture, options: { source: "ALPHA" } },
      "options.source",
    ],
    [
      { task: "inpaint", image: picture, options: { mask: picture, source: "ALPHA" } },
      "options.source",
    ],
    [{ task: "inpaint", image: picture, options: { source: "WHITE" } }, "options.source"],
    [{ task: "inpaint", image: picture, options: { source: "BLACK" } }, "options.source"],
    [{ task: "inpaint", image: picture, options: { source: "odd" } }, "options.source"],
    [{ task: "image-to-image", image: picture, options: { mode: "odd" } }, "options.mode"],
    [
      { task: "image-to-image", image: picture, options: { mode: "STRENGTH", start: 0.5 } },
      "options.mode",
    ],
  ])("reject options that contradict them: case %#", async (request, path) => {
    const error = (await planOf(request).catch((thrown: unknown) => thrown)) as ImageError
    expect([error.code, error.issues?.map((issue) => issue.path)]).toEqual([
      "invalid_request",
      [path],
    ])
  })

  it("come with a warning for an opaque image without a mask", async () => {
    const opaque =
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR42mP4z8AAAAMBAQD3A0FDAAAAAElFTkSuQmCC"
    const warnings = [{ image: opaque }, { image: picture }, { image: opaque, mask: opaque }].map(
      async (request) =>
        (await planOf({ task: "inpaint", ...request })).warnings.filter((warning) =>
          warning.startsWith("There is no mask"),
        ).length,
    )
    expect(await Promise.all(warnings)).toEqual([1, 0, 0])
  })

  it.each([{ start: 0 }, { mode: "STEPS" }])(
    "drop a setting that an option overrides: %j",
    async (options) => {
      const request = { task: "image-to-image", image: picture, strength: 0.4, options }
      const plan = await planOf(request)
      expect(plan.changes).toMatchObject([
        { field: "strength", action: "dropped", from: 0.4, to: undefined },
      ])
      expect(plan.resolved.strength).toBeUndefined()
      await expect(planOf({ ...request, policy: "strict" })).rejects.toMatchObject({
        code: "unsupported",
        issues: [{ path: "strength" }],
      })
    },
  )
})
