import { createPictor, isImageError, type ModelCard } from "@pictor/core"
import { describe, expect, it } from "vitest"
import { cards, familiesOn, nowhere } from "./families.ts"

const pictor = createPictor({ adapters: familiesOn(nowhere) })

const cardOf = (id: string): ModelCard => {
  const card = cards.find((each) => each.id === id)
  if (!card) throw new Error(`There is no card ${id}.`)
  return card
}

describe("what the cards cite", () => {
  it("is AWS's page of models launched before 2026-09-07, where a lifecycle is on a page of AWS's", () => {
    const cited = cards.flatMap(
      ({ lifecycle: { source = "" }, sources }) => sources[source]?.url ?? [],
    )
    expect(cited.filter((url) => url.includes("/model-lifecycle"))).toHaveLength(19)
    expect(cited.filter((url) => url.endsWith("/model-lifecycle.html"))).toEqual([])
  })

  it("is AWS's pricing page for the prices of Stability's services", () => {
    const services = cards.filter(
      ({ id, callableIds }) => id.startsWith("stability.") && callableIds !== undefined,
    )
    expect(services).toHaveLength(13)
    for (const { prices, sources } of services)
      expect(prices.map(({ source }) => sources[source]?.url)).toEqual([
        "https://aws.amazon.com/bedrock/pricing/",
      ])
  })

  it("is AWS's price list for what it confirms of Nova Canvas", () => {
    const { prices } = cardOf("amazon.nova-canvas-v1:0")
    const listed = prices.filter(({ inferred }) => !inferred)
    expect(listed.map(({ source }) => source)).toEqual(listed.map(() => "price-list"))
    expect(listed.map(({ task, microUsd }) => `${task} ${microUsd}`)).toEqual([
      "text-to-image 40000",
      "text-to-image 60000",
      "text-to-image 60000",
      "text-to-image 80000",
      "image-to-image 40000",
      "image-to-image 80000",
    ])
  })
})

describe("Titan", () => {
  it("v1 has the five regions that it was in", () => {
    expect(cardOf("amazon.titan-image-generator-v1").regions).toEqual([
      "us-east-1",
      "us-west-2",
      "ap-south-1",
      "eu-west-1",
      "eu-west-2",
    ])
  })

  it("v2 without its version is v2, with a warning", async () => {
    const plan = await pictor.plan({ model: "amazon.titan-image-generator-v2", prompt: "tea" })
    expect(plan.calls[0]?.modelId).toBe("amazon.titan-image-generator-v2:0")
    expect(plan.warnings).toContain(
      "amazon.titan-image-generator-v2 lacks its version; amazon.titan-image-generator-v2:0 is called.",
    )
  })
})

describe("Ultra", () => {
  it.each(["stability.stable-image-ultra-v1:0", "stability.stable-image-ultra-v1:1"])(
    "%s rejects images to images, and its card names both sources",
    async (model) => {
      const asked = await pictor
        .plan({ model, task: "image-to-image", prompt: "tea", image: new Uint8Array([1]) } as never)
        .catch((error: unknown) => error)
      expect(isImageError(asked) && asked.code).toBe("unsupported")
      const { unsure, sources } = cardOf(model)
      expect((unsure?.["image-to-image"] ?? []).map((key) => sources[key]?.url)).toEqual([
        "https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-diffusion-stable-ultra-text-image-request-response.html",
        "https://github.com/BerriAI/litellm/issues/6826",
      ])
    },
  )
})
