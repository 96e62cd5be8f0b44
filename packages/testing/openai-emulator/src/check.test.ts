import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { dataUrl, mask, opaquePng, photo, pngOf } from "./__fixtures__/images.ts"
import { checkBody } from "./check.ts"
import type { PreviewFormat } from "./rules.ts"

const model = "gpt-image-2.5-sunburst"
const prompt = "A tea garden"
const base = { model, prompt }
const images = [{ image_url: dataUrl(photo) }]

const check = async (
  body: object,
  operation: "generations" | "edits" = "generations",
  access: readonly PreviewFormat[] = [],
): Promise<string> => {
  const [first] = await checkBody(operation, body, { access })
  return first === undefined ? "accepted" : `${first.param} ${first.code}`
}

const form = (fields: Readonly<Record<string, string | File | readonly File[]>>): FormData => {
  const data = new FormData()
  for (const [name, value] of Object.entries(fields))
    for (const part of Array.isArray(value) ? value : [value]) data.append(name, part)
  return data
}

const png = (bytes: Buffer, type = "image/png"): File =>
  new File([new Uint8Array(bytes)], "a.png", { type })

describe("checkBody of generations", () => {
  it.each<readonly [object]>([
    [base],
    [{ ...base, n: 10, quality: "max", complexity: "high", moderation: "low" }],
    [{ ...base, size: "auto", quality: "auto", background: "auto", output_format: null }],
    [{ ...base, size: "3840x2160" }],
    [{ ...base, size: "1536x864" }],
    [{ ...base, size: "640x1024" }],
    [{ ...base, model: "gpt-image-2", size: "2160x3840" }],
    [{ ...base, background: "transparent", output_format: "webp", output_compression: 0 }],
    [{ ...base, output_format: "jpeg", output_compression: 100 }],
    [{ ...base, stream: true, partial_images: 3 }],
    [{ ...base, safety_identifier: "hash", user: "hash" }],
    [{ ...base, prompt: "x".repeat(32_000) }],
    [{ ...base, model: "gpt-image-1.5", size: "1536x1024", quality: "high" }],
  ])("accepts %j", async (body) => {
    expect(await check(body)).toBe("accepted")
  })

  it.each<readonly [string, object]>([
    ["response_format unknown_parameter", { ...base, response_format: "b64_json" }],
    ["style unknown_parameter", { ...base, style: "vivid" }],
    ["seed unknown_parameter", { ...base, seed: 1 }],
    ["input_fidelity unknown_parameter", { ...base, input_fidelity: "high" }],
    ["prompt missing_required_parameter", { model }],
    ["prompt empty_string", { ...base, prompt: "" }],
    ["prompt string_above_max_length", { ...base, prompt: "x".repeat(32_001) }],
    ["prompt invalid_type", { ...base, prompt: 1 }],
    ["model model_not_found", { ...base, model: "gpt-image-9" }],
    ["model model_not_found", { ...base, model: "gpt-image-1" }],
    ["model model_not_found", { prompt }],
    ["n integer_below_min_value", { ...base, n: 0 }],
    ["n integer_above_max_value", { ...base, n: 11 }],
    ["n invalid_type", { ...base, n: "2" }],
    ["n invalid_type", { ...base, n: 1.5 }],
    ["quality invalid_value", { ...base, quality: "hd" }],
    ["quality invalid_value", { ...base, model: "gpt-image-2", quality: "xhigh" }],
    ["complexity invalid_value", { ...base, complexity: "max" }],
    ["moderation invalid_value", { ...base, moderation: "high" }],
    ["background invalid_value", { ...base, background: "transparent", output_format: "jpeg" }],
    ["output_compression invalid_value", { ...base, output_compression: 50 }],
    ["output_compression integer_above_max_value", { ...base, output_compression: 101 }],
    ["partial_images integer_above_max_value", { ...base, stream: true, partial_images: 4 }],
    ["size invalid_value", { ...base, size: "1000x1000" }],
    ["size invalid_value", { ...base, size: "3072x1008" }],
    ["size invalid_value", { ...base, size: "3856x2160" }],
    ["size invalid_value", { ...base, size: "3840x2176" }],
    ["size invalid_value", { ...base, size: "800x800" }],
    ["size invalid_value", { ...base, size: "1024" }],
    ["size invalid_value", { ...base, model: "gpt-image-1.5", size: "1536x864" }],
    ["output_format invalid_value", { ...base, output_format: "gif" }],
    ["output_format invalid_value", { ...base, output_format: "bmp" }],
    ["frame_count invalid_value", { ...base, frame_count: 4 }],
    ["svg invalid_value", { ...base, svg: { model: "gpt-6" } }],
    ["images unknown_parameter", { ...base, images }],
    ["null unsupported_content_type", form({ prompt })],
  ])("reports %s", async (expected, body) => {
    expect(await check(body)).toBe(expected)
  })

  it.each<readonly [string, object]>([
    ["accepted", { output_format: "gif", frame_count: 16, frame_duration_ms: 200 }],
    ["accepted", { output_format: "svg", svg: { model: "gpt-6", reasoning: { effort: "low" } } }],
    ["frame_count integer_above_max_value", { output_format: "gif", frame_count: 17 }],
    ["stream invalid_value", { output_format: "gif", stream: true }],
    ["output_compression invalid_value", { output_format: "gif", output_compression: 1 }],
    ["background invalid_value", { output_format: "gif", background: "transparent" }],
    ["n invalid_value", { output_format: "svg", n: 2 }],
    ["svg.effort unknown_parameter", { output_format: "svg", svg: { effort: "low" } }],
    ["output_format invalid_value", { output_format: "gif", model: "gpt-image-1.5" }],
  ])("with access to gif and svg reports %s for %j", async (expected, fields) => {
    expect(await check({ ...base, ...fields }, "generations", ["gif", "svg"])).toBe(expected)
  })

  it("agrees with the documented limits of a size", async () => {
    const side = fc.integer({ min: 1, max: 4200 })
    const grid = fc.integer({ min: 1, max: 260 }).map((steps) => steps * 16)
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.tuple(side, side), fc.tuple(grid, grid)), async ([w, h]) => {
        const fits =
          w % 16 === 0 &&
          h % 16 === 0 &&
          Math.max(w, h) <= 3840 &&
          w <= 3 * h &&
          h <= 3 * w &&
          w * h >= 655_360 &&
          w * h <= 8_294_400
        expect((await check({ ...base, size: `${w}x${h}` })) === "accepted").toBe(fits)
      }),
      { seed: 1, numRuns: 500 },
    )
  })
})

describe("checkBody of edits", () => {
  const edit = { ...base, images }

  it.each<readonly [object]>([
    [edit],
    [{ ...edit, mask: { image_url: dataUrl(mask) } }],
    [{ ...edit, markup: { image_url: dataUrl(mask) } }],
    [{ ...edit, images: Array.from({ length: 16 }, () => images[0]) }],
    [{ ...edit, model: "gpt-image-1.5", input_fidelity: "high" }],
    [form({ model, prompt, image: png(photo), mask: png(mask), n: "2", stream: "true" })],
    [form({ model, prompt, "image[]": [png(photo), png(photo)], "svg[model]": "a" })],
  ])("accepts body %#", async (body) => {
    const reported = await check(body, "edits")
    expect(["accepted", "svg invalid_value"]).toContain(reported)
  })

  it.each<readonly [string, object]>([
    ["image missing_required_parameter", base],
    ["image missing_required_parameter", form({ model, prompt })],
    [
      "images array_above_max_length",
      { ...edit, images: Array.from({ length: 17 }, () => images[0]) },
    ],
    ["images array_below_min_length", { ...edit, images: [] }],
    ["moderation unknown_parameter", { ...edit, moderation: "low" }],
    ["input_fidelity unknown_parameter", { ...edit, input_fidelity: "low" }],
    [
      "input_fidelity invalid_value",
      { ...edit, model: "gpt-image-1-mini", input_fidelity: "high" },
    ],
    [
      "markup invalid_value",
      { ...edit, model: "gpt-image-2", markup: { image_url: dataUrl(mask) } },
    ],
    [
      "markup invalid_value",
      { ...edit, mask: { image_url: dataUrl(mask) }, markup: { image_url: dataUrl(mask) } },
    ],
    ["mask invalid_value", { ...edit, mask: { image_url: dataUrl(opaquePng) } }],
    [
      "images[0].image_url invalid_image_url",
      { ...edit, images: [{ image_url: "https://a.b/c" }] },
    ],
    [
      "images[0].image_url invalid_image_file",
      { ...edit, images: [{ image_url: dataUrl(Buffer.from("no")) }] },
    ],
    [
      "images[0].image_url unsupported_file_mimetype",
      { ...edit, images: [{ image_url: dataUrl(photo, "image/bmp") }] },
    ],
    [
      "images[0].url unknown_parameter",
      { ...edit, images: [{ url: dataUrl(photo), image_url: "" }] },
    ],
    [
      "image unsupported_file_mimetype",
      form({ model, prompt, image: png(photo, "application/octet-stream") }),
    ],
    ["image invalid_type", form({ model, prompt, image: "https://a.b/c" })],
    ["n invalid_type", form({ model, prompt, image: png(photo), n: "many" })],
    ["extra unknown_parameter", form({ model, prompt, image: png(photo), extra: png(photo) })],
    [
      "mask duplicate_parameter",
      form({ model, prompt, image: png(photo), mask: [png(mask), png(mask)] }),
    ],
  ])("reports %s (%#)", async (expected, body) => {
    expect(await check(body, "edits")).toBe(expected)
  })

  it("reports a mask of another size", async () => {
    const other = await pngOf(512, 512, () => [0, 0, 0, 0])
    expect(await check({ ...edit, mask: { image_url: dataUrl(other) } }, "edits")).toBe(
      "mask invalid_value",
    )
  })

  it.each<readonly [string, number, "image" | "mask"]>([
    ["image file_too_large", 50_000_000, "image"],
    ["mask file_too_large", 4_000_000, "mask"],
  ])("reports %s from %i bytes", async (expected, length, name) => {
    const padded = (bytes: Buffer, size: number): File =>
      png(Buffer.concat([bytes, Buffer.alloc(size - bytes.length)]))
    const parts = (size: number) => ({
      image: name === "image" ? padded(photo, size) : png(photo),
      mask: name === "mask" ? padded(mask, size) : png(mask),
    })
    expect(await check(form({ model, prompt, ...parts(length - 1) }), "edits")).toBe("accepted")
    expect(await check(form({ model, prompt, ...parts(length) }), "edits")).toBe(expected)
  })

  it("never repeats the prompt", async () => {
    const secret = "x-secret-prompt-".repeat(2500)
    const violations = await checkBody("generations", { ...base, prompt: secret, size: "1x1" })
    expect(JSON.stringify(violations)).not.toContain("x-secret")
  })
})
