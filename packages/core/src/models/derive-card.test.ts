import { describe, expect, expectTypeOf, it } from "vitest"
import { gridCard } from "../__fixtures__/families.ts"
import { deriveCard } from "./derive-card.ts"

const lifecycle = { status: "active" } as const
const id = "acme.grid-v2:0"

describe("deriveCard", () => {
  it("changes one value of a list deep in the card, and leaves the card that it derives from", () => {
    const before = structuredClone(gridCard)
    const card = deriveCard(gridCard, {
      id,
      lifecycle,
      tasks: { "text-to-image": { fields: { style: { values: ["LINE_ART", "INK"] } } } },
    })
    expect(card.tasks["text-to-image"].fields).toEqual({
      ...gridCard.tasks["text-to-image"].fields,
      style: { kind: "enum", path: "textParams.style", values: ["LINE_ART", "INK"] },
    })
    expect(gridCard).toEqual(before)
    expectTypeOf(card.tasks["text-to-image"].fields.style.values).toEqualTypeOf<
      readonly ["LINE_ART", "INK"]
    >()
    expectTypeOf(card.tasks["text-to-image"].fields.style.path).toEqualTypeOf<"textParams.style">()
    expectTypeOf(card.id).toEqualTypeOf<"acme.grid-v2:0">()
  })

  it("inherits regions, prices and sources, and no alias, callable id or date of the other model", () => {
    const profiled = { ...gridCard, callableIds: ["us.acme.grid-v1:0"] } as const
    const { tasks, ...card } = deriveCard(profiled, { id, lifecycle })
    const { regions, prices, sources } = gridCard
    expect(card).toEqual({ id, lifecycle, regions, prices, sources })
    expect(tasks).toEqual(gridCard.tasks)
    expectTypeOf(card).not.toHaveProperty("aliases")
    expectTypeOf(card).not.toHaveProperty("callableIds")
  })

  it("removes what is undefined", () => {
    const { tasks } = deriveCard(gridCard, {
      id,
      lifecycle,
      tasks: { "text-to-image": { fields: { style: undefined } } },
    })
    expect(tasks["text-to-image"].fields).not.toHaveProperty("style")
    expectTypeOf(tasks["text-to-image"].fields).not.toHaveProperty("style")
  })

  it("replaces a parameter whose kind is given, and lists", () => {
    const size = { kind: "sizes", path: ["width", "height"], values: ["512x512"] } as const
    const prices = [{ microUsd: 5, source: "page" }] as const
    const card = deriveCard(gridCard, {
      id,
      lifecycle,
      prices,
      tasks: { "text-to-image": { fields: { size } } },
    })
    expect(card.tasks["text-to-image"].fields.size).toEqual(size)
    expect(card.prices).toEqual(prices)
    expectTypeOf(card.tasks["text-to-image"].fields.size).toEqualTypeOf<typeof size>()
  })

  it("adds sources to those of the other card, and takes 0, false and the empty text", () => {
    const card = deriveCard(gridCard, {
      id,
      lifecycle,
      sources: { news: { url: "https://example.com/news", seen: "2026-11-30" } },
      tasks: { "text-to-image": { fields: { guidance: { min: 0 }, seed: { min: 0 } } } },
    })
    expect(Object.keys(card.sources)).toEqual(["page", "news"])
    expect(card.tasks["text-to-image"].fields.guidance.min).toBe(0)
  })
})
