import { describe, expect, it } from "vitest"
import { today } from "./__fixtures__/world.ts"
import { type Asked, type Choices, choose } from "./choice.ts"
import { type Connect, emulate, providerNames, providers } from "./providers.ts"

const nowhere: Connect = () => ({
  name: "nowhere",
  invoke: () => Promise.reject(new Error("nothing may be called")),
})
const activeOnBedrock = [
  "stability.sd3-5-large-v1:0",
  "stability.stable-image-core-v1:1",
  "stability.stable-image-ultra-v1:1",
]
const everyModel = providerNames.flatMap((name) => providers[name].models)

const choice = (
  asked: Partial<Asked> = {},
  { connect = nowhere, now = today }: { readonly connect?: Connect; readonly now?: number } = {},
): Choices => choose({ models: [], providers: [], live: false, ...asked }, connect, () => now)

const models = (list: readonly { readonly model: string }[]): readonly string[] =>
  list.map(({ model }) => model)

describe("choose", () => {
  it("takes all models of every provider on the emulators: the live ones first, then the retired ones", () => {
    const { chosen, skipped } = choice()
    expect(models(chosen).toSorted()).toEqual(everyModel.toSorted())
    expect(skipped).toEqual([])
    const live = chosen.filter(({ lifecycle }) => lifecycle !== "retired")
    expect(chosen.slice(0, live.length)).toEqual(live)
    expect([...new Set(live.map(({ provider }) => provider))]).toEqual(providerNames)
    for (const { card, provider, region } of chosen)
      if (provider === "bedrock") expect(card.regions).toContain(region)
      else expect(region).toBeUndefined()
  })

  it.each([
    ["2026-11-30", "legacy"],
    ["2026-12-01", "retired"],
  ])("takes a model's lifecycle of the day: on %s gpt-image-1.5 is %s", (day, lifecycle) => {
    const { chosen } = choice({ models: ["gpt-image-1.5"] }, { now: Date.parse(day) })
    expect(chosen).toMatchObject([{ provider: "openai", lifecycle }])
  })

  it("takes only the active models of Bedrock live where no provider is named, and says why not the others", () => {
    const { chosen, skipped } = choice({ live: true })
    expect(models(chosen)).toEqual(activeOnBedrock)
    expect(chosen.map(({ region }) => region)).toEqual(["us-west-2", "us-west-2", "us-west-2"])
    expect(models(skipped)).toEqual(
      providers.bedrock.models.filter((model) => !activeOnBedrock.includes(model)),
    )
    expect(skipped).toContainEqual({
      model: "amazon.nova-canvas-v1:0",
      why: "retired since 2026-09-30; its successor is stability.stable-image-core-v1:1",
    })
  })

  it.each(providerNames)("takes only active models of %s live where it is named", (name) => {
    const { chosen } = choice({ live: true, providers: [name] })
    expect(chosen.length).toBeGreaterThan(0)
    for (const { provider, lifecycle } of chosen)
      expect([provider, lifecycle]).toEqual([name, "active"])
  })

  it("finds the provider of a named model", () => {
    const { chosen } = choice({ live: true, models: ["flux-2-pro", "gemini-3-pro-image"] })
    expect(chosen.map(({ model, provider }) => [model, provider])).toEqual([
      ["gemini-3-pro-image", "gemini"],
      ["flux-2-pro", "flux"],
    ])
  })

  it("skips live what the region asked for does not have", () => {
    const { chosen, skipped } = choice({ live: true, region: "eu-west-1" })
    expect(chosen).toEqual([])
    expect(skipped).toContainEqual({
      model: "stability.sd3-5-large-v1:0",
      why: "not in eu-west-1; its card lists us-west-2",
    })
  })

  it("calls what is named, retired or elsewhere", () => {
    const { chosen, skipped } = choice({
      models: ["amazon.nova-canvas-v1:0"],
      live: true,
      region: "sa-east-1",
    })
    expect(chosen).toMatchObject([
      { model: "amazon.nova-canvas-v1:0", lifecycle: "retired", region: "sa-east-1" },
    ])
    expect(skipped).toEqual([])
  })

  it("takes a preview only by its name, and says that it is one", () => {
    const preview = "amazon.nova-2-omni-v1:0"
    expect(everyModel).not.toContain(preview)
    const { chosen } = choice({ models: [preview], live: true })
    expect(chosen).toMatchObject([{ model: preview, lifecycle: "preview", region: "us-east-1" }])
  })

  it("takes the region that a model string names before the card's", () => {
    const model = "arn:aws:bedrock:us-gov-west-1::foundation-model/stability.sd3-5-large-v1:0"
    const { chosen } = choice({ models: [model], live: true }, { connect: emulate() })
    expect(chosen[0]?.region).toBe("us-gov-west-1")
  })

  it("says which models are near one that is unknown", () => {
    expect(choice({ models: ["amazon.nova-canvas"] }).unknown).toContain("amazon.nova-canvas-v1:0")
  })

  it("knows only the models of the named providers", () => {
    expect(choice({ models: ["gpt-image-2"], providers: ["flux"] }).unknown).toContain("flux-")
  })
})
