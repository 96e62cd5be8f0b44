import { describe, expect, it } from "vitest"
import { formCard } from "../__fixtures__/apis.ts"
import { images, scripted, stillRuntime } from "../__fixtures__/client.ts"
import { base64 } from "../__fixtures__/pictures.ts"
import { defineAdapter } from "../adapter.ts"
import { decodeImageList } from "../bytes/decode-reply.ts"
import { createPictor } from "../client.ts"
import type { ImageAdapter } from "../contract/adapter.ts"
import type { PriceRow } from "../contract/card.ts"
import type { JsonObject } from "../contract/request.ts"
import { deriveCard } from "../models/derive-card.ts"

const { mask: _mask, ...fields } = formCard.tasks.inpaint.fields

const units = { outputImageToken: 30 } as const

const prices: readonly PriceRow[] = [
  {
    outputFormats: ["png", "jpeg"],
    units,
    most: { image: { outputImageToken: 1000 }, partialImage: { outputImageToken: 100 } },
    source: "page",
  },
]

/** Edits with a size, drawings over the first image, prices by format. */
const card = deriveCard(formCard, {
  id: "acme.edit-v1",
  lifecycle: { status: "active" },
  tasks: {
    inpaint: { output: "input" },
    "image-to-image": {
      endpoint: "/images/edits",
      encoding: "form",
      imagesPerCall: 4,
      output: "input",
      fields: {
        ...fields,
        referenceImage: { kind: "image", path: "overlay", limits: { types: ["image/png"] } },
      },
    },
  },
  prices,
})

const { transport, calls } = scripted(({ body }) => images((body["n"] as number) ?? 1))
const pictor = createPictor<readonly ImageAdapter[]>({
  adapters: [defineAdapter({ name: "edits", models: [card], decode: decodeImageList })(transport)],
  runtime: stillRuntime(),
})

const planOf = (request: JsonObject) =>
  pictor.plan({
    model: "acme.edit-v1",
    prompt: "a lamp",
    ...request,
  })

const picture = (width: number, height: number): string => base64({ width, height })

describe("an edit whose task takes a size", () => {
  it.each([
    [1280, 720, "1280x720"],
    [64, 64, "816x816"],
    [1000, 500, "1152x576"],
  ])("of a picture of %ix%i has the nearest legal size, %s", async (width, height, size) => {
    const { calls: planned, changes } = await planOf({
      task: "image-to-image",
      images: [picture(width, height), picture(32, 32)],
    })
    expect(planned[0]?.body["size"]).toBe(size)
    expect(changes).toEqual([])
  })

  it("has it under strict too, and with auto", async () => {
    const image = picture(64, 64)
    for (const more of [{ policy: "strict" }, { size: "auto" }]) {
      const plan = await planOf({ task: "image-to-image", image, ...more })
      expect(plan.outputSize).toEqual({ width: 816, height: 816 })
    }
  })

  it.each([
    [{ size: "1024x1536" }, "1024x1536"],
    [{ aspectRatio: "1:1" }, "1024x1024"],
  ])("has the requested one, %o", async (more, size) => {
    const plan = await planOf({ task: "image-to-image", image: picture(1280, 720), ...more })
    expect(plan.calls[0]?.body["size"]).toBe(size)
  })
})

describe("a reference that is a layout", () => {
  it("is the task's drawing over the first image", async () => {
    const [image, overlay] = [picture(1280, 720), picture(32, 16)]
    const { calls: planned, changes } = await planOf({
      task: "image-to-image",
      references: [{ image }, { image: overlay, role: "layout" }],
    })
    expect(planned[0]?.body).toMatchObject({
      "image[]": [{ base64: image }],
      overlay: { base64: overlay },
    })
    expect(changes).toEqual([])
  })
})

describe("a call with partial images", () => {
  it("makes one image, since its last event is the reply", async () => {
    const { slots } = await pictor.run(await planOf({ n: 3, partialImages: 2 }))
    expect(slots).toHaveLength(3)
    expect(calls.slice(-3).map(({ body }) => [body["n"], body["stream"]])).toEqual([
      [1, true],
      [1, true],
      [1, true],
    ])
  })

  it("counts them in the estimate of each image", async () => {
    const plain = await planOf({ n: 2 })
    const partial = await planOf({ n: 2, partialImages: 3 })
    expect(plain.estimate.microUsd).toBe(2 * 30_000)
    expect(partial.estimate.microUsd).toBe(2 * (30_000 + 3 * 3000))
  })
})

describe("a price row of some formats", () => {
  it("applies to them alone", async () => {
    expect((await planOf({ outputFormat: "jpeg" })).estimate.unpricedImages).toBe(0)
    expect((await planOf({ outputFormat: "webp" })).estimate.unpricedImages).toBe(1)
  })
})

describe("an adapter's settings", () => {
  it("may replace the family's cards", () => {
    const own = { ...formCard, id: "own" }
    const adapter = defineAdapter({ name: "edits", models: [card], decode: decodeImageList })
    expect(adapter(transport, { models: [own] }).models).toEqual([own])
    expect(adapter(transport).models).toEqual([card])
  })
})
