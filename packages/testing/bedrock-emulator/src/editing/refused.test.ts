import sharp from "sharp"
import { describe, expect, test } from "vitest"
import { edit } from "../__fixtures__/edit.ts"
import { blackMask, clearImage, image, whiteMask } from "../__fixtures__/house.ts"
import { decoded, encoded, pngOf, rawOf } from "../__fixtures__/images.ts"

const nova = "amazon.nova-canvas-v1:0"
const titan = "amazon.titan-image-generator-v2:0"
const inpaint = "us.stability.stable-image-inpaint-v1:0"
const text = "tea"

const paint = (value: number): readonly number[] => [value, value, value]
const greyMask = await encoded(
  rawOf(320, 352, ({ x }) => paint(x < 100 ? 0 : x === 100 ? 128 : 255)),
)
const redMask = await encoded(rawOf(320, 352, ({ x }) => (x < 100 ? [0, 0, 0] : [255, 0, 0])))
const jpegMask = await encoded(await decoded(blackMask), "jpeg")
const squareMask = await encoded(rawOf(320, 320, () => paint(0)))
const opaqueImage = await encoded(rawOf(320, 352, () => [9, 9, 9, 255]))
const smallGrey = await encoded(rawOf(60, 60, () => paint(128)))
const webpImage = await encoded(await decoded(image), "webp")
const oneChannel = await sharp(Buffer.from(blackMask, "base64"))
  .toColourspace("b-w")
  .png()
  .toBuffer()

const inpainting = (inPaintingParams: object, more: object = {}): object => ({
  taskType: "INPAINTING",
  inPaintingParams: { text, ...inPaintingParams },
  ...more,
})

const notPure =
  "#/inPaintingParams/maskImage: the mask has pixels that are neither pure black (0,0,0) nor pure white (255,255,255)"
const transparent = "the image has transparent or translucent pixels"

describe("a picture", () => {
  test.each<readonly [string, string, object, string]>([
    ["a grey mask", nova, inpainting({ image, maskImage: greyMask }), notPure],
    ["a grey mask", titan, inpainting({ image, maskImage: greyMask }), notPure],
    ["a red mask", titan, inpainting({ image, maskImage: redMask }), notPure],
    [
      "a mask whose edges a jpeg has blurred",
      nova,
      inpainting({ image, maskImage: jpegMask }),
      notPure,
    ],
    [
      "transparent pixels",
      nova,
      inpainting({ image: clearImage, maskImage: blackMask }),
      `#/inPaintingParams/image: ${transparent}`,
    ],
    [
      "transparent pixels among several",
      nova,
      { taskType: "IMAGE_VARIATION", imageVariationParams: { images: [image, clearImage] } },
      `#/imageVariationParams/images/1: ${transparent}`,
    ],
    [
      "nothing after its head",
      titan,
      inpainting({ image: pngOf(320, 352), maskImage: blackMask }),
      "#/inPaintingParams/image: the image cannot be decoded",
    ],
    [
      "nothing after its head",
      inpaint,
      { image: pngOf(320, 352), prompt: text },
      "#/image: the image cannot be decoded",
    ],
    [
      "a data URL",
      nova,
      inpainting({ image: `data:image/png;base64,${image}`, maskPrompt: "x" }),
      "#/inPaintingParams/image: not a base64-encoded png, jpeg image",
    ],
    [
      "a mask of another size",
      titan,
      inpainting({ image, maskImage: squareMask }),
      "#/inPaintingParams/maskImage: the mask is 320x320, the image 320x352",
    ],
    [
      "the key of its parameters misspelt besides",
      nova,
      inpainting({ image, maskPrompt: "x" }, { inpaintingParams: {} }),
      "#: extraneous key [inpaintingParams] is not permitted",
    ],
  ])("with %s is refused by %s", async (_, modelId, body, reason) => {
    const { status, message } = await edit(modelId, body)
    expect(status).toBe(400)
    expect(message).toBe(
      `Malformed input request: ${reason}, please reformat your input and try again.`,
    )
  })

  test.each<readonly [string, string, object]>([
    ["transparent pixels", titan, inpainting({ image: clearImage, maskImage: blackMask })],
    ["an opaque alpha channel", nova, inpainting({ image: opaqueImage, maskImage: blackMask })],
    ["one channel", nova, inpainting({ image, maskImage: oneChannel.toString("base64") })],
    ["a grey mask of another size", inpaint, { image, mask: smallGrey, prompt: text }],
    ["a webp file", inpaint, { image: webpImage, mask: whiteMask, prompt: text }],
  ])("with %s is accepted by %s", async (_, modelId, body) => {
    expect((await edit(modelId, body)).status).toBe(200)
  })
})

describe("a fault of a service", () => {
  test.each<readonly [string, unknown]>([
    ["filtered-input", { finish_reasons: ["Filter reason: prompt"] }],
    ["filtered-input-image", { finish_reasons: ["Filter reason: input image"] }],
    ["filtered-output", { finish_reasons: ["Filter reason: output image"] }],
    ["inference-error", { finish_reasons: ["Inference error"] }],
    ["missing-images", { seeds: [], finish_reasons: [], images: [] }],
  ])("%s has the words of SD3", async (kind, expected) => {
    const { status, text: reply } = await edit(inpaint, {
      image,
      mask: whiteMask,
      prompt: `tea [[fault:${kind}]]`,
    })
    expect([status, JSON.parse(reply)]).toEqual([200, expected])
  })

  test("that filters an edit of SDXL returns a blurred picture", async () => {
    const body = {
      text_prompts: [{ text: "tea [[fault:filtered-output]]" }],
      init_image: image,
      width: 512,
      height: 512,
      seed: 1,
      image_strength: 1,
    }
    const { images, text: reply } = await edit("stability.stable-diffusion-xl-v0", body)
    expect(reply).toContain("CONTENT_FILTERED")
    expect(images.map(({ width, height }) => [width, height])).toEqual([[512, 512]])
  })
})
