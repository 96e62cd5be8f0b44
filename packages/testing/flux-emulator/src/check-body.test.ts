import type { JsonObject } from "@pictor/emulator-kit"
import { beforeAll, describe, expect, it } from "vitest"
import { encoded, mask, plain } from "./__fixtures__/pictures.ts"
import { checkBody } from "./check-body.ts"
import { type EndpointName, isEndpoint, schemas } from "./schemas.ts"

let small: string
let holed: string
let halfMask: string
let largeMask: string
let flat: string

beforeAll(async () => {
  small = await plain(256, 256, [90, 120, 40])
  holed = await encoded({
    width: 64,
    height: 64,
    data: new Uint8Array(64 * 64 * 3),
    alpha: Uint8Array.from({ length: 64 * 64 }, (_, index) => (index < 640 ? 0 : 255)),
  })
  halfMask = await mask(256, 256, (x) => x < 128)
  largeMask = await mask(256, 257, () => true)
  flat = await plain(4096, 1025, [0, 0, 0])
})

const url = "https://example.com/a.png"

/** The smallest body of each endpoint. */
const smallest: { readonly [name in EndpointName]: JsonObject } = {
  "flux-2-pro": { prompt: "Fog" },
  "flux-2-pro-preview": { prompt: "Fog" },
  "flux-2-max": { prompt: "Fog" },
  "flux-2-flex": { prompt: "Fog" },
  "flux-2-klein-4b": { prompt: "Fog" },
  "flux-2-klein-9b": { prompt: "Fog" },
  "flux-2-klein-9b-preview": { prompt: "Fog" },
  "flux-3-image": { prompt: "Fog" },
  "flux-kontext-pro": { prompt: "Fog" },
  "flux-kontext-max": { prompt: "Fog" },
  "flux-pro-1.1": {},
  "flux-dev": {},
  "flux-pro-1.1-ultra": {},
  "flux-pro-1.0-fill": { image: url, mask: url },
  "flux-pro-1.0-expand": { image: url },
  "flux-tools/outpainting-v1": { input_image: url, width: 1200, height: 1100 },
  "flux-tools/erase-v1": { image: url, mask: url },
  "flux-tools/vto-v1": { prompt: "Fog", person: url, garment: url },
  "flux-tools/vto-v2": { prompt: "Fog", person: url, garment: url },
  "flux-tools/deblur-v1": { image: url },
}

const names = Object.keys(schemas).filter(isEndpoint)

describe.each(names)("%s", (name) => {
  it("accepts its smallest body", async () => {
    expect(await checkBody(name, smallest[name])).toEqual([])
  })

  it("rejects an extra key", async () => {
    expect(await checkBody(name, { ...smallest[name], negative_prompt: "rain" })).toEqual([
      {
        loc: ["body", "negative_prompt"],
        msg: "Extra inputs are not permitted",
        type: "extra_forbidden",
      },
    ])
  })

  it("rejects a body without a required key", async () => {
    for (const key of schemas[name]["required"] as readonly string[]) {
      const { [key]: _, ...rest } = smallest[name]
      expect(await checkBody(name, rest)).toContainEqual({
        loc: ["body", key],
        msg: "Field required",
        type: "missing",
      })
    }
  })
})

const accepted: readonly (readonly [EndpointName, () => JsonObject])[] = [
  ["flux-2-pro", () => ({ width: 2048, height: 2048, seed: 0, safety_tolerance: 0 })],
  ["flux-2-pro", () => ({ width: 64, height: 65_536, output_format: "webp", disable_pup: true })],
  ["flux-2-max", () => ({ input_image: small, input_image_8: `data:image/png;base64,${small}` })],
  ["flux-2-flex", () => ({ steps: 1, guidance: 1.5, prompt_upsampling: false })],
  ["flux-2-klein-4b", () => ({ input_image_4: small, user: "kim", webhook_url: "https://a.b/c" })],
  ["flux-3-image", () => ({ images: Array(10).fill(small), resolution: "4k", version: "latest" })],
  ["flux-3-image", () => ({ aspect_ratio: "auto", grounding: false, safety_tolerance: 4 })],
  ["flux-kontext-pro", () => ({ aspect_ratio: "21:9", safety_tolerance: 6 })],
  ["flux-kontext-max", () => ({ aspect_ratio: "9:21", input_image_4: small })],
  ["flux-pro-1.1", () => ({ prompt: "", width: 256, height: 1440 })],
  ["flux-dev", () => ({ steps: 50, guidance: 5 })],
  ["flux-pro-1.1-ultra", () => ({ raw: true, image_prompt: small, image_prompt_strength: 0 })],
  ["flux-pro-1.0-fill", () => ({ image: small, mask: halfMask, steps: 15, guidance: 100 })],
  ["flux-pro-1.0-expand", () => ({ top: 0, bottom: 2048, left: 2048, right: 0 })],
  [
    "flux-tools/outpainting-v1",
    () => ({
      input_image: small,
      reference_offset_x: -255,
      reference_offset_y: 1099,
      mode: "fast",
    }),
  ],
  ["flux-tools/erase-v1", () => ({ dilate_pixels: 0, seed: 4_294_967_295 })],
]

const rejected: readonly (readonly [
  name: EndpointName,
  field: string,
  type: string,
  body: () => JsonObject,
])[] = [
  ["flux-2-pro", "width", "greater_than_equal", () => ({ width: 48 })],
  ["flux-2-pro", "height", "multiple_of", () => ({ height: 1000 })],
  ["flux-2-pro", "width", "int_type", () => ({ width: "1024" })],
  ["flux-2-pro", "width", "int_from_float", () => ({ width: 1024.5 })],
  ["flux-2-pro", "width", "value_error", () => ({ width: 2048, height: 2064 })],
  ["flux-2-pro", "safety_tolerance", "less_than_equal", () => ({ safety_tolerance: 6 })],
  ["flux-2-pro", "seed", "int_type", () => ({ seed: null })],
  ["flux-2-pro", "seed", "greater_than_equal", () => ({ seed: -1 })],
  ["flux-2-pro", "output_format", "literal_error", () => ({ output_format: "gif" })],
  ["flux-2-pro", "disable_pup", "bool_type", () => ({ disable_pup: "true" })],
  ["flux-2-pro", "prompt", "string_type", () => ({ prompt: 1 })],
  ["flux-2-pro", "steps", "extra_forbidden", () => ({ steps: 20 })],
  ["flux-2-pro", "prompt_upsampling", "extra_forbidden", () => ({ prompt_upsampling: true })],
  ["flux-2-pro", "input_image_9", "extra_forbidden", () => ({ input_image_9: small })],
  ["flux-2-pro", "input_image", "value_error", () => ({ input_image: "bm8gcGljdHVyZQ==" })],
  ["flux-2-pro", "input_image", "value_error", () => ({ input_image: small.slice(0, 120) })],
  ["flux-2-flex", "steps", "less_than_equal", () => ({ steps: 51 })],
  ["flux-2-flex", "guidance", "less_than_equal", () => ({ guidance: 10.1 })],
  ["flux-2-flex", "guidance", "float_type", () => ({ guidance: "3" })],
  ["flux-2-flex", "disable_pup", "extra_forbidden", () => ({ disable_pup: true })],
  ["flux-2-klein-9b", "input_image_5", "extra_forbidden", () => ({ input_image_5: small })],
  ["flux-2-klein-9b", "disable_pup", "extra_forbidden", () => ({ disable_pup: true })],
  ["flux-2-klein-9b", "webhook_url", "string_pattern_mismatch", () => ({ webhook_url: "ftp:" })],
  ["flux-3-image", "seed", "extra_forbidden", () => ({ seed: 1 })],
  ["flux-3-image", "width", "extra_forbidden", () => ({ width: 1024 })],
  ["flux-3-image", "resolution", "literal_error", () => ({ resolution: "2K" })],
  ["flux-3-image", "aspect_ratio", "literal_error", () => ({ aspect_ratio: "3:1" })],
  ["flux-3-image", "images", "too_short", () => ({ images: [] })],
  ["flux-3-image", "images", "too_long", () => ({ images: Array(11).fill(small) })],
  ["flux-3-image", "images", "list_type", () => ({ images: small })],
  ["flux-3-image", "images.1", "value_error", () => ({ images: [small, holed] })],
  ["flux-3-image", "safety_tolerance", "less_than_equal", () => ({ safety_tolerance: 5 })],
  ["flux-kontext-pro", "aspect_ratio", "value_error", () => ({ aspect_ratio: "22:9" })],
  ["flux-kontext-pro", "aspect_ratio", "value_error", () => ({ aspect_ratio: "9:22" })],
  [
    "flux-kontext-pro",
    "aspect_ratio",
    "string_pattern_mismatch",
    () => ({ aspect_ratio: "square" }),
  ],
  ["flux-kontext-pro", "width", "extra_forbidden", () => ({ width: 1024 })],
  ["flux-pro-1.1", "width", "multiple_of", () => ({ width: 272 })],
  ["flux-pro-1.1", "width", "less_than_equal", () => ({ width: 1472 })],
  ["flux-pro-1.1", "steps", "extra_forbidden", () => ({ steps: 20 })],
  ["flux-dev", "guidance", "less_than_equal", () => ({ guidance: 5.5 })],
  [
    "flux-pro-1.1-ultra",
    "image_prompt_strength",
    "less_than_equal",
    () => ({ image_prompt_strength: 1.1 }),
  ],
  ["flux-pro-1.0-fill", "mask", "value_error", () => ({ image: small, mask: largeMask })],
  ["flux-pro-1.0-fill", "steps", "greater_than_equal", () => ({ steps: 14 })],
  ["flux-pro-1.0-expand", "left", "less_than_equal", () => ({ left: 2049 })],
  [
    "flux-pro-1.0-expand",
    "image",
    "value_error",
    () => ({ image: flat, top: 2048, bottom: 2048, left: 2048, right: 2048 }),
  ],
  ["flux-tools/outpainting-v1", "seed", "extra_forbidden", () => ({ seed: 1 })],
  [
    "flux-tools/outpainting-v1",
    "webhook_url",
    "extra_forbidden",
    () => ({ webhook_url: "https://a.b/c" }),
  ],
  ["flux-tools/outpainting-v1", "width", "greater_than_equal", () => ({ width: 63 })],
  ["flux-tools/outpainting-v1", "width", "value_error", () => ({ width: 4096, height: 1025 })],
  ["flux-tools/outpainting-v1", "mode", "literal_error", () => ({ mode: "slow" })],
  [
    "flux-tools/outpainting-v1",
    "reference_offset_x",
    "value_error",
    () => ({ reference_offset_x: 1200 }),
  ],
  [
    "flux-tools/outpainting-v1",
    "reference_offset_y",
    "value_error",
    () => ({ input_image: small, reference_offset_y: -256 }),
  ],
  ["flux-tools/erase-v1", "dilate_pixels", "less_than_equal", () => ({ dilate_pixels: 26 })],
  ["flux-tools/erase-v1", "prompt", "extra_forbidden", () => ({ prompt: "Fog" })],
  ["flux-tools/erase-v1", "mask", "value_error", () => ({ image: small, mask: largeMask })],
  ["flux-tools/vto-v2", "person", "value_error", () => ({ person: flat })],
  ["flux-tools/deblur-v1", "prompt", "extra_forbidden", () => ({ prompt: "Fog" })],
]

describe("checkBody", () => {
  it.each(accepted)("accepts for %s %o", async (name, body) => {
    expect(await checkBody(name, { ...smallest[name], ...body() })).toEqual([])
  })

  it.each(rejected)("rejects for %s %s as %s", async (name, field, type, body) => {
    const loc = ["body", ...field.split(".").map((step) => (step === "1" ? 1 : step))]
    expect(await checkBody(name, { ...smallest[name], ...body() })).toMatchObject([{ loc, type }])
  })

  it("accepts a person beyond four megapixels for the first try-on alone", async () => {
    const body = { ...smallest["flux-tools/vto-v1"], person: flat }
    expect(await checkBody("flux-tools/vto-v1", body)).toEqual([])
  })

  it("accepts transparency in place of a mask, and neither is an error", async () => {
    expect(await checkBody("flux-pro-1.0-fill", { image: holed })).toEqual([])
    expect(await checkBody("flux-pro-1.0-fill", { image: small })).toMatchObject([
      { loc: ["body", "mask"], type: "value_error" },
    ])
  })

  it("rejects a body that is not an object", async () => {
    expect(await checkBody("flux-2-pro", [])).toMatchObject([
      { loc: ["body"], type: "model_attributes_type" },
    ])
  })

  it("limits the base64 of FLUX 3 to 20 MiB", async () => {
    const images = [small.slice(0, 120).padEnd(20_971_524, "A")]
    expect(await checkBody("flux-3-image", { prompt: "Fog", images })).toMatchObject([
      { loc: ["body", "images", 0], msg: expect.stringContaining("20971520 base64 characters") },
    ])
  })

  it("gives one reason for each value", async () => {
    expect(await checkBody("flux-2-pro", { prompt: "Fog", width: 1.5 })).toHaveLength(1)
  })

  it("words its reasons as the API's framework does", async () => {
    const body = { prompt: "Fog", output_format: "gif", seed: 1.5, width: 60, height: 72 }
    expect((await checkBody("flux-2-klein-4b", body)).map(({ msg }) => msg)).toEqual(
      expect.arrayContaining([
        "Input should be 'jpeg', 'png' or 'webp'",
        "Input should be a valid integer, got a number with a fractional part",
        "Input should be greater than or equal to 64",
        "Input should be a multiple of 16",
      ]),
    )
    expect(await checkBody("flux-3-image", { prompt: "Fog", images: [] })).toMatchObject([
      { msg: "List should have at least 1 item after validation, not 0" },
    ])
  })
})
