import { deepEqual, equal } from "node:assert/strict"
import {
  createPictor,
  type ImageAdapter,
  type ImageOps,
  type ImageRequest,
  type JsonObject,
} from "@pictor/core"
import type { Transport } from "@pictor/core/adapter"
import { base64Of, picture } from "./pictures.ts"

/** The subject of the checks: families, image operations and transport. */
export interface Subject {
  readonly familiesOn: (transport: Transport) => readonly ImageAdapter[]
  readonly images: ImageOps
}

export interface WireCheck {
  readonly name: string
  run(subject: Subject): Promise<void>
}

const size = "512x512"
const image = picture(size)
/** White, the area to change, is the right half. */
const mask = picture(size)
const negative = base64Of(picture(size, true))

type Call = Parameters<Transport["invoke"]>[0]

const callsOf = async (
  { familiesOn, images }: Subject,
  request: JsonObject,
): Promise<readonly Call[]> => {
  const calls: Call[] = []
  const invoke = (call: Call): never => {
    calls.push(call)
    throw new Error("seen")
  }
  const pictor = createPictor({
    adapters: familiesOn({ name: "seen", invoke: async (call) => invoke(call) }),
    imageOps: images,
    retry: false,
    parallelCalls: 1,
  })
  await pictor.generate(request as unknown as ImageRequest).catch(() => undefined)
  return calls
}

const bodyOf = async (subject: Subject, request: JsonObject): Promise<JsonObject> =>
  (await callsOf(subject, request))[0]?.body ?? {}

const at = (body: JsonObject, path: string): unknown =>
  path.split(".").reduce<unknown>((value, key) => (value as JsonObject | undefined)?.[key], body)

const nova = "amazon.nova-canvas-v1:0"
const titan = "amazon.titan-image-generator-v2:0"
const words = { prompt: "tea", seed: 7 }

const strength = (model: string, path: string, expected: number): WireCheck => ({
  name: `strength 0.25 on ${model} is ${path} ${expected}`,
  run: async (subject) =>
    equal(
      at(
        await bodyOf(subject, { ...words, model, task: "image-to-image", image, strength: 0.25 }),
        path,
      ),
      expected,
    ),
})

const inpainted = (model: string, path: string, expected: string): WireCheck => ({
  name: `the mask of an inpainting on ${model} is sent ${expected === negative ? "inverted" : "as it is"}`,
  run: async (subject) =>
    equal(
      at(await bodyOf(subject, { ...words, model, task: "inpaint", image, mask }), path),
      expected,
    ),
})

const price = (model: string, wanted: JsonObject, expected: number): WireCheck => ({
  name: `${model} with ${JSON.stringify(wanted)} costs ${expected} micro-USD`,
  run: async ({ familiesOn, images }) => {
    const pictor = createPictor({
      adapters: familiesOn({
        name: "none",
        invoke: () => Promise.reject(new Error("a plan needs no network")),
      }),
      imageOps: images,
    })
    equal((await pictor.plan({ ...words, model, ...wanted })).estimate.microUsd, expected)
  },
})

const outpainted = (model: string): WireCheck => ({
  name: `outpainting on ${model} changes the new area, which its mask has in white`,
  run: async (subject) => {
    const body = await bodyOf(subject, {
      ...words,
      model,
      task: "outpaint",
      image,
      margins: { right: 128 },
    })
    equal(at(body, "outPaintingParams.maskImage"), base64Of(picture("640x512", true)))
    equal(at(body, "outPaintingParams.image"), base64Of(picture("640x512")))
  },
})

const arn = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a0a0"

/** The bodies that every family must send, written by hand from the providers' pages. */
export const wireChecks: readonly WireCheck[] = [
  strength(nova, "imageVariationParams.similarityStrength", 0.75),
  strength(titan, "imageVariationParams.similarityStrength", 0.75),
  strength("stability.stable-diffusion-xl-v1", "image_strength", 0.75),
  strength("stability.sd3-5-large-v1:0", "strength", 0.25),
  inpainted(nova, "inPaintingParams.maskImage", negative),
  inpainted(titan, "inPaintingParams.maskImage", negative),
  inpainted("stability.stable-image-inpaint-v1:0", "mask", base64Of(mask)),
  inpainted("stability.stable-diffusion-xl-v1", "mask_image", base64Of(mask)),
  outpainted(nova),
  outpainted(titan),
  {
    name: "the seeds of a split are far enough apart for each call's images",
    run: async (subject) => {
      const calls = await callsOf(subject, { ...words, model: nova, n: 12 })
      deepEqual(
        calls.map(({ body }) => at(body, "imageGenerationConfig.seed")),
        [7, 12, 17],
      )
    },
  },
  {
    name: "a control has its strength beside its mode",
    run: async (subject) => {
      const body = await bodyOf(subject, {
        ...words,
        model: nova,
        task: "control",
        control: "segmentation",
        image,
        controlStrength: 0.4,
      })
      deepEqual(
        [at(body, "textToImageParams.controlMode"), at(body, "textToImageParams.controlStrength")],
        ["SEGMENTATION", 0.4],
      )
    },
  },
  price(nova, { size: "1024x1024" }, 40_000),
  price(nova, { size: "2048x2048", quality: "premium" }, 80_000),
  price(titan, { size: "512x512" }, 8_000),
  price(titan, { size: "1024x1024", quality: "premium" }, 12_000),
  price("stability.stable-diffusion-xl-v0", { size: "512x512" }, 18_000),
  price("stability.stable-diffusion-xl-v1", { steps: 51 }, 80_000),
  price(nova, { prompt: undefined, seed: undefined, task: "remove-background", image }, 40_000),
  {
    name: "an ARN beside the model is what is called",
    run: async (subject) => {
      const [call] = await callsOf(subject, { ...words, model: nova, modelId: arn })
      deepEqual([call?.model, call?.modelId], [nova, arn])
    },
  },
]
