import sharp from "sharp"
import { describe, expect, test } from "vitest"
import { edit, edited } from "../__fixtures__/edit.ts"
import {
  blackMask,
  clearImage,
  house,
  image,
  inArea,
  inSubject,
  notInArea,
  whiteMask,
} from "../__fixtures__/house.ts"
import {
  byteDistance,
  changedShare,
  decoded,
  encoded,
  type Raw,
  rawOf,
  type Spot,
} from "../__fixtures__/images.ts"

const nova = "amazon.nova-canvas-v1:0"
const titan = "amazon.titan-image-generator-v2:0"
const sdxl = "stability.stable-diffusion-xl-v0"
const inpaint = "us.stability.stable-image-inpaint-v1:0"
const eraseObject = "us.stability.stable-image-erase-object-v1:0"
const text = "a lake at night"
const everywhere = (): boolean => true

const inpainting = (inPaintingParams: object): object => ({
  taskType: "INPAINTING",
  inPaintingParams,
})
const outpainting = (outPaintingParams: object): object => ({
  taskType: "OUTPAINTING",
  outPaintingParams,
})
const masking = (more: object): object => ({ text_prompts: [{ text }], init_image: image, ...more })

type Masked = readonly [what: string, modelId: string, body: object]

/** Every way to say that the area changes and nothing else. */
const masked: readonly Masked[] = [
  ["black for inpainting", nova, inpainting({ image, maskImage: blackMask, text })],
  ["black for inpainting", titan, inpainting({ image, maskImage: blackMask, text })],
  ["black for inpainting without words", nova, inpainting({ image, maskImage: blackMask })],
  ["white for outpainting", nova, outpainting({ image, maskImage: whiteMask, text })],
  [
    "white for outpainting",
    titan,
    outpainting({ image, maskImage: whiteMask, text, outPaintingMode: "PRECISE" }),
  ],
  ["white for inpaint", inpaint, { image, mask: whiteMask, prompt: text, grow_mask: 0 }],
  ["white for erase-object", eraseObject, { image, mask: whiteMask, grow_mask: 0 }],
  [
    "black for try-on",
    nova,
    {
      taskType: "VIRTUAL_TRY_ON",
      virtualTryOnParams: {
        sourceImage: image,
        referenceImage: whiteMask,
        maskType: "IMAGE",
        imageBasedMask: { maskImage: blackMask },
      },
    },
  ],
]

describe("a mask", () => {
  test.each(masked)(
    "that says %s of %s changes the area and no other pixel",
    async (_, modelId, body) => {
      const after = await edited(modelId, body)
      expect([after.width, after.height]).toEqual([house.width, house.height])
      expect(changedShare(house, after, notInArea)).toBe(0)
      expect(changedShare(house, after, inArea)).toBeGreaterThan(0.9)
    },
  )

  test.each(["jpeg", "webp"] as const)(
    "of the size of its %s is applied to what that decodes to",
    async (format) => {
      const body = {
        image: await encoded(house, format),
        prompt: text,
        mask: whiteMask,
        grow_mask: 0,
      }
      const [unmasked, after] = [
        await edited(inpaint, { ...body, mask: await encoded(rawOf(8, 8, () => [0, 0, 0])) }),
        await edited(inpaint, body),
      ]
      expect(changedShare(unmasked, after, notInArea)).toBe(0)
      expect(changedShare(unmasked, after, inArea)).toBeGreaterThan(0.9)
    },
  )

  test("belongs to the stored pixels, since a model ignores EXIF", async () => {
    const turned = (
      await sharp(Buffer.from(image, "base64")).withMetadata({ orientation: 6 }).png().toBuffer()
    ).toString("base64")
    const after = await edited(nova, inpainting({ image: turned, maskImage: blackMask, text }))
    expect([after.width, after.height]).toEqual([house.width, house.height])
    expect(changedShare(house, after, notInArea)).toBe(0)
    expect(changedShare(house, after, inArea)).toBeGreaterThan(0.9)
  })

  test("grows in every direction", async () => {
    const after = await edited(inpaint, { image, mask: whiteMask, prompt: text, grow_mask: 7 })
    const inGrown = ({ x, y }: Spot): boolean => x >= 53 && x < 207 && y >= 83 && y < 287
    expect(changedShare(house, after, (spot) => !inGrown(spot))).toBe(0)
    expect(changedShare(house, after, (spot) => inGrown(spot) && !inArea(spot))).toBeGreaterThan(
      0.9,
    )
  })

  test("in grey changes the area in part", async () => {
    const maskOf = (value: number): Promise<string> =>
      encoded(rawOf(32, 32, () => [value, value, value]))
    const changedBy = async (value: number): Promise<Raw> =>
      edited(inpaint, { image, mask: await maskOf(value), prompt: text, seed: 1, grow_mask: 0 })
    const [none, half, all] = [await changedBy(0), await changedBy(128), await changedBy(255)]
    expect(changedShare(house, none, everywhere)).toBe(0)
    expect(byteDistance(house, half)).toBeGreaterThan(byteDistance(house, all) * 0.4)
    expect(byteDistance(house, half)).toBeLessThan(byteDistance(house, all) * 0.6)
  })

  test.each([
    [inpaint, { image: clearImage, prompt: text, grow_mask: 0 }],
    [eraseObject, { image: clearImage, grow_mask: 0 }],
  ])("is the transparent part where %s gets none", async (modelId, body) => {
    const after = await edited(modelId, body)
    const before = rawOf(house.width, house.height, ({ x, y }) => [
      ...house.data.subarray((y * house.width + x) * 3, (y * house.width + x) * 3 + 3),
      255,
    ])
    expect(after.channels).toBe(4)
    expect(changedShare(before, after, notInArea)).toBe(0)
    expect(changedShare(before, after, inArea)).toBeGreaterThan(0.9)
    expect(after.data.filter((_, index) => index % 4 === 3).every((alpha) => alpha === 255)).toBe(
      true,
    )
  })

  test("of inpainting fills the area with the surroundings if there is no prompt", async () => {
    const after = await edited(nova, inpainting({ image, maskImage: blackMask, text: undefined }))
    const reds = redsIn(after, inSubject)
    expect(redsIn(house, inSubject)).toBeGreaterThan(190)
    expect(reds).toBeGreaterThan(50)
    expect(reds).toBeLessThan(120)
  })

  test.each([
    ["black", inpainting({ image, maskImage: blackMask, text, returnMask: true }), blackMask],
    ["white", outpainting({ image, maskImage: whiteMask, text, returnMask: true }), whiteMask],
  ])("comes back with the area in %s", async (_, body, mask) => {
    const reply = await edit(titan, body)
    expect(reply.mask && changedShare(await decoded(mask), reply.mask, everywhere)).toBe(0)
  })
})

describe("a mask of SDXL", () => {
  const size = { width: 320, height: 384 }
  const scene = rawOf(size.width, size.height, ({ x, y }) => [60 + (x >> 3), 120 + (y >> 3), 190])
  const maskOf = (inside: number): Promise<string> => {
    const valueAt = (spot: Spot): number => (inArea(spot) ? inside : 255 - inside)
    return encoded(
      rawOf(size.width, size.height, (spot) => [valueAt(spot), valueAt(spot), valueAt(spot)]),
    )
  }

  test.each([
    ["MASK_IMAGE_WHITE", 255],
    ["MASK_IMAGE_BLACK", 0],
  ])("that is %s changes the area alone", async (mask_source, inside) => {
    const after = await edited(
      sdxl,
      masking({
        ...size,
        init_image: await encoded(scene),
        mask_source,
        mask_image: await maskOf(inside),
      }),
    )
    expect(changedShare(scene, after, notInArea)).toBe(0)
    expect(changedShare(scene, after, inArea)).toBeGreaterThan(0.9)
  })

  test("of INIT_IMAGE_ALPHA changes the transparent area", async () => {
    const clear = rawOf(size.width, size.height, (spot) => [90, 120, 150, inArea(spot) ? 0 : 255])
    const after = await edited(
      sdxl,
      masking({ ...size, init_image: await encoded(clear), mask_source: "INIT_IMAGE_ALPHA" }),
    )
    expect(changedShare(clear, after, notInArea)).toBe(0)
    expect(changedShare(clear, after, inArea)).toBe(1)
  })
})

const redsIn = (raw: Raw, part: (spot: Spot) => boolean): number => {
  const offsets = Array.from({ length: raw.width * raw.height }, (_, index) => index)
  const inside = offsets.filter((index) =>
    part({ x: index % raw.width, y: Math.floor(index / raw.width) }),
  )
  return (
    inside.reduce((sum, index) => sum + (raw.data[index * raw.channels] ?? 0), 0) / inside.length
  )
}
