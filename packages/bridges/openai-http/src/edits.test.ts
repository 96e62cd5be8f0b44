import { ImageError } from "@pictor/core"
import { describe, expect, it } from "vitest"
import { errorOf, imagesOf } from "./__fixtures__/reading.ts"
import { base64, file, form, picture, shown, studio } from "./__fixtures__/studio.ts"
import { openaiHttp } from "./openai-http.ts"

const model = "acme.brush-v1:0"
const path = "/v1/images/edits"
const dataUrl = (shows?: string): string => `data:image/png;base64,${base64(picture(shows))}`
const post = (made: ReturnType<typeof studio>, fields: Parameters<typeof form>[0]) =>
  made.send(path, { method: "POST", body: form(fields) })

interface Sent {
  readonly taskType: string
  readonly varyParams: {
    readonly images: readonly string[]
    readonly text: string
    readonly similarity: number
  }
  readonly inParams: { readonly image: string; readonly mask: string; readonly maskPrompt: string }
  readonly config: Readonly<Record<string, unknown>>
}
const sentBy = (made: ReturnType<typeof studio>): Sent => made.sent() as unknown as Sent

describe("the image of an edit", () => {
  it.each([
    ["a file", { image: file(picture("it")) }],
    ["a file in brackets", { "image[]": file(picture("it")) }],
    ["base64 in a form", { image: base64(picture("it")) }],
    ["a data URL in a form", { image: dataUrl("it") }],
    ["a file of no named type", { image: file(picture("it"), "application/octet-stream") }],
    ["a file of a wrong declared type", { image: file(picture("it"), "image/mpo") }],
    [
      "a data URL of a wrong declared type",
      { image: `data:image/heic;base64,${base64(picture("it"))}` },
    ],
    ["a list of one with an index", { "image[0]": file(picture("it")) }],
  ])("may be %s", async (_, fields) => {
    const made = studio()
    await imagesOf(await post(made, { model, prompt: "A", ...fields }))
    expect(sentBy(made).varyParams.images.map(shown)).toEqual(["it"])
  })

  it.each([
    ["a data URL", { image: dataUrl("it") }],
    ["base64", { image: base64(picture("it")) }],
    ["a list", { image: [dataUrl("it")] }],
    ["images of OpenAI's", { images: [{ image_url: dataUrl("it") }] }],
    ["an object with its URL", { image: { image_url: { url: dataUrl("it") } } }],
  ])("may be %s in JSON", async (_, fields) => {
    const made = studio()
    await imagesOf(await made.json(path, { model, prompt: "A", ...fields }))
    expect(sentBy(made).varyParams.images.map(shown)).toEqual(["it"])
  })

  it("may be a list of files", async () => {
    const made = studio()
    const files = ["one", "two", "three"].map((shows) => file(picture(shows)))
    await imagesOf(await post(made, { model, prompt: "A", "image[]": files }))
    expect(sentBy(made).varyParams.images.map(shown)).toEqual(["one", "two", "three"])
  })

  it.each([
    ["nothing", {}, "missing_required_parameter", "image", "not 0"],
    ["an empty file", { image: file(new Uint8Array()) }, "empty_image_file", "image", "no bytes"],
    [
      "too large a file",
      { image: file(new Uint8Array(2001)) },
      "image_too_large",
      "image",
      "2,000 bytes",
    ],
    ["too large a text", { image: "A".repeat(4100) }, "image_too_large", "image", "2,000 bytes"],
    [
      "no image",
      { image: file(new TextEncoder().encode("hello")) },
      "invalid_image",
      "image",
      "readable image. Send a PNG, JPEG, WebP or GIF",
    ],
    ["the name of a file", { image: "my photo.png" }, "invalid_image", "image", "PNG, JPEG, WebP"],
    ["no base64", { image: "-- hello --" }, "invalid_image", "image", "Send a PNG"],
    [
      "too small an image",
      { image: file(picture("dot", 1, 1)) },
      "invalid_image",
      "image",
      "16 to 512",
    ],
    ["a URL", { image: "https://example.com/a.png" }, "remote_image_refused", "image", "data URL"],
    ["a file URL", { image: "file:///etc/passwd" }, "remote_image_refused", "image", "data URL"],
    [
      "a second one that is none",
      { "image[]": [file(), "no"] },
      "invalid_image",
      "image[1]",
      "readable image",
    ],
    [
      "more than the limit",
      { "image[]": [file(), file(), file(), file()] },
      "invalid_value",
      "image",
      "1 to 3 images",
    ],
  ])("may not be %s", async (_, fields, code, param, words) => {
    const made = studio({ bridge: { limits: { imageBytes: 2000, images: 3 } } })
    const error = await errorOf(await post(made, { model, prompt: "A", ...fields }))
    expect(error).toMatchObject({ status: 400, code, param })
    expect(error.message).toContain(words)
    expect(error.issues).toHaveLength(1)
    expect(made.calls).toEqual([])
  })

  it.each([
    [{ image: { file_id: "file-1" } }, "unsupported_parameter"],
    [{ images: [{ image_url: "http://example.com/a.png" }] }, "remote_image_refused"],
    [{ image: 5 }, "invalid_image"],
    [{ image: [[]] }, "invalid_image"],
    [{ image: { image_url: 5 } }, "invalid_image"],
    [{ image: { image_url: { image_url: { image_url: "x" } } } }, "invalid_image"],
    [{ image: "" }, "empty_image_file"],
    [{ markup: dataUrl(), image: dataUrl() }, "unsupported_parameter"],
    [{ pictor: { mask: "https://example.com/a.png" }, image: dataUrl() }, "remote_image_refused"],
  ])("in JSON may not be %j", async (fields, code) => {
    expect(
      await errorOf(await studio().json(path, { model, prompt: "A", ...fields })),
    ).toMatchObject({ status: 400, code })
  })
})

describe("the URL of an image", () => {
  const fetching = (fetchImage: NonNullable<Parameters<typeof studio>[0]>["bridge"]) =>
    studio({ bridge: { ...fetchImage, limits: { imageBytes: 2000 } } })
  const image = "https://pictures.test/a.png?token=canary"

  it("is fetched by fetchImage", async () => {
    const asked: string[] = []
    const made = fetching({
      fetchImage: async (url, signal) => {
        asked.push(url.href, String(signal instanceof AbortSignal))
        return picture("fetched")
      },
    })
    await imagesOf(await made.json(path, { model, prompt: "A", image }))
    expect(sentBy(made).varyParams.images.map(shown)).toEqual(["fetched"])
    expect(asked).toEqual([image, "true"])
  })

  it.each([
    [
      "refused",
      new ImageError({ code: "invalid_request", message: "image: that host is not on the list." }),
      "remote_image_refused",
      "not on the list",
    ],
    [
      "out of reach",
      new Error(`connect ECONNREFUSED ${image}`),
      "remote_image_failed",
      "could not download",
    ],
  ])("is not in the error when it is %s", async (_, thrown, code, words) => {
    const made = fetching({ fetchImage: () => Promise.reject(thrown) })
    const error = await errorOf(await made.json(path, { model, prompt: "A", image }))
    expect(error).toMatchObject({ status: 400, code, param: "image" })
    expect(error.message).toContain(words)
    expect(JSON.stringify(error)).not.toContain("canary")
  })

  it("is rejected when the image exceeds the limit", async () => {
    const made = fetching({ fetchImage: async () => new Uint8Array(2001) })
    expect(await errorOf(await made.json(path, { model, prompt: "A", image }))).toMatchObject({
      code: "image_too_large",
    })
  })
})

describe("OpenAI's mask", () => {
  it.each([
    ["a file", { mask: file(picture("a hole")) }],
    ["a file in brackets", { "mask[]": file(picture("a hole")) }],
    ["a data URL", { mask: dataUrl("a hole") }],
  ])("as %s marks its transparent area", async (_, fields) => {
    const made = studio()
    await imagesOf(await post(made, { model, prompt: "A", image: file(), ...fields }))
    expect(sentBy(made)).toMatchObject({ taskType: "IN" })
    expect(shown(sentBy(made).inParams.mask)).toBe("white where a hole")
  })

  it.each([
    ["opaque", file(picture("black and white")), "invalid_image", "no transparent pixels"],
    ["no image", file(new TextEncoder().encode("hello")), "invalid_image", "cannot be decoded"],
    ["no base64", "-- --", "invalid_image", "cannot be decoded"],
    ["empty", file(new Uint8Array()), "empty_image_file", "no bytes"],
  ])("is rejected when it is %s", async (_, mask, code, words) => {
    const error = await errorOf(await post(studio(), { model, prompt: "A", image: file(), mask }))
    expect(error).toMatchObject({ status: 400, param: "mask", code })
    expect(error.message).toContain(words)
    expect(error.issues).toHaveLength(1)
  })

  it("is rejected without imageOps", async () => {
    const { fetch } = openaiHttp({ pictor: studio().pictor })
    const body = form({ model, prompt: "A", image: file(), mask: file(picture("a hole")) })
    const error = await errorOf(
      await fetch(new Request(`http://bridge.test${path}`, { method: "POST", body })),
    )
    expect(error).toMatchObject({ status: 400, param: "mask", code: "unsupported_parameter" })
    expect(error.message).toContain("pictor.mask")
  })

  it("may be black and white as pictor.mask", async () => {
    const made = studio()
    await imagesOf(
      await made.json(path, {
        model,
        prompt: "A",
        image: dataUrl(),
        pictor: { mask: dataUrl("white here") },
      }),
    )
    expect(shown(sentBy(made).inParams.mask)).toBe("white here")
    const asFile = studio()
    await imagesOf(
      await post(asFile, {
        model,
        prompt: "A",
        image: file(),
        "pictor[mask]": file(picture("white there")),
      }),
    )
    expect(shown(sentBy(asFile).inParams.mask)).toBe("white there")
  })
})

describe("the task of an edit", () => {
  it.each([
    ["image-to-image", { prompt: "A" }, "VARY"],
    ["what the mask says", { prompt: "A", mask: file(picture("a hole")) }, "IN"],
    [
      "named beside pictor.maskPrompt",
      { prompt: "A", task: "inpaint", "pictor[maskPrompt]": "the sky" },
      "IN",
    ],
    [
      "implied by the model's own fields",
      { taskType: "IN", "inParams[maskPrompt]": "the sky", prompt: "A" },
      "IN",
    ],
    [
      "named in pictor",
      { prompt: "A", pictor: JSON.stringify({ task: "inpaint", maskPrompt: "the sky" }) },
      "IN",
    ],
  ])("is %s", async (_, fields, taskType) => {
    const made = studio()
    await imagesOf(await post(made, { model, image: file(), ...fields }))
    expect(sentBy(made).taskType).toBe(taskType)
  })

  it.each([{}, { prompt: "" }])("is the model's only task with an image: %j", async (words) => {
    const made = studio()
    await imagesOf(await post(made, { model: "acme.eraser-v1:0", image: file(), ...words }))
    expect(Object.keys(made.sent())).toEqual(["image"])
  })

  it("is rejected when the model lacks it", async () => {
    const error = await errorOf(
      await post(studio(), { model: "acme.ratio-v1:0", prompt: "A", image: file() }),
    )
    expect(error).toMatchObject({ status: 400, code: "unsupported_parameter", param: "task" })
  })
})

describe("the strings of a form", () => {
  it("become numbers, booleans and objects where the field takes them", async () => {
    const made = studio()
    const fields = {
      n: "1",
      seed: "0",
      strength: "0.25",
      cfg_scale: "2",
      size: "",
      user: "7",
      stream: "false",
      config: '{"quality":"premium"}',
    }
    await imagesOf(await post(made, { model, prompt: "2024", image: file(), ...fields }))
    expect(sentBy(made).config).toMatchObject({
      count: 1,
      seed: 0,
      cfgScale: 2,
      quality: "premium",
    })
    expect(sentBy(made).varyParams).toMatchObject({ text: "2024", similarity: 0.75 })
  })

  it.each([
    [{ n: "two" }, "n"],
    [{ n: ["1", "2"] }, "n"],
    [{ stream: "yes" }, "stream"],
    [{ config: file() }, "config"],
    [{ nonsense: "1" }, "nonsense"],
    [{ prompt: file() }, "prompt"],
  ])("are rejected by field name when they have the wrong type: %#", async (fields, param) => {
    const all = { model, prompt: "A", image: file(), ...fields } as Parameters<typeof form>[0]
    expect(await errorOf(await post(studio(), all))).toMatchObject({ status: 400, param })
  })
})
