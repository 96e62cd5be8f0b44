import { describe, expect, it } from "vitest"
import { apiClient } from "../__fixtures__/apis.ts"
import { errorOf } from "../__fixtures__/client.ts"
import { base64, picture, seen, wordOps } from "../__fixtures__/pictures.ts"
import type { ImageError } from "../contract/errors.ts"
import type { JsonObject } from "../contract/request.ts"
import { createDiagnostics } from "./diagnostics.ts"
import { checkBodySize } from "./inputs/prepare.ts"
import { imagesIn } from "./plan-json.ts"

const image = picture({ shows: "a house" })
const mask = picture({ shows: "a door" })
const house = base64({ shows: "a house" })
const { planOf, pictor, calls } = apiClient({ imageOps: wordOps })
const edit = (request: JsonObject = {}) =>
  planOf("form", { task: "inpaint", image, mask, ...request })
const issuesOf = async (promise: Promise<unknown>) =>
  ((await errorOf(promise)) as ImageError).issues?.map(({ code, path }) => `${code} ${path}`)

describe("an endpoint and an encoding", () => {
  it("stand in each call of the plan and reach the transport", async () => {
    const plan = await edit({ n: 5 })
    expect(plan.calls.map(({ endpoint, encoding }) => [endpoint, encoding])).toEqual([
      ["/images/edits", "form"],
      ["/images/edits", "form"],
    ])
    const [drawn] = (await planOf("form", {})).calls
    expect(drawn).toMatchObject({ endpoint: "/images/generations" })
    expect(drawn).not.toHaveProperty("encoding")
    await pictor.run(plan)
    expect(calls.at(-1)).toMatchObject({ endpoint: "/images/edits", encoding: "form" })
  })
})

describe("a form", () => {
  it("has pictures with their types, under the names of its parts", async () => {
    const [call] = (await edit({ images: [image] })).calls
    expect(call?.body).toMatchObject({
      "image[]": [
        { base64: house, mediaType: "image/png" },
        { base64: house, mediaType: "image/png" },
      ],
      mask: { mediaType: "image/png" },
      size: "1024x1024",
      n: 1,
    })
  })

  it("counts as bytes and not as base64", async () => {
    const plan = await edit()
    const diagnostics = createDiagnostics(false)
    checkBodySize(plan.calls, plan.resolved, { name: "wire", maxBodyBytes: 1 }, diagnostics)
    const bytes = imagesIn(plan.resolved).reduce((sum, { byteLength }) => sum + byteLength, 0)
    const withoutImages = JSON.stringify(plan.calls[0]?.body, (_, value: unknown) =>
      typeof value === "string" && value.length > 60 ? "" : value,
    ).length
    expect(diagnostics.issues[0]?.given).toBe(bytes + withoutImages)
  })

  it("is shortened in a plan's JSON", async () => {
    const plan = await edit()
    const { sha256, byteLength } = imagesIn(plan.resolved)[0] ?? {}
    expect(JSON.parse(JSON.stringify(plan))).toMatchObject({
      calls: [{ body: { "image[]": [{ sha256, bytes: byteLength }] } }],
    })
  })
})

describe("a transparent mask", () => {
  it("is made of a mask whose white changes", async () => {
    const { resolved, changes } = await edit()
    expect(seen(resolved.mask?.base64)).toBe("cut out a door 64x64")
    expect(changes.filter(({ field }) => field === "mask")).toMatchObject([
      { action: "mapped", to: "transparent changes" },
    ])
  })

  it("has the geometry of the image", async () => {
    const small = picture({ width: 32, height: 32, shows: "a door" })
    expect(seen((await edit({ mask: small })).resolved.mask?.base64)).toBe(
      "cut out resized a door 64x64",
    )
  })

  it("is made of the transparent pixels of an image", async () => {
    const hole = picture({ shows: "a hole", alpha: "channel" })
    const { resolved } = await edit({ image: hole, mask: undefined })
    expect(seen(resolved.mask?.base64)).toBe("cut out holes of a hole 64x64")
  })

  it("is sent unchanged from options, and must have a transparent pixel", async () => {
    const options = { mask: base64({ shows: "a door" }) }
    expect(seen((await edit({ mask: undefined, options })).resolved.mask?.base64)).toBe(
      "a door 64x64",
    )
    const read: string[] = []
    const maskTones = async (bytes: Uint8Array) => {
      read.push(seen(bytes))
      return { black: true, white: false }
    }
    const strict = apiClient({ imageOps: { ...wordOps, maskTones } })
    const request = { task: "inpaint", image, options }
    expect(await issuesOf(strict.planOf("form", request))).toEqual(["invalid_request mask"])
    expect(read).toEqual(["holes of a door 64x64"])
  })

  it("needs image operations", async () => {
    expect(await issuesOf(apiClient().planOf("form", { task: "inpaint", image, mask }))).toEqual([
      "unsupported mask",
    ])
  })

  it("in options contradicts a mask of the same bytes whose white changes", async () => {
    const options = { mask: base64({ shows: "a door" }) }
    expect(await issuesOf(edit({ options }))).toEqual(["invalid_request options.mask"])
  })
})

describe("paths through lists", () => {
  it("are filled without holes", async () => {
    const plan = await planOf("parts", {
      task: "image-to-image",
      images: [image],
      size: "2K",
      aspectRatio: "3:2",
    })
    expect(plan.calls[0]?.body).toEqual({
      contents: [{ role: "user", parts: [{ text: "a lamp" }, { data: house }] }],
      generationConfig: { imageSize: "2K", aspectRatio: "3:2" },
    })
  })

  it("are read from options that are written with lists", async () => {
    const body = {
      contents: [{ role: "user", parts: [{ text: "a lamp" }, { data: house }, { data: house }] }],
      generationConfig: { imageSize: "2K", aspectRatio: "3:2" },
    }
    const plan = await pictor.plan({ model: "acme.parts-v1", options: body })
    expect(plan.task).toBe("image-to-image")
    expect(plan.resolved).toMatchObject({ prompt: "a lamp", size: "2K", aspectRatio: "3:2" })
    expect(plan.calls[0]?.body).toEqual(body)
    expect(plan.options).toEqual({})
    const own = await planOf("parts", { options: { safety: [{ level: "on" }] } })
    expect(own.calls[0]?.body).toMatchObject({ safety: [{ level: "on" }] })
  })

  it.each<readonly [JsonObject, string]>([
    [{ contents: [{ parts: [{ text: "another" }] }] }, "options.contents.0.parts.0.text"],
    [{ contents: [{ parts: [{ words: "a" }] }] }, "options.contents.0.parts.0.words"],
    [{ contents: [{}, { role: "user" }] }, "options.contents.1"],
    [{ contents: "a" }, "options.contents"],
    [{ contents: Array.from({ length: 101 }, () => ({})) }, "options.contents"],
    [{ safety: [{ level: "high" }] }, "options.safety.0.level"],
  ])("reject %j", async (options, path) => {
    expect(await issuesOf(planOf("parts", { options }))).toEqual([`invalid_request ${path}`])
  })

  it("of a tier and a ratio stand beside the other one of the request", async () => {
    const config = (value: JsonObject) => ({ generationConfig: value })
    const plan = await planOf("parts", {
      aspectRatio: "3:2",
      options: config({ imageSize: "2K" }),
    })
    expect(plan.resolved).toMatchObject({ size: "2K", aspectRatio: "3:2" })
    const same = await planOf("parts", { size: "2k", options: config({ imageSize: "2K" }) })
    expect(same.resolved.size).toBe("2K")
    expect(
      await issuesOf(planOf("parts", { size: "1K", options: config({ imageSize: "2K" }) })),
    ).toEqual(["invalid_request options.generationConfig.imageSize"])
    expect(
      await issuesOf(
        planOf("parts", { size: "1024x1024", options: config({ aspectRatio: "1:1" }) }),
      ),
    ).toEqual(["invalid_request options.generationConfig.aspectRatio"])
  })
})

describe("pictures at places of their own", () => {
  const asUrl = `data:image/png;base64,${house}`
  const request = { task: "image-to-image", image, images: [image, image] }

  it("are data URLs where the card says so, and one text for all calls", async () => {
    const plan = await planOf("places", { ...request, n: 2 })
    expect(plan.calls[0]?.body).toEqual({
      prompt: "a lamp",
      input_image: asUrl,
      input_image_2: asUrl,
      input_image_3: asUrl,
    })
    expect(plan.calls[1]?.body).toEqual(plan.calls[0]?.body)
  })

  it("are shortened in a plan's JSON", async () => {
    const text = JSON.stringify(await planOf("places", request))
    expect(text).not.toContain(house.slice(0, 40))
    expect(JSON.parse(text)).toMatchObject({
      calls: [{ body: { input_image: { bytes: image.length } } }],
    })
  })

  it("are read from options, which may be data URLs", async () => {
    const options = { input_image: asUrl, input_image_2: house, input_image_3: asUrl }
    const plan = await planOf("places", { task: "image-to-image", options })
    expect(plan.calls[0]?.body).toEqual((await planOf("places", request)).calls[0]?.body)
  })

  it("take as many pictures as they are", async () => {
    expect(await issuesOf(planOf("places", { ...request, images: [image, image, image] }))).toEqual(
      ["invalid_request images"],
    )
  })
})

describe("a try-on", () => {
  const request = { task: "virtual-try-on", image, referenceImage: image }

  it("takes words", async () => {
    const plan = await planOf("places", { ...request, prompt: "Tuck it in." })
    expect(plan.calls[0]).toMatchObject({
      endpoint: "/v1/{model}/try-on",
      body: { prompt: "Tuck it in.", person: house, garment: house },
    })
  })

  it("has the default text where there are none, which is no change", async () => {
    const plan = await planOf("places", { ...request, prompt: undefined })
    expect(plan.resolved.prompt).toBe("Put the garment on the person.")
    expect(plan.calls[0]?.body["prompt"]).toBe("Put the garment on the person.")
    expect(plan.changes).toEqual([])
  })
})
