import { createPictor, type ImageAdapter, type ImageRequest, type JsonObject } from "@pictor/core"
import { http } from "@pictor/http"
import { sharpImages } from "@pictor/images"
import OpenAI, { toFile } from "openai"
import sharp from "sharp"
import { afterAll, describe, expect, it } from "vitest"
import { image, markup, mask, transparentMask } from "./__fixtures__/images.ts"
import { fieldsOf, startRecorder } from "./__fixtures__/recorder.ts"
import { openaiImages } from "./index.ts"

const recorder = await startRecorder()
afterAll(recorder.close)

const client = new OpenAI({ baseURL: recorder.url, apiKey: "sk-test", maxRetries: 0 })
const pictor = createPictor<readonly ImageAdapter[]>({
  adapters: [openaiImages(http({ key: "sk-test", baseUrl: recorder.url }))],
  imageOps: sharpImages(),
})
afterAll(() => pictor.close())

/** The fields that the plan writes out where the client leaves them to the API. */
const writtenOut = ["size", "quality", "n", "output_format"]

const models = ["gpt-image-2.6-sunburst", "gpt-image-2.5-flare", "gpt-image-2", "gpt-image-1.5"]

const prompt = "a lighthouse, 灯台 \u{1f5fc}"

/** The client's own fields, and the request that means the same. */
type Pair = readonly [params: JsonObject, request: JsonObject]

const generations: readonly Pair[] = [
  [{}, {}],
  [{ n: 3 }, { n: 3 }],
  [{ size: "1536x1024" }, { size: "1536x1024" }],
  [
    { quality: "high", size: "1024x1536" },
    { quality: "high", size: "1024x1536" },
  ],
  [{ background: "transparent" }, { background: "transparent" }],
  [
    { output_format: "webp", output_compression: 0 },
    { outputFormat: "webp", compression: 0 },
  ],
  [
    { output_format: "jpeg", moderation: "low" },
    { outputFormat: "jpeg", moderation: "low" },
  ],
  [{ safety_identifier: "u1" }, { options: { safety_identifier: "u1" } }],
]

const picture = () => toFile(Buffer.from(image, "base64"), "a.png", { type: "image/png" })
const other = () => toFile(Buffer.from(mask, "base64"), "b.png", { type: "image/png" })
const drawing = () => toFile(Buffer.from(markup, "base64"), "c.png", { type: "image/png" })
const hole = () => toFile(Buffer.from(transparentMask, "base64"), "m.png", { type: "image/png" })

const edits = async (): Promise<readonly Pair[]> => [
  [{ image: await picture() }, { images: [image] }],
  [{ image: [await picture(), await other()] }, { images: [image, mask] }],
  [
    { image: [await picture()], quality: "low", n: 2 },
    { references: [{ image }], quality: "low", n: 2 },
  ],
  [
    { image: await picture(), background: "opaque", safety_identifier: "u1" },
    { images: [image], background: "opaque", options: { safety_identifier: "u1" } },
  ],
  [
    { image: await picture(), mask: await hole() },
    { task: "inpaint", image, mask },
  ],
  [
    { image: await picture(), mask: await hole(), output_format: "jpeg" },
    { task: "inpaint", image, options: { mask: transparentMask }, outputFormat: "jpeg" },
  ],
]

/** What only some models take. */
const special = async (): Promise<readonly (readonly [model: string, ...Pair])[]> => [
  [
    "gpt-image-2.6-flare",
    { image: await picture(), markup: await drawing() },
    { references: [{ image }, { image: markup, role: "layout" }] },
  ],
  [
    "gpt-image-2.5-sunburst",
    { image: await picture(), quality: "xhigh", complexity: "low" },
    { images: [image], quality: "xhigh", options: { complexity: "low" } },
  ],
  [
    "gpt-image-1.5",
    { image: await picture(), input_fidelity: "high" },
    { images: [image], options: { input_fidelity: "high" } },
  ],
  [
    "gpt-image-2.6-sunburst",
    { image: await picture(), output_format: "svg", svg: { model: "any" } },
    { images: [image], options: { output_format: "svg", svg: { model: "any" } } },
  ],
]

const cases: readonly (readonly [model: string, ...Pair])[] = [
  ...models.flatMap((model) => generations.map((pair) => [model, ...pair] as const)),
  ...(await Promise.all(
    models.map(async (model) => (await edits()).map((pair) => [model, ...pair] as const)),
  ).then((lists) => lists.flat())),
  ...(await special()),
]

/** The latest request's fields. */
const sent = async (): Promise<{ readonly path: string; readonly fields: JsonObject }> => {
  const [request] = recorder.requests.splice(0)
  return { path: request?.path ?? "", fields: await fieldsOf(request?.body) }
}

/** The client calls one picture `image`, where a list is `image[]`. */
const asList = ({ image: single, ...fields }: JsonObject): JsonObject =>
  single === undefined ? fields : { ...fields, "image[]": single }

/** A picture of a form as raw pixels: a mask's marked area is transparent, whatever its colour. */
const alphaOf = async (part: unknown): Promise<string> => {
  const [type, hex = ""] = String(part).split(" ")
  const alpha = await sharp(Buffer.from(hex, "hex"))
    .ensureAlpha()
    .extractChannel(3)
    .raw()
    .toBuffer()
  return `${type} ${alpha.toString("hex")}`
}

describe("the published client and a plan", () => {
  it.each(cases.map(([model, params, request], index) => ({ index, model, params, request })))(
    "send the same for $model, case $index",
    async ({ model, params, request }) => {
      if ("image" in params) await client.images.edit({ model, prompt, ...params } as never)
      else await client.images.generate({ model, prompt, ...params })
      const direct = await sent()
      const isEdit = "image" in params
      await pictor.generate({
        model,
        prompt,
        ...(isEdit && { task: "image-to-image" }),
        ...request,
      } as unknown as ImageRequest)
      const ours = await sent()
      expect(ours.path).toBe(direct.path)
      const { mask: wanted, ...fields } = asList(direct.fields)
      const { mask: made, ...own } = ours.fields
      const isExtra = (name: string): boolean => writtenOut.includes(name) && !(name in fields)
      expect(Object.fromEntries(Object.entries(own).filter(([name]) => !isExtra(name)))).toEqual(
        fields,
      )
      expect(made === undefined).toBe(wanted === undefined)
      if (wanted !== undefined)
        expect(await alphaOf((made as readonly unknown[])[0])).toBe(
          await alphaOf((wanted as readonly unknown[])[0]),
        )
    },
  )

  it("are compared in sixty requests", () => {
    expect(cases.length).toBe(60)
  })
})

describe("a plan", () => {
  it.each([
    ["image-to-image", 1280, 720, "1280x720"],
    ["inpaint", 720, 1280, "720x1280"],
    ["image-to-image", 64, 64, "816x816"],
  ])("has the shape of its picture: %s of %ix%i", async (task, width, height, size) => {
    const png = sharp({ create: { width, height, channels: 3, background: "white" } }).png()
    const bytes = new Uint8Array(await png.toBuffer())
    const white = { image: bytes, ...(task === "inpaint" && { mask: bytes }) }
    const { calls } = await pictor.plan({ model: "gpt-image-2", task, prompt, ...white } as never)
    expect(calls[0]?.body["size"]).toBe(size)
  })

  it("streams only for partial images, since a stream has one picture", async () => {
    const request = { model: "gpt-image-2", prompt, n: 3 }
    const { calls } = await pictor.plan({ ...request, options: { stream: true } })
    expect(calls.map(({ body }) => [body["n"], body["stream"]])).toEqual([[3, undefined]])
    const streamed = await pictor.plan({ ...request, options: { stream: true, partial_images: 1 } })
    expect(streamed.calls.map(({ body }) => [body["n"], body["stream"]])).toEqual([
      [1, true],
      [1, true],
      [1, true],
    ])
  })

  it("cannot be repeated for the same image, and says why", async () => {
    const { images } = await pictor.generate({ model: "gpt-image-2", prompt, seed: 7 })
    recorder.requests.length = 0
    expect(images[0]?.recipe).toMatchObject({ replayable: false })
    expect(images[0]?.seed).toBeUndefined()
  })
})
