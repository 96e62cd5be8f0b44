import { describe, expect, it } from "vitest"
import { apiClient, partsCard } from "../__fixtures__/apis.ts"
import { errorOf, testClient } from "../__fixtures__/client.ts"
import type { TaskCard } from "../contract/card.ts"
import type { ImageError } from "../contract/errors.ts"
import type { Plan } from "../contract/plan.ts"
import type { JsonObject } from "../contract/request.ts"
import { createDiagnostics } from "./diagnostics.ts"
import { fitSize } from "./size.ts"

const { planOf } = apiClient()
const { pictor } = testClient()
const shapeOf = ({ resolved, changes }: Plan) => ({
  size: resolved.size,
  aspectRatio: resolved.aspectRatio,
  changes: changes.flatMap(({ field, action, to }) =>
    field === "model" ? [] : [`${action} ${field} ${String(to)}`],
  ),
})
const tiered = async (request: JsonObject) => shapeOf(await planOf("parts", request))
const pixels = async (model: string, request: JsonObject) =>
  shapeOf(await pictor.plan({ model, prompt: "a", ...request }))

describe("a model of tiers", () => {
  it.each<readonly [JsonObject, string, string, readonly string[]]>([
    [{}, "1K", "auto", []],
    [{ size: "auto" }, "1K", "auto", []],
    [{ size: "2K" }, "2K", "auto", []],
    [{ size: "512", aspectRatio: "16:9" }, "512", "16:9", []],
    [{ size: "2K", aspectRatio: "auto" }, "2K", "auto", []],
    [{ size: "2k" }, "2K", "auto", ["mapped size 2K"]],
    [{ size: "0.5K" }, "512", "auto", ["mapped size 512"]],
    [{ size: "4K" }, "2K", "auto", ["snapped size 2K"]],
    [{ aspectRatio: "3:2" }, "1K", "3:2", []],
    [{ aspectRatio: "32:18" }, "1K", "16:9", ["mapped aspectRatio 16:9"]],
    [{ size: "2K", aspectRatio: "2:1" }, "2K", "16:9", ["snapped aspectRatio 16:9"]],
    [{ size: "1024x1024" }, "1K", "1:1", ["mapped size 1K at 1:1"]],
    [{ size: "1920x1080" }, "1K", "16:9", ["snapped size 1K at 16:9"]],
    [{ size: "2000x2000" }, "2K", "1:1", ["mapped size 2K at 1:1"]],
    [{ size: "300x200" }, "512", "3:2", ["snapped size 512 at 3:2"]],
  ])("plans %j as %s at %s", async (request, size, aspectRatio, changes) => {
    expect(await tiered(request)).toEqual({ size, aspectRatio, changes })
  })

  it("sends the tier and the ratio, and prices the pixels of the tier", async () => {
    const plan = await planOf("parts", { size: "2K", aspectRatio: "16:9" })
    expect(plan.calls[0]?.body).toMatchObject({
      generationConfig: { imageSize: "2K", aspectRatio: "16:9" },
    })
    expect(plan.estimate.microUsd).toBe(60_000)
    expect(plan).not.toHaveProperty("outputSize")
    expect((await planOf("parts", { size: "512" })).estimate.microUsd).toBe(30_000)
  })

  it("names both prices where the tier has another one", async () => {
    const { changes } = await planOf("parts", { size: "4096x1536" })
    expect(changes[0]?.why).not.toContain("costs")
    const cheaper = (await planOf("parts", { size: "1200x1200" })).changes[0]
    expect(cheaper).toMatchObject({ to: "1K at 1:1" })
    expect(cheaper?.why).toContain("an image costs $0.030 in place of $0.060")
  })

  it("drops a ratio where the model has tiers alone", () => {
    const { size } = partsCard.tasks["text-to-image"].fields
    const diagnostics = createDiagnostics(false)
    const prices = { priceOf: () => undefined, priceText: String }
    const task: TaskCard = { fields: { size } }
    expect(fitSize(task, { size: "2K", aspectRatio: "16:9" }, prices, diagnostics)).toEqual({
      size: "2K",
    })
    expect(diagnostics.changes).toMatchObject([{ field: "aspectRatio", action: "dropped" }])
  })

  it.each([
    [{ size: "1024x1024", aspectRatio: "1:1" }, "size"],
    [{ size: "auto", aspectRatio: "1:1" }, "size"],
    [{ size: "huge" }, "size"],
    [{ size: "K" }, "size"],
    [{ size: "0K" }, "size"],
    [{ size: "2K", aspectRatio: "wide" }, "aspectRatio"],
  ])("rejects %j", async (request, path) => {
    const error = (await errorOf(planOf("parts", request))) as ImageError
    expect(error.issues).toMatchObject([{ code: "invalid_request", path }])
  })

  it("rejects a tier that the model lacks under strict", async () => {
    const error = (await errorOf(planOf("parts", { size: "4K", policy: "strict" }))) as ImageError
    expect(error.issues).toMatchObject([{ code: "unsupported", path: "size", given: "4K" }])
  })
})

describe("a tier for a model of pixels", () => {
  const grid = "acme.grid-v1:0"

  it.each<readonly [string, JsonObject, JsonObject]>([
    [
      grid,
      { size: "1K" },
      { size: { width: 1024, height: 1024 }, changes: ["mapped size 1024x1024"] },
    ],
    [
      grid,
      { size: "2k", aspectRatio: "16:9" },
      { size: { width: 2720, height: 1520 }, changes: ["snapped size 2720x1520"] },
    ],
    [
      "acme.list-v1:0",
      { size: "0.5K", aspectRatio: "3:2" },
      { size: { width: 576, height: 384 }, changes: ["snapped size 576x384"] },
    ],
    [
      "acme.ratio-v1:0",
      { size: "1K", aspectRatio: "16:9" },
      { aspectRatio: "16:9", changes: ["mapped size 16:9"] },
    ],
    ["acme.ratio-v1:0", { size: "2K" }, { aspectRatio: "1:1", changes: ["snapped size 1:1"] }],
    ["acme.plain-v1:0", { size: "2K" }, { changes: ["dropped size undefined"] }],
  ])("%s: %j", async (model, request, expected) => {
    expect(await pixels(model, request)).toMatchObject(expected)
  })
})

describe("a grid with fewest pixels", () => {
  it.each([
    ["256x256", "816x816"],
    ["16x16", "816x816"],
    ["4000x100", "1408x480"],
    ["816x816", "816x816"],
    ["9999x9999", "2880x2880"],
  ])("makes %s %s, as one text", async (size, expected) => {
    expect((await planOf("form", { size })).calls[0]?.body["size"]).toBe(expected)
  })
})
