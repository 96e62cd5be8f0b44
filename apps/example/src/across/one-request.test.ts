import { checkBody } from "@pictor/bedrock-emulator"
import { createPictor } from "@pictor/core"
import { sharpImages } from "@pictor/images"
import { describe, expect, test } from "vitest"
import { familiesOn, nowhere } from "./families.ts"
import { base64Of, picture } from "./pictures.ts"

const pictor = createPictor({ adapters: familiesOn(nowhere), imageOps: sharpImages() })
const size = "512x512"
const request = {
  task: "inpaint",
  prompt: "a tea house",
  image: picture(size),
  mask: picture(size),
  seed: 7,
} as const
const image = base64Of(request.image)
/** Black where the right half, white in the request, is to change. */
const inverted = base64Of(await sharpImages().invertMask(request.mask))
const config = { numberOfImages: 1, quality: "standard", seed: 7 }
const inPaintingParams = { text: "a tea house", image, maskImage: inverted }

describe("one neutral request for the same edit", () => {
  test.each([
    {
      model: "amazon.nova-canvas-v1:0",
      body: {
        taskType: "INPAINTING",
        inPaintingParams,
        imageGenerationConfig: { ...config, cfgScale: 6.5 },
      },
    },
    {
      model: "amazon.titan-image-generator-v2:0",
      body: {
        taskType: "INPAINTING",
        inPaintingParams,
        imageGenerationConfig: { ...config, cfgScale: 8 },
      },
    },
    {
      model: "stability.stable-image-inpaint-v1:0",
      body: {
        prompt: "a tea house",
        image,
        mask: base64Of(request.mask),
        seed: 7,
        output_format: "png",
      },
    },
  ])("is the right body on $model", async ({ model, body }) => {
    const plan = await pictor.plan({ ...request, model })
    const [call] = plan.calls
    expect(call?.body).toMatchObject(body)
    expect(call?.body["imageGenerationConfig"] ?? {}).not.toHaveProperty("width")
    expect(checkBody(call?.modelId ?? "", call?.body)).toEqual([])
    expect(plan.changes.filter(({ action }) => action !== "mapped")).toEqual([])
  })
})
