import { describe, expect, test } from "vitest"
import { edit, edited } from "../__fixtures__/edit.ts"
import { house, image, inSubject, style } from "../__fixtures__/house.ts"
import {
  byteDistance,
  changedShare,
  encoded,
  pixelAt,
  pngOf,
  type Raw,
  rawOf,
} from "../__fixtures__/images.ts"
import { serviceFamily } from "../families/services.ts"

const nova = "amazon.nova-canvas-v1:0"
const titan = "amazon.titan-image-generator-v2:0"
const sdxl = "stability.stable-diffusion-xl-v0"
const sd35 = "stability.sd3-5-large-v1:0"
const service = (name: string): string => `us.stability.stable-${name}-v1:0`
const everywhere = (): boolean => true
const prompt = "sunrise"

const square = { width: 512, height: 512 }

/** A dark disc on white, so that its outline can be looked for. */
const disc: Raw = rawOf(512, 512, ({ x, y }) =>
  Math.hypot(x - 256, y - 220) < 120 ? [40, 60, 120] : [240, 240, 236],
)
const discImage = await encoded(disc)

/** How much darker the disc's edge is than the rings on both sides of it. */
const outline = (raw: Raw): number => {
  const ring = (radius: number): number => {
    const lights = Array.from({ length: 72 }, (_, step) => {
      const [x, y] = [Math.cos((step * Math.PI) / 36), Math.sin((step * Math.PI) / 36)].map(
        (share) => share * radius,
      )
      const spot = { x: Math.round(256 + (x ?? 0)), y: Math.round(220 + (y ?? 0)) }
      return pixelAt(raw, spot).reduce((sum, value) => sum + value, 0)
    })
    return lights.reduce((sum, value) => sum + value, 0) / lights.length
  }
  return Math.min(ring(108), ring(132)) - Math.min(ring(119), ring(120), ring(121))
}

const variation = (images: readonly string[], similarityStrength: number): object => ({
  taskType: "IMAGE_VARIATION",
  imageVariationParams: { images, similarityStrength, text: prompt },
  imageGenerationConfig: { ...square, seed: 5 },
})

const conditioned = (more: object): object => ({
  taskType: "TEXT_IMAGE",
  textToImageParams: { text: prompt, conditionImage: discImage, ...more },
  imageGenerationConfig: square,
})

const colored = { text: prompt, colors: ["#ff00aa", "#00ffcc"], referenceImage: discImage }

describe("the outline of the input", () => {
  test.each<readonly [string, string, object]>([
    ["a variation", nova, variation([discImage], 0.3)],
    ["edges", nova, conditioned({ controlStrength: 1 })],
    ["edges", titan, conditioned({ controlMode: "CANNY_EDGE" })],
    ["a segmentation", nova, conditioned({ controlMode: "SEGMENTATION" })],
    [
      "colours with a reference",
      nova,
      {
        taskType: "COLOR_GUIDED_GENERATION",
        colorGuidedGenerationParams: colored,
        imageGenerationConfig: square,
      },
    ],
    ["a sketch", service("image-control-sketch"), { image: discImage, prompt }],
    ["a structure", service("image-control-structure"), { image: discImage, prompt }],
    ["a style transfer", service("style-transfer"), { init_image: discImage, style_image: style }],
  ])("stays in %s of %s, in other colours", async (_, modelId, body) => {
    const after = await edited(modelId, body)
    expect([after.width, after.height]).toEqual([512, 512])
    expect(outline(after)).toBeGreaterThan(40)
    expect(changedShare(disc, after, everywhere)).toBeGreaterThan(0.9)
  })

  test.each<readonly [string, (strength: number) => object]>([
    [nova, (controlStrength) => conditioned({ controlStrength })],
    [
      service("image-control-sketch"),
      (control_strength) => ({ image: discImage, prompt, seed: 1, control_strength }),
    ],
    [
      service("image-control-structure"),
      (control_strength) => ({ image: discImage, prompt, seed: 1, control_strength }),
    ],
  ])("of %s is the stronger, the more control there is", async (modelId, bodyWith) => {
    const [none, some, much] = [
      await edited(modelId, bodyWith(0)),
      await edited(modelId, bodyWith(0.4)),
      await edited(modelId, bodyWith(1)),
    ]
    expect(outline(none)).toBeLessThan(20)
    expect(outline(some)).toBeGreaterThan(outline(none) + 20)
    expect(outline(much)).toBeGreaterThan(outline(some) + 20)
  })
})

describe("strength", () => {
  test.each<readonly [string, string, (strength: number) => object, number, number, number]>([
    ["less similarity", nova, (similarity) => variation([discImage], similarity), 1, 0.6, 0.2],
    [
      "more strength",
      sd35,
      (strength) => ({ prompt, mode: "image-to-image", image: discImage, strength, seed: 1 }),
      0.1,
      0.5,
      1,
    ],
    [
      "more creativity",
      service("outpaint"),
      (creativity) => ({ image: discImage, left: 100, prompt, creativity, seed: 1 }),
      0.1,
      0.5,
      1,
    ],
    [
      "more style",
      service("style-transfer"),
      (style_strength) => ({ init_image: discImage, style_image: style, style_strength, seed: 1 }),
      0,
      0.5,
      1,
    ],
    [
      "less composition",
      service("style-transfer"),
      (fidelity) => ({
        init_image: discImage,
        style_image: style,
        composition_fidelity: fidelity,
        seed: 1,
      }),
      1,
      0.5,
      0,
    ],
    [
      "more fidelity",
      service("image-style-guide"),
      (fidelity) => ({ image: style, prompt, fidelity, seed: 1 }),
      0,
      0.5,
      1,
    ],
  ])("that is %s with %s leads further away", async (_, modelId, bodyWith, least, medium, most) => {
    const [first, second, third] = [
      await edited(modelId, bodyWith(least)),
      await edited(modelId, bodyWith(medium)),
      await edited(modelId, bodyWith(most)),
    ]
    expect(byteDistance(first, second)).toBeGreaterThan(2)
    expect(byteDistance(first, third)).toBeGreaterThan(byteDistance(first, second) + 2)
  })

  test("of SDXL keeps more of the picture with a higher value", async () => {
    const scene = rawOf(512, 512, ({ x, y }) => [x >> 1, y >> 1, 99])
    const init_image = await encoded(scene)
    const body = (more: object): object => ({
      text_prompts: [{ text: prompt }],
      init_image,
      seed: 1,
      ...more,
    })
    const [all, most, usual] = [
      await edited(sdxl, body({ image_strength: 1 })),
      await edited(sdxl, body({ image_strength: 0.9 })),
      await edited(sdxl, body({})),
    ]
    expect(byteDistance(scene, all)).toBe(0)
    expect(byteDistance(scene, most)).toBeLessThan(byteDistance(scene, usual) * 0.4)
    const stepped = (start: number) =>
      edited(sdxl, body({ init_image_mode: "STEP_SCHEDULE", step_schedule_start: start }))
    expect(byteDistance(usual, await stepped(0.65))).toBeLessThan(1)
    expect(byteDistance(most, await stepped(0.1))).toBeLessThan(1)
  })

  test("0 of SD3 keeps every pixel, 1 ignores the picture", async () => {
    const body = (input: string, strength: number): object => ({
      prompt,
      image: input,
      strength,
      seed: 1,
    })
    expect(changedShare(house, await edited(sd35, body(image, 0)), everywhere)).toBe(0)
    expect(
      byteDistance(
        await edited(sd35, body(discImage, 1)),
        await edited(sd35, body(await encoded(rawOf(512, 512, () => [0, 0, 0])), 1)),
      ),
    ).toBe(0)
  })
})

describe("background removal", () => {
  const bodies: readonly (readonly [string, object])[] = [
    [nova, { taskType: "BACKGROUND_REMOVAL", backgroundRemovalParams: { image } }],
    [titan, { taskType: "BACKGROUND_REMOVAL", backgroundRemovalParams: { image } }],
    [service("image-remove-background"), { image, output_format: "png" }],
  ]

  test.each(bodies)(
    "by %s makes the background transparent and keeps the subject",
    async (modelId, body) => {
      const after = await edited(modelId, body)
      const before = rawOf(house.width, house.height, (spot) => [
        ...pixelAt(house, spot),
        inSubject(spot) ? 255 : 0,
      ])
      expect(after.channels).toBe(4)
      expect(changedShare(before, after, everywhere)).toBe(0)
    },
  )

  test("keeps and removes a part even of a picture of one colour", async () => {
    const flat = await encoded(rawOf(320, 320, () => [9, 99, 199]))
    const after = await edited(nova, {
      taskType: "BACKGROUND_REMOVAL",
      backgroundRemovalParams: { image: flat },
    })
    const kept =
      after.data.filter((value, index) => index % 4 === 3 && value === 255).length / (320 * 320)
    expect(kept).toBeGreaterThan(0.3)
    expect(kept).toBeLessThan(0.7)
  })
})

describe("an extended canvas", () => {
  test("grows by its margins, with the picture unchanged in its place", async () => {
    const after = await edited(service("outpaint"), { image, left: 30, right: 7, up: 50, down: 0 })
    expect([after.width, after.height]).toEqual([house.width + 37, house.height + 50])
    expect(changedShare(house, after, everywhere, { x: 30, y: 50 })).toBe(0)
    expect(changedShare(house, after, everywhere, { x: 29, y: 50 })).toBeGreaterThan(0.3)
  })
})

describe("the size", () => {
  test("of a style transfer is the initial picture's, of a style guide the ratio's", () => {
    const context = { model: "", task: "", randomSeed: () => 1 }
    const transfer = { init_image: pngOf(300, 200), style_image: pngOf(90, 90) }
    const guide = { image: pngOf(64, 64), aspect_ratio: "16:9" }
    expect(serviceFamily("style-transfer").drawings(transfer, context)).toMatchObject([
      { width: 300, height: 200 },
    ])
    expect(serviceFamily("style-guide").drawings(guide, context)).toMatchObject([
      { width: 1344, height: 768 },
    ])
  })
})

describe("upscaling", () => {
  test("by the fast service gives four times four pixels for each", async () => {
    const small = rawOf(40, 36, ({ x, y }) => [x * 6, y * 7, (x * y) % 256])
    const after = await edited(service("fast-upscale"), { image: await encoded(small) })
    expect([after.width, after.height]).toEqual([160, 144])
    const reduced = rawOf(40, 36, ({ x, y }) => pixelAt(after, { x: x * 4 + 2, y: y * 4 + 2 }))
    expect(changedShare(small, reduced, ({ y }) => y < 24)).toBe(0)
  })

  test.each([
    ["creative-upscale", 64, 405],
    ["creative-upscale", 512, 2880],
    ["conservative-upscale", 1024, 2880],
    ["conservative-upscale", 2800, 3080],
    ["conservative-upscale", 3072, 3379],
  ] as const)("come from the %s service: %i on a side become %i", (name, side, expected) => {
    const [drawing] = serviceFamily(name).drawings(
      { image: pngOf(side, side), prompt },
      { model: "", task: "", randomSeed: () => 1 },
    )
    expect([drawing?.width, drawing?.height]).toEqual([expected, expected])
  })

  test("changes the colours at a high creativity", async () => {
    const input = await encoded(rawOf(64, 64, ({ x, y }) => [x * 4, y * 4, 90]))
    const upscaled = (creativity: number): Promise<Raw> =>
      edited(service("creative-upscale"), { image: input, prompt, creativity, seed: 1 })
    const [least, some, most] = [await upscaled(0.1), await upscaled(0.3), await upscaled(0.5)]
    expect(most).toMatchObject({ width: 405, height: 405 })
    expect(byteDistance(least, most)).toBeGreaterThan(byteDistance(least, some) + 2)
  })
})

describe("several pictures", () => {
  const shoes = { maskType: "GARMENT", garmentBasedMask: { garmentClass: "SHOES" } }

  test.each<readonly [string, string, object]>([
    ["filled", "INPAINTING", { inPaintingParams: { image, maskPrompt: "block", text: prompt } }],
    ["erased", "INPAINTING", { inPaintingParams: { image, maskPrompt: "block" } }],
    [
      "extended",
      "OUTPAINTING",
      { outPaintingParams: { image, maskPrompt: "block", text: prompt } },
    ],
    [
      "dressed",
      "VIRTUAL_TRY_ON",
      { virtualTryOnParams: { sourceImage: image, referenceImage: style, ...shoes } },
    ],
  ])("that are %s are different ones, and the same every time", async (_, taskType, parameters) => {
    const body = { taskType, ...parameters, imageGenerationConfig: { numberOfImages: 3, seed: 4 } }
    const [first, second] = [await edit(nova, body), await edit(nova, body)]
    expect(first.text).toBe(second.text)
    expect(new Set(first.images.map(({ data }) => Buffer.from(data).toString("base64"))).size).toBe(
      3,
    )
  })

  test("that vary one picture differ", async () => {
    const varied = {
      taskType: "IMAGE_VARIATION",
      imageVariationParams: { images: [image], similarityStrength: 0.2 },
    }
    const { images } = await edit(nova, {
      ...varied,
      imageGenerationConfig: { width: 320, height: 320, numberOfImages: 2 },
    })
    expect(byteDistance(images[0] ?? house, images[1] ?? house)).toBeGreaterThan(2)
  })

  test("as input give the second one's colours in the first one's outline", async () => {
    const [alone, both] = [
      await edited(nova, variation([discImage], 0.2)),
      await edited(nova, variation([discImage, style], 0.2)),
    ]
    expect(outline(both)).toBeGreaterThan(40)
    expect(byteDistance(alone, both)).toBeGreaterThan(5)
  })
})
