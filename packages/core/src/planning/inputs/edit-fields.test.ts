import { describe, expect, it } from "vitest"
import { errorOf } from "../../__fixtures__/client.ts"
import { darkCard, lightCard } from "../../__fixtures__/editors.ts"
import { picture, seen, wordOps } from "../../__fixtures__/pictures.ts"
import type { ModelCard } from "../../contract/card.ts"
import { imageError } from "../../contract/errors.ts"
import { type EditSources, joinFields, toEditFields } from "./edit-fields.ts"

const image = picture()
const hole = picture({ alpha: "channel", shows: "a hole" })
const mask = picture({ shows: "white" })
const { upscale } = lightCard.tasks
const onlyUpscale: ModelCard = { ...lightCard, tasks: { upscale } }
const fields = { styleImage: lightCard.tasks["style-transfer"].fields.styleImage }
const onlyStyle: ModelCard = { ...lightCard, tasks: { "style-guide": { fields } } }

const edit = (
  sources: EditSources,
  card: ModelCard | undefined = darkCard,
  imageOps: typeof wordOps | undefined = wordOps,
  given = {},
) => toEditFields({ prompt: "a gate", ...given }, sources, { card, imageOps })

describe("toEditFields", () => {
  it.each<readonly [string, EditSources, ModelCard | undefined, string]>([
    ["an image", { images: [image] }, darkCard, "image-to-image"],
    ["several images", { images: [image, image] }, darkCard, "image-to-image"],
    ["an image and a mask", { images: [image], mask }, darkCard, "inpaint"],
    ["an image with a hole", { images: [hole] }, darkCard, "inpaint"],
    ["an image for a model of one task", { images: [image] }, onlyUpscale, "upscale"],
    ["an image for an unknown model", { images: [image] }, undefined, "image-to-image"],
    ["an image and a mask for an unknown model", { images: [image], mask }, undefined, "inpaint"],
  ])("implies the task of %s", async (_, sources, card, task) => {
    expect(await toEditFields({}, sources, { card, imageOps: wordOps })).toMatchObject({ task })
  })

  it("keeps a task that the request names", async () => {
    const given = { task: "control", control: "canny" }
    expect(await edit({ images: [hole] }, darkCard, wordOps, given)).toEqual({
      prompt: "a gate",
      ...given,
      image: hole,
    })
  })

  it("leaves the task to the model's own fields", async () => {
    const given = { options: { taskType: "OUT" } }
    expect(await edit({ images: [image] }, darkCard, wordOps, given)).not.toHaveProperty("task")
  })

  it("gives one image as image, and several as images", async () => {
    expect(await edit({ images: [image] })).toMatchObject({ image })
    const several = await edit({ images: [image, hole] })
    expect(several).toMatchObject({ images: [image, hole] })
    expect(several).not.toHaveProperty("image")
  })

  it("gives the image as the only picture that the task takes", async () => {
    const made = await edit({ images: [image] }, onlyStyle)
    expect(made).toMatchObject({ task: "style-guide", styleImage: image })
    expect(made).not.toHaveProperty("image")
  })

  it("makes a mask of transparent pixels white where they are, and keeps an opaque one", async () => {
    const transparent = await edit({ images: [image], mask: hole })
    expect(seen(transparent["mask"])).toBe("holes of a hole 64x64")
    expect(await edit({ images: [image], mask })).toMatchObject({ mask })
    const opaque = picture({ alpha: "channel", shows: "white" })
    expect(await edit({ images: [image], mask: opaque })).toMatchObject({ mask: opaque })
  })

  it("rejects a mask with an alpha channel if it cannot be read, and says what to do", async () => {
    const rejected = toEditFields({}, { images: [image], mask: hole }, { card: darkCard })
    expect(await errorOf(rejected)).toMatchObject({
      code: "unsupported",
      message: expect.stringContaining("imageOps: sharpImages()"),
      issues: [{ path: "mask" }],
    })
    const opaque = await toEditFields({}, { images: [image], mask }, { card: darkCard })
    expect(opaque).toMatchObject({ task: "inpaint", mask })
  })

  it("keeps pictures that cannot be read, which planning reports", async () => {
    const broken = { ...wordOps, hasHole: () => Promise.reject(new Error("broken")) }
    const sources = { images: ["photo.png"], mask: "mask.png" }
    expect(await edit(sources, darkCard, broken)).toMatchObject({
      image: "photo.png",
      mask: "mask.png",
      task: "inpaint",
    })
    expect(await edit({ images: [image] }, darkCard, broken)).toMatchObject({
      task: "image-to-image",
    })
  })

  it("is rate limited if there is no memory for a picture", async () => {
    const reject = () => Promise.reject(imageError("rate_limited", "busy"))
    const busy = { ...wordOps, hasHole: reject, inspect: reject }
    for (const sources of [{ images: [image] }, { images: [image], mask: hole }])
      expect(await errorOf(edit(sources, darkCard, busy))).toMatchObject({ code: "rate_limited" })
  })

  it("rejects a picture that is also a field", async () => {
    const references = [{ image }]
    for (const path of ["image", "images", "mask", "references"])
      expect(
        await errorOf(
          edit({ images: [image], mask, references }, darkCard, wordOps, { [path]: image }),
        ),
      ).toMatchObject({ code: "invalid_request", issues: [{ path }] })
  })

  it("downloads URLs by the function of the host", async () => {
    const signal = new AbortController().signal
    const asked: unknown[] = []
    const fetchImage = async (...given: readonly unknown[]) => {
      asked.push(...given)
      return image
    }
    const url = new URL("https://example.com/a.png")
    const references = [{ image: url, role: "style" as const }]
    const sources = { images: [url], mask: url, references }
    const made = await toEditFields({}, sources, { card: darkCard, fetchImage, signal })
    expect(made).toMatchObject({ image, mask: image, references: [{ image, role: "style" }] })
    expect(asked).toEqual([url, signal, url, signal, url, signal])
  })

  it("rejects URLs without it", async () => {
    const url = new URL("https://example.com/a.png")
    for (const [sources, path] of [
      [{ images: [url] }, "image"],
      [{ images: [image, url] }, "images.1"],
      [{ images: [image], mask: url }, "mask"],
      [{ images: [], references: [{ image: url }] }, "references.0.image"],
    ] as const)
      expect(await errorOf(edit(sources))).toMatchObject({
        code: "unsupported",
        issues: [{ path }],
      })
  })
})

describe("joinFields", () => {
  it("joins fields, of which the same may be given twice", () => {
    expect(joinFields({ n: 2, size: undefined }, { n: 2, size: "2K" }, "more")).toEqual({
      n: 2,
      size: "2K",
    })
  })

  it("rejects all fields that have two values", async () => {
    const joined = async () => joinFields({ n: 2, seed: 0 }, { n: 3, seed: 1, steps: 5 }, "more")
    expect(await errorOf(joined())).toMatchObject({
      code: "invalid_request",
      message: "more.n differs from n of the call. Give one of them.",
      issues: [{ path: "more.n" }, { path: "more.seed" }],
    })
  })
})
