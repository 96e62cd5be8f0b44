import { clauses } from "@pictor/adapter-contract"
import type { Transport } from "@pictor/core/adapter"
import { describe, expect, it } from "vitest"
import { contract } from "./__fixtures__/contract.ts"
import { image, mask } from "./__fixtures__/images.ts"
import { openaiImages } from "./index.ts"

const nowhere: Transport = {
  name: "nowhere",
  invoke: () => Promise.reject(new Error("nothing is sent here")),
}

/** Examples for every model: nothing is sent. */
const requests = {
  "text-to-image": { prompt: "a lighthouse" },
  "image-to-image": { prompt: "a lighthouse", images: [image] },
  inpaint: { prompt: "a lighthouse", image, mask },
} as const

const { models } = openaiImages(nowhere)

describe("the cards", () => {
  const facts = clauses.filter(({ id }) => id.startsWith("card-"))

  it.each(facts)("keep the clause $id", async ({ run }) => {
    const all = { ...contract, requests, create: openaiImages, provider: () => new Uint8Array() }
    const deliver = () => Promise.reject(new Error("nothing is sent here"))
    expect(await run({ contract: all, expect, deliver })).toBeUndefined()
  })

  /** Tokens of a picture of 1024x1024, as OpenAI's calculator and price pages had them. */
  it.each([
    ["gpt-image-2", { low: 196, medium: 1756, high: 7024 }],
    ["gpt-image-2.5-sunburst", { low: 196, medium: 439, high: 1756, xhigh: 3122, max: 7024 }],
    ["gpt-image-2.6-sunburst", { low: 781, medium: 1756, high: 1756, xhigh: 3122, max: 7024 }],
    ["gpt-image-1.5", { low: 272, medium: 1056, high: 4160 }],
    ["gpt-image-1", { low: 272, medium: 1056, high: 4160 }],
    ["gpt-image-1-mini", { low: 625, medium: 1375, high: 4500 }],
  ])("have the tokens of each quality: %s", (id, expected) => {
    const rows = models.find((card) => card.id === id)?.prices ?? []
    const square = rows.filter(({ maxPixels }) => maxPixels === 1024 * 1024)
    const tokens = square.map((row) => [
      row.quality,
      "likely" in row ? row.likely?.image?.outputImageToken : undefined,
    ])
    expect(Object.fromEntries(tokens)).toEqual(expected)
  })

  it("name a live successor for every model that ends", () => {
    const live = models.filter(({ lifecycle }) => lifecycle.status === "active")
    for (const { id, lifecycle } of models) {
      if (lifecycle.status === "active") continue
      expect(
        live.map((card) => card.id),
        id,
      ).toContain(lifecycle.successor)
    }
  })
})
