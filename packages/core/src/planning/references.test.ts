import { describe, expect, it } from "vitest"
import { apiClient } from "../__fixtures__/apis.ts"
import { errorOf } from "../__fixtures__/client.ts"
import { editing } from "../__fixtures__/editors.ts"
import { base64, picture } from "../__fixtures__/pictures.ts"
import type { ImageError } from "../contract/errors.ts"
import type { JsonObject } from "../contract/request.ts"

const one = picture({ shows: "one" })
const two = picture({ shows: "two" })
const three = picture({ shows: "three" })
const [first, second, third] = ["one", "two", "three"].map((shows) => base64({ shows }))
const asUrl = (text: string | undefined): string => `data:image/png;base64,${text}`

const { planOf } = apiClient()
const bodyOf = async (model: "parts" | "places", request: JsonObject) =>
  (await planOf(model, { task: "image-to-image", ...request })).calls[0]?.body
const issuesOf = async (request: JsonObject, model: "form" | "parts" | "places" = "places") => {
  const error = (await errorOf(planOf(model, { task: "image-to-image", ...request }))) as ImageError
  return error.issues?.map(({ code, path }) => `${code} ${path}`)
}

describe("references", () => {
  it("are the images in order", async () => {
    const references = [{ image: one }, { image: two }]
    const body = await bodyOf("parts", { references })
    expect(body).toEqual(await bodyOf("parts", { images: [one, two] }))
    expect(body).toMatchObject({
      contents: [{ parts: [{ text: "a lamp" }, { data: first }, { data: second }] }],
    })
  })

  it("come after the image", async () => {
    expect(
      await bodyOf("places", { image: one, references: [{ image: two }, { image: three }] }),
    ).toEqual({
      prompt: "a lamp",
      input_image: asUrl(first),
      input_image_2: asUrl(second),
      input_image_3: asUrl(third),
    })
  })

  it("with a role become the field of that meaning", async () => {
    const plan = await planOf("places", {
      task: "image-to-image",
      references: [{ image: one, role: "style" }, { image: two }, { image: three, role: "edit" }],
    })
    expect(plan.calls[0]?.body).toEqual({
      prompt: "a lamp",
      input_image: asUrl(third),
      input_image_2: asUrl(second),
      style_image: first,
    })
    expect(plan.changes).toEqual([])
  })

  it("name the garment of a try-on and the layout of a control image", async () => {
    const tryOn = await planOf("places", {
      task: "virtual-try-on",
      image: one,
      references: [{ image: two, role: "subject" }],
    })
    expect(tryOn.calls[0]?.body).toMatchObject({ person: first, garment: second })
    const control = await editing().planOf("dark", "control", {
      prompt: "a",
      control: "canny",
      references: [{ image: one, role: "layout" }],
    })
    expect(control.calls[0]?.body).toMatchObject({ control: { image: first } })
  })

  it("lose a role that the model lacks, which is reported", async () => {
    const references = [
      { image: one, role: "character" },
      { image: two, role: "edit" },
    ]
    const plan = await planOf("parts", { task: "image-to-image", references })
    expect(plan.resolved.images?.map((each) => each.base64)).toEqual([second, first])
    expect(plan.changes).toMatchObject([
      { field: "references.0.role", action: "dropped", from: "character" },
    ])
    expect(await issuesOf({ references, policy: "strict" }, "parts")).toEqual([
      "unsupported references.0.role",
    ])
  })

  it("of one role fill a field once", async () => {
    const styles = [one, two].map((image) => ({ image, role: "style" }))
    const plan = await planOf("places", { task: "image-to-image", references: styles })
    expect(plan.calls[0]?.body).toMatchObject({ style_image: first, input_image: asUrl(second) })
    expect(plan.changes).toMatchObject([{ field: "references.1.role", action: "dropped" }])
  })

  it.each<readonly [JsonObject, readonly string[]]>([
    [{ references: "one" }, ["invalid_request references"]],
    [{ references: [] }, ["invalid_request references"]],
    [{ references: [one] }, ["invalid_request references"]],
    [{ references: [{ role: "style" }] }, ["invalid_request references"]],
    [{ references: [{ image: one, role: "mood" }] }, ["invalid_request references"]],
    [{ references: [{ image: one, weight: 1 }] }, ["invalid_request references"]],
    [{ references: [{ image: "no picture" }] }, ["invalid_request references.0.image"]],
    [
      { references: Array.from({ length: 4 }, () => ({ image: one })) },
      ["invalid_request references"],
    ],
    [
      { references: Array.from({ length: 101 }, () => ({ image: one })) },
      ["invalid_request references"],
    ],
    [{ images: [one], references: [{ image: two }] }, ["invalid_request references"]],
  ])("are rejected: case %#", async (request, expected) => {
    expect(await issuesOf(request)).toEqual(expected)
  })

  it("are unsupported by a task without images", async () => {
    const error = (await errorOf(planOf("form", { references: [{ image: one }] }))) as ImageError
    expect(error.issues).toMatchObject([{ code: "unsupported", path: "references" }])
  })

  it("are no second image of a model that takes one", async () => {
    const error = (await errorOf(
      editing().planOf("light", "upscale", { image: one, images: [two] }),
    )) as ImageError
    expect(error.issues).toMatchObject([
      { path: "images", message: "images: the model takes 1 image for this task, not 2." },
    ])
  })
})
