import fc from "fast-check"
import { base64Of, picture } from "../../../../example/src/across/pictures.ts"

/** One request on the wire. */
export interface Sent {
  /** Kind of the request. */
  readonly kind: string
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Buffer
  /** Replaces all of the above: raw bytes on their own connection. */
  readonly raw?: Buffer
  /** The expected outcome: images, a rejection, or either; a scripted provider may fail. */
  readonly expected: "pictures" | "refusal" | "answer" | "fault"
}

export type Fields = Readonly<Record<string, unknown>>

export const models = {
  nova: "amazon.nova-canvas-v1:0",
  titan: "amazon.titan-image-generator-v2:0",
  firstTitan: "amazon.titan-image-generator-v1",
  early: "stability.stable-diffusion-xl-v0",
  xl: "stability.stable-diffusion-xl-v1",
  sd3: "stability.sd3-5-large-v1:0",
  core: "stability.stable-image-core-v1:1",
  ultra: "stability.stable-image-ultra-v1:1",
  cutter: "stability.stable-image-remove-background-v1:0",
  painter: "stability.stable-image-inpaint-v1:0",
} as const

export const generations = "/v1/images/generations"
export const edits = "/v1/images/edits"

const words = fc.constantFrom("tea", "a cat\nin fog", '"quoted" \\ 猫', "𝒯ea 😀")
export const small = base64Of(picture("320x320"))
const tiny = base64Of(picture("128x128"))

export const early = fc.record({
  model: fc.constant(models.early),
  prompt: words,
  size: fc.constantFrom("128x128", "128x192", "192x128"),
  n: fc.constantFrom(1, 1, 1, 2, 3),
  seed: fc.nat(4_294_967_294),
  steps: fc.constantFrom(10, 50, 51, 150),
})
const nova = fc.record({
  model: fc.constant(models.nova),
  prompt: words,
  size: fc.constantFrom("320x320", "320x320", "512x512"),
  n: fc.constantFrom(1, 1, 1, 2, 6),
  quality: fc.constantFrom("standard", "premium"),
  seed: fc.nat(858_993_459),
  negative_prompt: words,
  cfg_scale: fc.constantFrom(1.1, 6.5, 10),
  response_format: fc.constantFrom("b64_json", "url"),
})
const titan = fc.record({
  model: fc.constantFrom(models.titan, models.firstTitan),
  prompt: words,
  size: fc.constantFrom("512x512", "320x704"),
})
const guided = words.map((prompt) => ({
  model: models.nova,
  prompt,
  size: "320x320",
  taskType: "COLOR_GUIDED_GENERATION",
  colorGuidedGenerationParams: { colors: ["#FF0000"] },
}))
/** One megapixel each. */
const large = fc.record({
  model: fc.constantFrom(models.xl, models.sd3, models.core, models.ultra),
  prompt: words,
})

export const validGeneration: fc.Arbitrary<Fields> = fc.oneof(
  { weight: 90, arbitrary: early },
  { weight: 20, arbitrary: nova },
  { weight: 5, arbitrary: titan },
  { weight: 5, arbitrary: guided },
  { weight: 1, arbitrary: large },
)

export const validEdit: fc.Arbitrary<Fields> = fc.oneof(
  {
    weight: 20,
    arbitrary: words.map((prompt) => ({ model: models.early, prompt, image: tiny, strength: 0.5 })),
  },
  {
    weight: 5,
    arbitrary: words.map((prompt) => ({
      model: models.nova,
      prompt,
      image: small,
      size: "320x320",
    })),
  },
  {
    weight: 3,
    arbitrary: words.map((prompt) => ({
      model: models.nova,
      prompt,
      image: small,
      pictor: { task: "inpaint", maskPrompt: "the cup" },
    })),
  },
  {
    weight: 3,
    arbitrary: fc.constant({
      model: models.nova,
      image: small,
      pictor: { task: "remove-background" },
    }),
  },
  {
    weight: 3,
    arbitrary: words.map((prompt) => ({
      model: models.titan,
      prompt,
      image: small,
      size: "512x512",
    })),
  },
  { weight: 3, arbitrary: fc.constant({ model: models.cutter, image: small }) },
  {
    weight: 3,
    arbitrary: words.map((prompt) => ({
      model: models.painter,
      prompt,
      image: small,
      pictor: { mask: small },
    })),
  },
)

export const json = { "content-type": "application/json" }
export const encoded = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))

const boundary = "a-boundary-as-long-as-clients-write"

const formOf = (fields: Fields): Buffer => {
  const part = ([name, value]: readonly [string, unknown]): Buffer => {
    const isPicture = name === "image" && typeof value === "string"
    const head = `--${boundary}\r\ncontent-disposition: form-data; name="${name}"${isPicture ? '; filename="a.png"\r\ncontent-type: image/png' : ""}\r\n\r\n`
    const content = isPicture
      ? Buffer.from(value, "base64")
      : Buffer.from(typeof value === "string" ? value : JSON.stringify(value))
    return Buffer.concat([Buffer.from(head), content, Buffer.from("\r\n")])
  }
  const nested = Object.entries(fields).flatMap(([name, value]) =>
    name === "pictor" && typeof value === "object" && value !== null
      ? Object.entries(value as Fields).map(([inner, each]) => [`pictor[${inner}]`, each] as const)
      : [[name, value] as const],
  )
  return Buffer.concat([...nested.map(part), Buffer.from(`--${boundary}--\r\n`)])
}

const form = { "content-type": `multipart/form-data; boundary=${boundary}` }

/** Optional fields that every kind of request accepts. */
export type Part = Partial<Sent> & Pick<Sent, "kind">

export const asJson = (path: string, fields: Fields): Pick<Sent, "path" | "headers" | "body"> => ({
  path,
  headers: json,
  body: encoded(fields),
})

export const asForm = (fields: Fields): Pick<Sent, "path" | "headers" | "body"> => ({
  path: edits,
  headers: form,
  body: formOf(fields),
})
