import { describe, expect, test } from "vitest"
import { edit, edited } from "../__fixtures__/edit.ts"
import { house, image, style } from "../__fixtures__/house.ts"
import { changedShare, pixelAt, type Raw, type Spot } from "../__fixtures__/images.ts"

const nova = "amazon.nova-canvas-v1:0"
const titan = "amazon.titan-image-generator-v2:0"
const replace = "us.stability.stable-image-search-replace-v1:0"
const recolor = "us.stability.stable-image-search-recolor-v1:0"

const inpaint = (maskPrompt: string): object => ({
  taskType: "INPAINTING",
  inPaintingParams: { image, maskPrompt, text: "a lake at night" },
})
const keep = (maskPrompt: string): object => ({
  taskType: "OUTPAINTING",
  outPaintingParams: { image, maskPrompt, text: "a desert" },
})
const everywhere = (): boolean => true

const tryOn = (virtualTryOnParams: object): object => ({
  taskType: "VIRTUAL_TRY_ON",
  virtualTryOnParams: { sourceImage: image, referenceImage: style, ...virtualTryOnParams },
})

const garment = (garmentClass: string, more: object = {}): object =>
  tryOn({ maskType: "GARMENT", garmentBasedMask: { garmentClass }, ...more })

describe("a mask prompt", () => {
  test.each([
    [nova, inpaint("the red block")],
    [titan, inpaint("the red block")],
    [replace, { image, prompt: "a lake", search_prompt: "the red block", grow_mask: 0 }],
    [recolor, { image, prompt: "a purple block", select_prompt: "the red block", grow_mask: 0 }],
    [nova, tryOn({ maskType: "PROMPT", promptBasedMask: { maskPrompt: "the shirt" } })],
  ])(
    "change one part of the picture, and the same part every time: %s %#",
    async (modelId, body) => {
      const [first, second] = [await edited(modelId, body), await edited(modelId, body)]
      expect(changedShare(house, first, everywhere)).toBeGreaterThan(0.05)
      expect(changedShare(house, first, everywhere)).toBeLessThan(0.25)
      expect(changedShare(first, second, everywhere)).toBe(0)
    },
  )

  test("names another area if it differs", async () => {
    const [block, sky] = [
      await edited(nova, inpaint("the red block")),
      await edited(nova, inpaint("the sky")),
    ]
    expect(changedShare(block, sky, everywhere)).toBeGreaterThan(0.05)
  })

  test("names what stays in outpainting", async () => {
    const share = changedShare(house, await edited(nova, keep("the red block")), everywhere)
    expect(share).toBeGreaterThan(0.75)
    expect(share).toBeLessThan(0.95)
  })

  test("of recolouring gives the named colour, and keeps light and shade", async () => {
    const after = await edited(recolor, {
      image,
      prompt: "a green block",
      select_prompt: "the red block",
    })
    const changed = spots(after).filter((spot) =>
      pixelAt(house, spot).some((value, channel) => value !== pixelAt(after, spot)[channel]),
    )
    const green = changed.filter((spot) => isGreen(pixelAt(after, spot)))
    expect(green.length).toBeGreaterThan(changed.length * 0.7)
  })
})

const spots = ({ width, height }: Raw): readonly Spot[] =>
  Array.from({ length: width * height }, (_, index) => ({
    x: index % width,
    y: Math.floor(index / width),
  }))

const isGreen = ([red = 0, green = 0, blue = 0]: readonly number[]): boolean =>
  green > red && green > blue

describe("a garment", () => {
  const upper = ({ y }: Spot): boolean => y < house.height * 0.5

  test.each([
    ["UPPER_BODY", upper],
    ["LONG_PANTS", (spot: Spot): boolean => !upper(spot)],
    ["BOOTS", ({ y }: Spot): boolean => y > house.height * 0.8],
  ])("that is %s changes that part of the body alone", async (garmentClass, part) => {
    const after = await edited(nova, garment(garmentClass))
    expect(changedShare(house, after, part)).toBeGreaterThan(0.03)
    expect(changedShare(house, after, (spot) => !part(spot))).toBeLessThan(
      garmentClass === "UPPER_BODY" ? 0.05 : 0.001,
    )
  })

  test("follows a contour or a box", async () => {
    const shares = await Promise.all(
      ["BOUNDING_BOX", "CONTOUR"].map(async (maskShape) => {
        const body = tryOn({
          maskType: "GARMENT",
          garmentBasedMask: { garmentClass: "UPPER_BODY", maskShape },
        })
        return changedShare(house, await edited(nova, body), everywhere)
      }),
    )
    expect((shares[1] ?? 0) / (shares[0] ?? 0)).toBeCloseTo(Math.PI / 4, 1)
  })

  test("leaves out what is preserved, as the returned mask shows", async () => {
    const masks = await Promise.all(
      ["OFF", "ON"].map(async (preserveHands) => {
        const reply = await edit(
          nova,
          garment("LONG_SLEEVE_SHIRT", { returnMask: true, maskExclusions: { preserveHands } }),
        )
        return { reply, mask: reply.mask ?? house }
      }),
    )
    const black = masks.map(({ mask }) => mask.data.filter((value) => value === 0).length)
    expect(black[1]).toBeLessThan(black[0] ?? 0)
    for (const { reply, mask } of masks) {
      const isWhite = (spot: Spot): boolean => pixelAt(mask, spot)[0] === 255
      expect(changedShare(house, reply.images[0] ?? mask, isWhite)).toBe(0)
    }
  })

  test("shows the reference", async () => {
    const [pink, sky] = [
      await edited(nova, garment("FULL_BODY")),
      await edited(nova, garment("FULL_BODY", { referenceImage: image })),
    ]
    expect(changedShare(pink, sky, everywhere)).toBeGreaterThan(0.2)
  })
})
