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
