import { describe, expect, it } from "vitest"
import { errorOf } from "./__fixtures__/reading.ts"
import { base64, file, form, picture, studio } from "./__fixtures__/studio.ts"
import { plan as planSchema } from "./schemas.ts"

const path = "/v1/images/plan"
const order = { model: "acme.brush-v1:0", prompt: "A lighthouse" }

describe("POST /v1/images/plan", () => {
  it("returns the bodies and the cost, and sends nothing", async () => {
    const made = studio()
    const response = await made.json(path, { ...order, n: 3, size: "1000x1000", moderation: "low" })
    const plan = planSchema.parse(await response.json())
    expect(plan).toMatchObject({
      model: order.model,
      task: "text-to-image",
      n: 3,
      estimate: { usd: "0.12", micro_usd: 120_000 },
    })
    expect(plan.changes.map(({ field, action }) => `${field}=${action}`)).toEqual([
      "moderation=dropped",
      "size=snapped",
      "n=split",
    ])
    expect(plan["calls"]).toMatchObject([
      { body: { config: { count: 2, width: 512 } } },
      { body: { config: { count: 1 } } },
    ])
    expect(plan).not.toHaveProperty("adapter")
    expect(made.calls).toEqual([])
  })

  it.each([
    [
      "JSON",
      () => JSON.stringify({ ...order, image: base64(picture()) }),
      { "content-type": "application/json" },
    ],
    ["a form", () => form({ ...order, image: file() }), {}],
  ])("shows the image of an edit in %s as a hash", async (_, body, headers) => {
    const response = await studio().send(path, { method: "POST", body: body(), headers })
    const plan = planSchema.parse(await response.json())
    expect(plan.task).toBe("image-to-image")
    expect(plan.resolved).toMatchObject({
      images: [{ sha256: expect.stringMatching(/^[0-9a-f]{64}$/), bytes: picture().byteLength }],
    })
    expect(JSON.stringify(plan)).not.toContain(base64(picture()))
  })

  it("returns all issues of an invalid request", async () => {
    const { issues } = await errorOf(
      await studio().json(path, { ...order, size: "big", background: "transparent" }),
    )
    expect(issues?.map(({ param }) => param)).toEqual(["background", "size"])
  })

  it("returns null for an unknown price", async () => {
    const response = await studio().json(path, { ...order, model: "acme.ratio-v1:0" })
    expect(planSchema.parse(await response.json()).estimate).toMatchObject({
      usd: null,
      unknown_images: 1,
    })
  })
})
