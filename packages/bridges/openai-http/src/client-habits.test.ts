import { describe, expect, it } from "vitest"
import { errorOf, imagesOf } from "./__fixtures__/reading.ts"
import { base64, file, form, picture, shown, studio } from "./__fixtures__/studio.ts"
import { openaiHttp } from "./openai-http.ts"

const model = "acme.brush-v1:0"
const edits = "/v1/images/edits"

type Fields = Parameters<typeof form>[0]

const post = (made: ReturnType<typeof studio>, fields: Fields, path = edits) =>
  made.send(path, { method: "POST", body: form(fields) })

/** What the provider receives for an edit, each image by its text. */
const sentFor = async (fields: Fields, path = edits): Promise<unknown> => {
  const made = studio()
  await imagesOf(await post(made, { prompt: "A", seed: "1", ...fields }, path))
  return made.sent()
}

describe("a list in a form with indexes", () => {
  it("is the same as a list in brackets", async () => {
    const sent = await sentFor({
      model,
      "image[1]": file(picture("two")),
      "image[0]": file(picture("one")),
      "image[10]": file(picture("three")),
    })
    const { images } = (sent as { varyParams: { images: readonly string[] } }).varyParams
    expect(images.map(shown)).toEqual(["one", "two", "three"])
  })

  it("may hold objects, texts and one mask", async () => {
    const made = studio()
    const image = `data:image/png;base64,${base64(picture("it"))}`
    await imagesOf(
      await post(made, {
        model,
        prompt: "A",
        "images[0][image_url]": image,
        "mask[0]": file(picture("a hole")),
        "tags[0]": "print",
      }),
    )
    expect(made.sent()).toMatchObject({ taskType: "IN" })
  })
})

describe("the only image of a model that takes no image under that name", () => {
  it.each([{}, { task: "style-guide" }])("is its style: %j", async (fields) => {
    expect(
      await sentFor({ model: "acme.style-v1:0", image: file(picture("style")), ...fields }),
    ).toEqual({ prompt: "A", image: base64(picture("style")) })
  })

  it("keeps the name that the client used in errors", async () => {
    const tiny = { model: "acme.style-v1:0", prompt: "A", image: file(picture("dot", 1, 1)) }
    expect(await errorOf(await post(studio(), tiny))).toMatchObject({
      code: "invalid_image",
      param: "image",
      message: expect.not.stringContaining("styleImage"),
    })
  })
})

describe("a file in a field of the model's body", () => {
  it("is the image that the card has there", async () => {
    expect(
      await sentFor({
        model: "acme.transfer-v1:0",
        image: file(picture("content")),
        style_image: file(picture("style")),
      }),
    ).toEqual({
      prompt: "A",
      init_image: base64(picture("content")),
      style_image: base64(picture("style")),
    })
  })

  it("may be nested", async () => {
    const sent = await sentFor({
      model,
      taskType: "IN",
      "inParams[image]": file(picture("it")),
      "inParams[mask]": file(picture("area")),
    })
    expect(sent).toMatchObject({
      inParams: { image: base64(picture("it")), mask: base64(picture("area")) },
    })
  })

  it("is rejected where the card has no image, naming the fields for files", async () => {
    const fields = {
      model: "acme.transfer-v1:0",
      prompt: "A",
      image: file(),
      style_image: file(),
      logo: file(),
    }
    expect(await errorOf(await post(studio(), fields))).toMatchObject({
      code: "invalid_value",
      param: "logo",
      message: expect.stringContaining("image, mask, init_image, style_image"),
    })
  })

  it("is rejected when it is empty", async () => {
    const empty = file(new Uint8Array())
    const fields = { model: "acme.transfer-v1:0", prompt: "A", image: file(), style_image: empty }
    expect(await errorOf(await post(studio(), fields))).toMatchObject({
      code: "empty_image_file",
      param: "style_image",
    })
  })
})

describe("a flattened field with several places", () => {
  it.each<readonly [Fields, object]>([
    [{ maskPrompt: "the ball" }, { taskType: "IN", inParams: { maskPrompt: "the ball" } }],
    [
      { taskType: "IN", maskPrompt: "the ball" },
      { taskType: "IN", inParams: { maskPrompt: "the ball" } },
    ],
    [
      { taskType: "OUT", maskPrompt: "the ball" },
      { taskType: "OUT", outParams: { maskPrompt: "the ball" } },
    ],
    [
      { task: "outpaint", maskPrompt: "the ball" },
      { taskType: "OUT", outParams: { maskPrompt: "the ball" } },
    ],
    [
      { "pictor[task]": "outpaint", maskPrompt: "the ball" },
      { taskType: "OUT", outParams: { maskPrompt: "the ball" } },
    ],
  ])("goes to the place that the request names, else to in-painting: %j", async (fields, body) => {
    expect(await sentFor({ model, image: file(), ...fields })).toMatchObject(body)
  })
})

describe("an image with transparent pixels and no mask", () => {
  const taskOf = async (fields: Fields): Promise<unknown> =>
    ((await sentFor({ model, image: file(picture("a hole")), ...fields })) as { taskType: string })
      .taskType

  it("is in-painted where the model can", async () => {
    const made = studio({ client: { imageOps: imageOps() } })
    await imagesOf(await post(made, { model, prompt: "A", image: file(picture("a hole")) }))
    expect(made.sent()).toMatchObject({ taskType: "IN" })
  })

  it("is varied when the request says so or the host has no image operations", async () => {
    expect(await taskOf({ task: "image-to-image" })).toBe("VARY")
    const { pictor, sent } = studio()
    const { fetch } = openaiHttp({ pictor })
    const body = form({ model, prompt: "A", image: file(picture("a hole")) })
    await imagesOf(
      await fetch(new Request("http://bridge.test/v1/images/edits", { method: "POST", body })),
    )
    expect(sent()).toMatchObject({ taskType: "VARY" })
  })

  it("is varied when all its pixels are opaque", async () => {
    expect(await sentFor({ model, image: file(picture("it")) })).toMatchObject({ taskType: "VARY" })
  })
})

const never = async (): Promise<never> => Promise.reject(new Error("not called"))

/** Core takes the mask from the image itself. */
const imageOps = () => ({
  inspect: async () => ({
    mediaType: "image/png",
    width: 64,
    height: 64,
    transparent: true,
  }),
  alphaToMask: async () => picture("the hole's area"),
  maskToAlpha: never,
  maxInputPixels: 50_000_000,
  isBlackAndWhite: never,
  hasHole: async () => true,
  fit: never,
  applyTransform: never,
  maskTones: async () => ({ black: true, white: true }),
  invertMask: never,
  thresholdMask: never,
  resizeMask: never,
  pad: never,
  thumbnail: never,
})

describe("OpenAI's mask without transparent pixels", () => {
  it("is read by brightness when it is black and white, which is reported", async () => {
    const made = studio()
    const mask = file(picture("bw"))
    const { pictor } = await imagesOf(
      await post(made, { model, prompt: "A", image: file(), mask, policy: "strict" }),
    )
    expect(made.sent()).toMatchObject({ inParams: { mask: base64(picture("bw")) } })
    expect(pictor.changes).toMatchObject([
      { field: "mask", action: "mapped", to: "white pixels change" },
    ])
  })

  it("may be base64 in the url-safe alphabet", async () => {
    const made = studio()
    const mask = Buffer.from(picture("a hole???>>>")).toString("base64url")
    expect(mask).toMatch(/[-_]/)
    const image = base64(picture())
    await imagesOf(await made.json(edits, { model, prompt: "A", image, mask }))
    expect(made.sent()).toMatchObject({ taskType: "IN" })
  })
})

describe("background transparent", () => {
  it("is what removing the background makes", async () => {
    const eraser = { model: "acme.eraser-v1:0", image: file(), background: "transparent" }
    const result = await imagesOf(await post(studio(), eraser))
    expect([result.background, result.pictor.changes]).toEqual(["transparent", []])
  })

  it("is rejected in other tasks, naming models that remove backgrounds", async () => {
    const made = studio()
    expect(
      await errorOf(await made.generate({ model, prompt: "A", background: "transparent" })),
    ).toMatchObject({
      code: "unsupported_value",
      param: "background",
      message: expect.stringContaining('"remove-background": acme.eraser-v1:0.'),
    })
  })
})

describe("the names in errors", () => {
  it.each([
    ["search_prompt", { prompt: "A", task: "replace" }, "pictor.maskPrompt"],
    ["left, right", { task: "outpaint" }, "pictor.margins"],
  ])("of a missing input include the model's own: %s", async (own, fields, param) => {
    const sent = { model: "acme.search-v1:0", image: file(), ...fields } as Fields
    expect(await errorOf(await post(studio(), sent))).toMatchObject({
      code: "missing_required_parameter",
      param,
      message: expect.stringContaining(`The model's own name is ${own}.`),
    })
  })

  it.each([
    [{ width: 1024 }, "Use size."],
    [{ image_size: "1x1" }, "Use size."],
    [{ num_inference_steps: 20 }, "Use steps."],
    [{ negativePrompt: "fog" }, "Use negative_prompt."],
    [{ style_image: "AAAA" }, "pictor[styleImage]"],
    [{ maskPrompt: "the ball" }, "pictor[maskPrompt]"],
    [{ qualitty: "high" }, "quality"],
  ])("of an unknown field go by what it means: %j", async (fields, words) => {
    const made = studio()
    const error = await errorOf(
      await made.generate({ model: "acme.ratio-v1:0", prompt: "A", ...fields }),
    )
    expect(error).toMatchObject({
      code: "unknown_parameter",
      param: Object.keys(fields)[0],
      message: expect.stringContaining(words),
    })
  })

  it.each(["modles", "modle", "Model"])("name a misspelled model: %s", async (name) => {
    const error = await errorOf(await studio().generate({ [name]: model, prompt: "A" }))
    expect(error).toMatchObject({
      param: "model",
      message: expect.stringContaining(`"${name}" is not a known field.`),
    })
  })
})

describe("POST /v1/images/variations", () => {
  const path = "/v1/images/variations"

  it("varies an image without a prompt", async () => {
    const made = studio()
    const fields = { model, image: file(picture("it")), n: "2", response_format: "b64_json" }
    const { data } = await imagesOf(await post(made, fields, path))
    expect(data).toHaveLength(2)
    expect(made.sent()).toMatchObject({
      taskType: "VARY",
      varyParams: { images: [base64(picture("it"))] },
    })
  })

  it("takes a prompt for a model that requires one", async () => {
    const fields = { model: "acme.retouch-v1:0", prompt: "A", image: file(picture("it")) }
    expect(await sentFor(fields, path)).toEqual({ prompt: "A", image: base64(picture("it")) })
  })

  it.each(["acme.eraser-v1:0", "acme.ratio-v1:0", "acme.retouch-v1:0"])(
    "names images/edits for a model that makes none: %s",
    async (other) => {
      const made = studio()
      expect(await errorOf(await post(made, { model: other, image: file() }, path))).toMatchObject({
        status: 400,
        param: "model",
        message: expect.stringContaining("POST /v1/images/edits"),
      })
      expect(made.calls).toEqual([])
    },
  )
})
