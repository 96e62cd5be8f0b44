import type { JsonObject } from "@pictor/core"
import sharp from "sharp"
import { image, markup, mask, transparentMask } from "./images.ts"
import { fieldsOf } from "./recorder.ts"

/** Parameters of the published client, and the request of core that means the same. */
interface Pair {
  readonly params: JsonObject
  readonly request: JsonObject
}

interface ClientRequest extends Pair {
  readonly model: string
  readonly operation: "generate" | "edit"
}

/** The fields that the plan writes out where the client leaves them to the API. */
const writtenOut: readonly string[] = ["model", "size", "quality", "n", "output_format"]

const prompt = "a lighthouse, 灯台 \u{1f5fc}"

const models = ["gpt-image-2.6-sunburst", "gpt-image-2.5-flare", "gpt-image-2", "gpt-image-1.5"]

const generations: readonly Pair[] = [
  { params: {}, request: {} },
  { params: { n: 3 }, request: { n: 3 } },
  { params: { size: "1536x1024" }, request: { size: "1536x1024" } },
  {
    params: { quality: "high", size: "1024x1536" },
    request: { quality: "high", size: "1024x1536" },
  },
  { params: { background: "transparent" }, request: { background: "transparent" } },
  {
    params: { output_format: "webp", output_compression: 0 },
    request: { outputFormat: "webp", compression: 0 },
  },
  {
    params: { output_format: "jpeg", moderation: "low" },
    request: { outputFormat: "jpeg", moderation: "low" },
  },
  {
    params: { safety_identifier: "u1" },
    request: { options: { safety_identifier: "u1" } },
  },
]

const fileOf = (base64: string, name: string): File =>
  new File([Buffer.from(base64, "base64")], name, { type: "image/png" })

const picture = fileOf(image, "a.png")
const hole = fileOf(transparentMask, "m.png")

const edits: readonly Pair[] = [
  { params: { image: picture }, request: { images: [image] } },
  {
    params: { image: [picture, fileOf(mask, "b.png")] },
    request: { images: [image, mask] },
  },
  {
    params: { image: [picture], quality: "low", n: 2 },
    request: { references: [{ image }], quality: "low", n: 2 },
  },
  {
    params: { image: picture, background: "opaque", safety_identifier: "u1" },
    request: { images: [image], background: "opaque", options: { safety_identifier: "u1" } },
  },
  { params: { image: picture, mask: hole }, request: { task: "inpaint", image, mask } },
  {
    params: { image: picture, mask: hole, output_format: "jpeg" },
    request: {
      task: "inpaint",
      image,
      options: { mask: transparentMask },
      outputFormat: "jpeg",
    },
  },
]

/** What only some models take. */
const special: readonly (Pair & { readonly model: string })[] = [
  {
    model: "gpt-image-2.6-flare",
    params: { image: picture, markup: fileOf(markup, "c.png") },
    request: { references: [{ image }, { image: markup, role: "layout" }] },
  },
  {
    model: "gpt-image-2.5-sunburst",
    params: { image: picture, quality: "xhigh", complexity: "low" },
    request: { images: [image], quality: "xhigh", options: { complexity: "low" } },
  },
  {
    model: "gpt-image-1.5",
    params: { image: picture, input_fidelity: "high" },
    request: { images: [image], options: { input_fidelity: "high" } },
  },
  {
    model: "gpt-image-2.6-sunburst",
    params: { image: picture, output_format: "svg", svg: { model: "any" } },
    request: { images: [image], options: { output_format: "svg", svg: { model: "any" } } },
  },
]

const complete = (model: string, { params, request }: Pair): ClientRequest => {
  const isEdit = "image" in params
  return {
    model,
    operation: isEdit ? "edit" : "generate",
    params: { model, prompt, ...params },
    request: { model, prompt, ...(isEdit && { task: "image-to-image" }), ...request },
  }
}

/** Sixty requests: every field of the published client's types, and edits with masks. */
export const clientRequests: readonly ClientRequest[] = [
  ...models.flatMap((model) => generations.map((pair) => complete(model, pair))),
  ...models.flatMap((model) => edits.map((pair) => complete(model, pair))),
  ...special.map(({ model, ...pair }) => complete(model, pair)),
]

/** The client names one picture `image`, where a list is `image[]`. */
const asList = ({ image: single, ...fields }: JsonObject): JsonObject =>
  single === undefined ? fields : { ...fields, "image[]": single }

/** A mask marks an area by transparency: its colour and its encoding mean nothing. */
const alphaOf = async (part: unknown): Promise<string> => {
  const [type, hex = ""] = String(part).split(" ")
  const { data, info } = await sharp(Buffer.from(hex, "hex"))
    .ensureAlpha()
    .extractChannel(3)
    .raw()
    .toBuffer({ resolveWithObject: true })
  return `${type} ${info.width}x${info.height} ${data.toString("hex")}`
}

/**
 * The fields of a body for comparison: each part of a form as its type and bytes, a mask as its
 * pixels. Fields that the plan writes out are left out where `direct` has none.
 */
export const comparable = async (body: unknown, direct: unknown = body): Promise<JsonObject> => {
  const { mask: masks, ...fields } = asList(await fieldsOf(body))
  const sent = asList(await fieldsOf(direct))
  const isExtra = (name: string): boolean => writtenOut.includes(name) && !(name in sent)
  return {
    ...Object.fromEntries(Object.entries(fields).filter(([name]) => !isExtra(name))),
    ...(masks !== undefined && {
      mask: await Promise.all((masks as readonly unknown[]).map(alphaOf)),
    }),
  }
}
