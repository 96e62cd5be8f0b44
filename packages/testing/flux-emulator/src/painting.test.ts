import { decode, type JsonObject, type Pixels } from "@pictor/emulator-kit"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { picture } from "./__fixtures__/client.ts"
import { differences, encoded, mask, plain, scene } from "./__fixtures__/pictures.ts"
import { createFluxEmulator, type FluxEmulator } from "./emulator.ts"
import type { EndpointName } from "./schemas.ts"

let emulator: FluxEmulator
let harbour: string
let red: string

beforeAll(async () => {
  emulator = await createFluxEmulator({ pendingPolls: 0 })
  harbour = await scene(256, 192)
  red = await plain(64, 64, [220, 10, 20])
})

afterAll(() => emulator.close())

const pixelsOf = async (base64: string): Promise<Pixels> => {
  const pixels = await decode(base64)
  if (pixels === undefined) throw new Error("Not a picture")
  return pixels
}

const draw = async (endpoint: EndpointName, body: JsonObject): Promise<Pixels> =>
  (await picture(emulator, endpoint, { output_format: "png", ...body })).pixels

const pixelAt = ({ data, width }: Pixels, x: number, y: number): readonly number[] => [
  ...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
]

describe("the size and format of a result", () => {
  const sizes: readonly (readonly [EndpointName, JsonObject, number, number, string])[] = [
    ["flux-2-pro", {}, 1024, 1024, "jpeg"],
    ["flux-2-pro", { width: 320, height: 64, output_format: "png" }, 320, 64, "png"],
    ["flux-2-pro", { width: 320, output_format: "webp" }, 320, 1024, "webp"],
    ["flux-3-image", { resolution: "768sq" }, 768, 768, "jpeg"],
    ["flux-3-image", { resolution: "768sq", aspect_ratio: "16:9" }, 1024, 576, "jpeg"],
    ["flux-3-image", { aspect_ratio: "9:21" }, 672, 1568, "jpeg"],
    ["flux-3-image", { resolution: "4k" }, 4096, 4096, "jpeg"],
    ["flux-kontext-pro", {}, 1024, 1024, "png"],
    ["flux-kontext-max", { aspect_ratio: "21:9" }, 1568, 672, "png"],
    ["flux-pro-1.1", {}, 1024, 768, "jpeg"],
    ["flux-dev", { width: 256, height: 1440 }, 256, 1440, "jpeg"],
    ["flux-pro-1.1-ultra", {}, 2736, 1536, "jpeg"],
    ["flux-pro-1.1-ultra", { aspect_ratio: "1:1" }, 2048, 2048, "jpeg"],
  ]

  it.each(sizes)("of %s %j is %ix%i %s", async (endpoint, body, width, height, format) => {
    const { type, pixels } = await picture(emulator, endpoint, { prompt: "Fog", ...body })
    expect([pixels.width, pixels.height, type]).toEqual([width, height, `image/${format}`])
  })

  it.each<readonly [EndpointName, string, number, number]>([
    ["flux-2-pro", "input_image", 256, 192],
    ["flux-kontext-pro", "input_image", 1184, 880],
    ["flux-pro-1.0-fill", "image", 256, 192],
    ["flux-tools/vto-v2", "person", 256, 192],
    ["flux-tools/erase-v1", "image", 256, 192],
    ["flux-tools/deblur-v1", "image", 256, 192],
  ])("of %s follows %s", async (endpoint, field, width, height) => {
    const further: JsonObject =
      endpoint === "flux-tools/vto-v2" ? { prompt: "Fog", garment: red } : {}
    const prompt = /kontext|flux-2/.test(endpoint) ? { prompt: "Fog" } : {}
    const masked = /fill|erase/.test(endpoint) ? { mask: harbour } : {}
    const pixels = await draw(endpoint, { ...further, ...prompt, ...masked, [field]: harbour })
    expect([pixels.width, pixels.height]).toEqual([width, height])
  })

  it.each([
    [100, 79, 96, 64],
    [40, 200, 64, 192],
    [3000, 2000, 2496, 1664],
  ])("of FLUX.2 is an input of %ix%i in multiples of 16", async (width, height, ...fitted) => {
    const input_image = await plain(width, height, [1, 2, 3])
    const { width: w, height: h } = await draw("flux-2-pro", { prompt: "Fog", input_image })
    expect([w, h]).toEqual(fitted)
  })

  it("of FLUX 3 follows the first picture where the ratio is auto", async () => {
    const { pixels } = await picture(emulator, "flux-3-image", {
      prompt: "Fog",
      images: [await plain(512, 256, [1, 2, 3])],
      aspect_ratio: "auto",
      resolution: "768sq",
    })
    expect([pixels.width, pixels.height]).toEqual([1088, 544])
  })
})

describe("a picture", () => {
  const body = { prompt: "Fog", width: 128, height: 128, seed: 1 }

  it("is equal for equal requests", async () => {
    expect(await draw("flux-2-flex", body)).toEqual(await draw("flux-2-flex", body))
  })

  it.each<JsonObject>([
    { prompt: "A harbour" },
    { seed: 2 },
    { steps: 20 },
    { guidance: 4 },
    { prompt_upsampling: true },
  ])("differs with %j", async (change) => {
    const [before, after] = [
      await draw("flux-2-flex", body),
      await draw("flux-2-flex", { ...body, ...change }),
    ]
    expect(differences(before, after).length).toBeGreaterThan(500)
  })

  it("stands for a URL", async () => {
    const [one, two] = ["https://example.com/1.png", "https://example.com/2.png"]
    const [first, again, second] = [
      await draw("flux-2-pro", { ...body, input_image: one }),
      await draw("flux-2-pro", { ...body, input_image: one }),
      await draw("flux-2-pro", { ...body, input_image: two }),
    ]
    expect(again).toEqual(first)
    expect(differences(first, second).length).toBeGreaterThan(500)
  })
})

describe("an edit by words", () => {
  it("shows the given picture, changed", async () => {
    const input = await pixelsOf(harbour)
    const body = { prompt: "In autumn", input_image: harbour, seed: 1 }
    const edited = await draw("flux-2-pro", body)
    expect(differences(input, edited).length).toBeGreaterThan(10_000)
    const other = await draw("flux-2-pro", { ...body, input_image: await scene(256, 192, "Hills") })
    expect(differences(edited, other).length).toBeGreaterThan(10_000)
  })

  it("takes the colours of a second picture", async () => {
    const body = { prompt: "In autumn", input_image: harbour, seed: 1 }
    const [one, two] = [
      await draw("flux-2-pro", body),
      await draw("flux-2-pro", { ...body, input_image_2: red }),
    ]
    expect(differences(one, two).length).toBeGreaterThan(10_000)
  })
})

describe("a mask", () => {
  const isChanged = (x: number, y: number): boolean => x >= 64 && x < 192 && y >= 48 && y < 144

  it.each<EndpointName>(["flux-pro-1.0-fill", "flux-tools/erase-v1"])(
    "of %s limits the change to its white part",
    async (endpoint) => {
      const input = await pixelsOf(harbour)
      const prompt = endpoint === "flux-pro-1.0-fill" ? { prompt: "A red boat" } : {}
      const changed = differences(
        input,
        await draw(endpoint, {
          image: harbour,
          mask: await mask(256, 192, isChanged),
          seed: 1,
          ...prompt,
        }),
      )
      expect(changed.length).toBeGreaterThan(4000)
      expect(changed.filter(([x, y]) => !isChanged(x, y))).toEqual([])
    },
  )

  it("may be the transparent part of the picture", async () => {
    const input = await pixelsOf(harbour)
    const alpha = Uint8Array.from({ length: 256 * 192 }, (_, index) =>
      isChanged(index % 256, Math.floor(index / 256)) ? 0 : 255,
    )
    const filled = await draw("flux-pro-1.0-fill", { image: await encoded({ ...input, alpha }) })
    const changed = differences(input, filled)
    expect(changed.length).toBeGreaterThan(4000)
    expect(changed.filter(([x, y]) => !isChanged(x, y))).toEqual([])
  })

  it("is widened by dilate_pixels", async () => {
    const input = await pixelsOf(harbour)
    const erase = { image: harbour, mask: await mask(256, 192, isChanged), dilate_pixels: 10 }
    const changed = differences(input, await draw("flux-tools/erase-v1", erase))
    const beyond = changed.filter(([x, y]) => !isChanged(x, y))
    expect(beyond.length).toBeGreaterThan(500)
    expect(beyond.every(([x, y]) => x >= 54 && x < 202 && y >= 38 && y < 154)).toBe(true)
  })
})

describe("a larger canvas", () => {
  /** Where the input lies unchanged on the canvas. */
  const expectAt = (canvas: Pixels, input: Pixels, left: number, top: number): void => {
    for (const [x, y] of [
      [0, 0],
      [255, 0],
      [0, 191],
      [255, 191],
      [128, 96],
    ] as const) {
      if (x + left < 0 || y + top < 0 || x + left >= canvas.width || y + top >= canvas.height)
        continue
      expect(pixelAt(canvas, x + left, y + top)).toEqual(pixelAt(input, x, y))
    }
  }

  it("has the margins of expand", async () => {
    const margins = { left: 40, right: 24, top: 8, bottom: 0 }
    const canvas = await draw("flux-pro-1.0-expand", { image: harbour, ...margins })
    expect([canvas.width, canvas.height]).toEqual([320, 200])
    expectAt(canvas, await pixelsOf(harbour), 40, 8)
  })

  it.each<readonly [string, JsonObject, number, number]>([
    ["in the middle", {}, 32, 24],
    ["at its offset", { reference_offset_x: 0, reference_offset_y: 48 }, 0, 48],
    ["cut at a negative offset", { reference_offset_x: -100, reference_offset_y: -20 }, -100, -20],
    ["cut at the far side", { reference_offset_x: 200, reference_offset_y: 100 }, 200, 100],
  ])("of outpainting has the picture %s", async (_, offsets, left, top) => {
    const body = { input_image: harbour, width: 320, height: 240, ...offsets }
    const canvas = await draw("flux-tools/outpainting-v1", body)
    expect([canvas.width, canvas.height]).toEqual([320, 240])
    expectAt(canvas, await pixelsOf(harbour), left, top)
  })

  it("of outpainting may be smaller than the picture", async () => {
    const body = { input_image: harbour, width: 100, height: 80 }
    const canvas = await draw("flux-tools/outpainting-v1", body)
    expect([canvas.width, canvas.height]).toEqual([100, 80])
  })
})

describe("a try-on", () => {
  it.each<EndpointName>(["flux-tools/vto-v1", "flux-tools/vto-v2"])(
    "of %s puts the garment on the person, and keeps the rest",
    async (endpoint) => {
      const person = await pixelsOf(harbour)
      const dressed = await draw(endpoint, {
        prompt: "The person wears the shirt",
        person: harbour,
        garment: red,
      })
      const [r = 0, g = 0, b = 0] = pixelAt(dressed, 128, 60)
      expect(r - Math.max(g, b)).toBeGreaterThan(60)
      const changed = differences(person, dressed)
      expect(changed.length).toBeGreaterThan(3000)
      expect(changed.every(([x, y]) => x >= 70 && x <= 186 && y >= 37 && y <= 105)).toBe(true)
    },
  )
})

describe("deblurring", () => {
  it("makes edges harder", async () => {
    const data = Uint8Array.from({ length: 64 * 64 * 3 }, (_, index) => {
      const x = Math.floor(index / 3) % 64
      return Math.min(200, Math.max(50, 50 + (x - 24) * 10))
    })
    const image = await encoded({ width: 64, height: 64, data })
    const sharp = await draw("flux-tools/deblur-v1", { image })
    const [dark = 0] = pixelAt(sharp, 25, 10)
    const [light = 0] = pixelAt(sharp, 38, 10)
    expect(light - dark).toBeGreaterThan(130)
  })
})
