import { createPictor, type ModelCard } from "@pictor/core"
import { decodeImageList, defineAdapter, type TransportCall } from "@pictor/core/adapter"
import { describe, expect, it } from "vitest"
import { errorOf, imagesOf } from "./__fixtures__/reading.ts"
import { healthy, studio } from "./__fixtures__/studio.ts"

const prompt = { kind: "text", path: "prompt", max: 100, required: true } as const

/** A model with the settings of OpenAI's own. */
const full = {
  id: "acme.full-v1",
  regions: [],
  lifecycle: { status: "active" },
  prices: [],
  sources: {},
  tasks: {
    "text-to-image": {
      fields: {
        prompt,
        outputFormat: {
          kind: "enum",
          path: "output_format",
          values: ["png", "webp", "gif"],
          default: "png",
        },
        background: { kind: "enum", path: "background", values: ["transparent", "opaque", "auto"] },
        compression: {
          kind: "range",
          path: "output_compression",
          min: 0,
          max: 100,
          allowedWith: { outputFormat: ["webp"] },
        },
        moderation: { kind: "enum", path: "moderation", values: ["auto", "low"] },
        partialImages: { kind: "range", path: "partial_images", min: 0, max: 3, integer: true },
      },
      options: {
        frame_count: { kind: "range", min: 2, max: 16, integer: true },
        "svg.model": { kind: "text", max: 20 },
        complexity: { kind: "enum", values: ["low", "high"] },
        safety_identifier: { kind: "text", min: 1, max: 512 },
      },
    },
  },
} as const satisfies ModelCard

const fullStudio = () => {
  const calls: TransportCall[] = []
  const adapter = defineAdapter({ name: "full", models: [full], decode: decodeImageList })({
    name: "wire",
    invoke: async (call) => healthy(calls[calls.push(call) - 1] as TransportCall),
  })
  const made = studio({ bridge: { pictor: createPictor({ adapters: [adapter] }) } })
  return { ...made, calls }
}

const bodyOf = async (fields: object) => {
  const { generate, calls } = fullStudio()
  const { pictor } = await imagesOf(await generate({ model: full.id, prompt: "A", ...fields }))
  return { body: calls[0]?.body, changes: pictor.changes }
}

describe("a field that the model's card has", () => {
  it.each([
    ["background", "transparent"],
    ["background", "opaque"],
    ["background", "auto"],
    ["moderation", "low"],
    ["moderation", "auto"],
    ["output_format", "gif"],
    ["frame_count", 4],
    ["svg", { model: "one" }],
    ["complexity", "high"],
    ["safety_identifier", "ann"],
    ["safety_identifier", "007"],
  ])("reaches the model: %s %j", async (name, value) => {
    const { body, changes } = await bodyOf({ [name]: value })
    expect(body).toMatchObject({ [name]: value })
    expect(changes).toEqual([])
  })

  it.each([0, 50, 100])("brings the format that it needs: output_compression %i", async (value) => {
    expect((await bodyOf({ output_compression: value })).body).toMatchObject({
      output_compression: value,
      output_format: "webp",
    })
  })

  it("is left out where it is empty: safety_identifier", async () => {
    const { body } = await bodyOf({ safety_identifier: "", user: "ann" })
    expect(body).not.toHaveProperty("safety_identifier")
    expect(body).not.toHaveProperty("user")
  })

  it("is dropped where it has no effect: partial_images without stream", async () => {
    const { body, changes } = await bodyOf({ partial_images: 2 })
    expect(body).not.toHaveProperty("partial_images")
    expect(changes).toMatchObject([{ field: "partial_images", action: "dropped", from: 2 }])
  })

  it("is planned for a stream: partial_images", async () => {
    const { generate, calls } = fullStudio()
    const fields = { model: full.id, prompt: "A", stream: true, partial_images: 2 }
    await (await generate(fields)).text()
    expect(calls[0]?.body).toMatchObject({ partial_images: 2 })
  })

  it("is rejected by the card where the value is not the card's", async () => {
    const { generate } = fullStudio()
    const error = await errorOf(
      await generate({ model: full.id, prompt: "A", output_format: "svg" }),
    )
    expect(error).toMatchObject({ code: "unsupported_value", param: "output_format" })
  })
})
