import { describe, expect, it } from "vitest"
import { errorOf, testClient } from "../__fixtures__/client.ts"
import { editing } from "../__fixtures__/editors.ts"
import { picture, wordOps } from "../__fixtures__/pictures.ts"
import { stringsIn } from "../__fixtures__/strings-in.ts"
import type { Plan } from "../contract/plan.ts"
import type { JsonObject } from "../contract/request.ts"
import { imagesIn } from "./plan-json.ts"

const image = picture({ shows: "a house" })
const mask = picture({ shows: "a door" })
const read = (plan: Plan): JsonObject => JSON.parse(JSON.stringify(plan)) as JsonObject

describe("withJson", () => {
  it.each<readonly [string, "dark" | "light", string, JsonObject]>([
    ["one image", "light", "upscale", { image }],
    ["a list of images", "dark", "image-to-image", { images: [image, mask] }],
    ["a mask that was inverted", "dark", "inpaint", { image, mask }],
    ["a padded image", "dark", "outpaint", { image, margins: { left: 8 }, prompt: "a" }],
    ["two images", "light", "style-transfer", { image, styleImage: mask }],
    ["the same image twice", "light", "style-transfer", { image, styleImage: image }],
  ])(
    "replaces %s by a hash and a size, and loses nothing else",
    async (_, model, task, request) => {
      const plan = await editing({ imageOps: wordOps }).planOf(model, task, { ...request, n: 2 })
      const sent = imagesIn(plan.resolved)
      const text = JSON.stringify(plan)
      for (const { base64, sha256, byteLength } of sent) {
        expect(text).not.toContain(base64.slice(0, 60))
        expect(text).toContain(JSON.stringify({ sha256, bytes: byteLength }))
      }
      const shortened = (value: unknown): unknown => {
        const found = sent.find((each) => each === value || each.base64 === value)
        if (found) return { sha256: found.sha256, bytes: found.byteLength }
        if (Array.isArray(value)) return value.map(shortened)
        return typeof value === "object" && value !== null
          ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, shortened(each)]))
          : value
      }
      expect(read(plan)).toEqual(JSON.parse(JSON.stringify(shortened({ ...plan }))))
      expect((read(plan)["calls"] as readonly JsonObject[]).length).toBe(plan.calls.length)
    },
  )

  it("shortens a nested plan and leaves the plan unchanged", async () => {
    const { pictor, calls, planOf } = editing()
    const plan = await planOf("light", "upscale", { image })
    expect(JSON.stringify({ plans: [plan] }).length).toBeLessThan(2000)
    expect(Object.keys(plan)).not.toContain("toJSON")
    await pictor.run(plan)
    expect(calls[0]?.body).toEqual(plan.calls[0]?.body)
    expect(JSON.stringify(calls[0]?.body)).toContain(plan.resolved.image?.base64)
  })

  it("changes nothing without images", async () => {
    const plan = await testClient().pictor.plan({ model: "acme.grid-v1:0", prompt: "a" })
    expect("toJSON" in plan).toBe(false)
    expect(read(plan)).toEqual(JSON.parse(JSON.stringify({ ...plan })))
  })

  it("does not make a plan that can be run", async () => {
    const { pictor, planOf } = editing()
    const plan = await planOf("light", "upscale", { image })
    expect(await errorOf(pictor.run(read(plan) as unknown as Plan))).toMatchObject({
      code: "invalid_request",
    })
  })
})

describe("diagnostics", () => {
  it("contain no image bytes", async () => {
    const { planOf } = editing({ imageOps: wordOps })
    const large = picture({ shows: "a house ".repeat(30) })
    const plan = await planOf("dark", "inpaint", {
      image: large,
      mask: picture({ width: 128, height: 128 }),
      strength: 0.5,
      size: "64x64",
      quality: "hd",
    })
    expect(plan.changes.length).toBeGreaterThan(3)
    for (const text of stringsIn([plan.changes, plan.warnings]))
      expect(text.length).toBeLessThan(200)
    const given = plan.resolved.image?.base64
    for (const wrong of [
      { maskPrompt: given },
      { control: given },
      { colors: given },
      { colors: [given] },
      { options: { in: { text: given } } },
    ]) {
      const error = await errorOf(planOf("dark", "inpaint", { image: large, mask, ...wrong }))
      for (const text of stringsIn([error.message, JSON.parse(JSON.stringify(error))]))
        expect(text).not.toContain(given?.slice(0, 20))
    }
  })
})
