import type { Transport } from "@pictor/core/adapter"
import { describe, expect, it } from "vitest"
import { choose } from "./choice.ts"
import { createClient } from "./client.ts"
import { defaultModels } from "./models.ts"

const nowhere: Transport = {
  name: "nowhere",
  invoke: () => Promise.reject(new Error("nothing may be called")),
}
const client = createClient(nowhere)
const active = [
  "stability.sd3-5-large-v1:0",
  "stability.stable-image-core-v1:1",
  "stability.stable-image-ultra-v1:1",
]
const noRegion = (): undefined => undefined

const models = (list: readonly { readonly model: string }[]): readonly string[] =>
  list.map(({ model }) => model)

describe("choose", () => {
  it("takes all eight on the emulator, in their order, each in a region of its card", () => {
    const { chosen, skipped } = choose(client, { models: [], live: false }, noRegion)
    expect(models(chosen)).toEqual(defaultModels)
    expect(skipped).toEqual([])
    for (const { card, region } of chosen) expect(card.regions).toContain(region)
  })

  it("takes only the active ones on AWS, and says why not the others", () => {
    const { chosen, skipped } = choose(client, { models: [], live: true }, noRegion)
    expect(models(chosen)).toEqual(active)
    expect(chosen.map(({ region }) => region)).toEqual(["us-west-2", "us-west-2", "us-west-2"])
    expect(models(skipped)).toEqual(defaultModels.filter((model) => !active.includes(model)))
    expect(skipped).toContainEqual({
      model: "amazon.nova-canvas-v1:0",
      why: "retired since 2026-09-30; its successor is stability.stable-image-core-v1:1",
    })
  })

  it("skips on AWS what the region asked for does not have", () => {
    const { chosen, skipped } = choose(
      client,
      { models: [], live: true, region: "eu-west-1" },
      noRegion,
    )
    expect(chosen).toEqual([])
    expect(skipped).toContainEqual({
      model: "stability.sd3-5-large-v1:0",
      why: "not in eu-west-1; its card lists us-west-2",
    })
  })

  it("calls what is named, retired or elsewhere", () => {
    const { chosen, skipped } = choose(
      client,
      { models: ["amazon.nova-canvas-v1:0"], live: true, region: "sa-east-1" },
      noRegion,
    )
    expect(chosen).toMatchObject([
      { model: "amazon.nova-canvas-v1:0", lifecycle: "retired", region: "sa-east-1" },
    ])
    expect(skipped).toEqual([])
  })

  it("takes a preview only by its name, and says that it is one", () => {
    const preview = "amazon.nova-2-omni-v1:0"
    expect(defaultModels).not.toContain(preview)
    const { chosen } = choose(client, { models: [preview], live: true }, noRegion)
    expect(chosen).toMatchObject([{ model: preview, lifecycle: "preview", region: "us-east-1" }])
  })

  it("takes the region that a model string names before the card's", () => {
    const { chosen } = choose(
      client,
      { models: ["stability.sd3-5-large-v1:0"], live: true },
      () => "us-gov-west-1",
    )
    expect(chosen[0]?.region).toBe("us-gov-west-1")
  })

  it("says which models are near one that is unknown", () => {
    expect(
      choose(client, { models: ["amazon.nova-canvas"], live: false }, noRegion).unknown,
    ).toContain("amazon.nova-canvas-v1:0")
  })
})
