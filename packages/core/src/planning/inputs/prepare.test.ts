import { describe, expect, it } from "vitest"
import { errorOf } from "../../__fixtures__/client.ts"
import { editing } from "../../__fixtures__/editors.ts"
import { base64, picture, seen, wordOps } from "../../__fixtures__/pictures.ts"
import type { ImageError } from "../../contract/errors.ts"
import type { ImageOps } from "../../contract/image-ops.ts"
import type { JsonObject } from "../../contract/request.ts"

const image = picture({ shows: "a house" })
const more = picture({ shows: "a mill" })
const tryOn = { image, referenceImage: more, garment: { class: "upper-body" } }

type Model = "dark" | "light"

const bodyOf = async (
  model: Model,
  task: string,
  request: JsonObject,
  images?: ImageOps,
): Promise<JsonObject> =>
  (await editing(images && { imageOps: images }).planOf(model, task, request)).calls[0]?.body ?? {}

const issuesOf = async (
  model: Model,
  task: string,
  request: JsonObject,
  images?: ImageOps,
): Promise<readonly string[]> => {
  const error = (await errorOf(
    editing(images && { imageOps: images }).planOf(model, task, request),
  )) as ImageError
  return [error.code, ...(error.issues ?? []).map(({ code, path }) => `${code} ${path}`)]
}

describe("prepareInputs", () => {
  it.each<readonly [Model, string, JsonObject, JsonObject]>([
    [
      "dark",
      "image-to-image",
      { image },
      { vary: { images: [base64({ shows: "a house" })], similarity: 0.7 } },
    ],
    [
      "dark",
      "image-to-image",
      { images: [image, more] },
      { vary: { images: [base64({ shows: "a house" }), base64({ shows: "a mill" })] } },
    ],
    [
      "dark",
      "color-guided",
      { colors: ["#ff8800", "#00FF00"], prompt: "a" },
      { color: { colors: ["#ff8800", "#00FF00"], text: "a" } },
    ],
    [
      "dark",
      "color-guided",
      { colors: ["#ff8800"], prompt: "a", referenceImage: more },
      { color: { reference: base64({ shows: "a mill" }) } },
    ],
    [
      "dark",
      "control",
      { image, control: "canny", prompt: "a" },
      { control: { mode: "CANNY_EDGE", strength: 0.7 } },
    ],
    [
      "dark",
      "control",
      { image, control: "segmentation", prompt: "a", controlStrength: 0 },
      { control: { mode: "SEGMENTATION", strength: 0 } },
    ],
    [
      "dark",
      "control",
      { image, control: "Canny-Edge", prompt: "a" },
      { control: { mode: "CANNY_EDGE" } },
    ],
    ["dark", "inpaint", { image, maskPrompt: "the door" }, { in: { maskPrompt: "the door" } }],
    [
      "dark",
      "outpaint",
      { image, keepPrompt: "the house", prompt: "a" },
      { out: { maskPrompt: "the house" } },
    ],
    [
      "dark",
      "virtual-try-on",
      { ...tryOn, garment: { class: "Shoes", preserve: { pose: "on" } } },
      {
        try: {
          source: base64({ shows: "a house" }),
          class: "SHOES",
          merge: "BALANCED",
          keep: { pose: "ON" },
        },
      },
    ],
    [
      "light",
      "style-transfer",
      { image, styleImage: more },
      { image: base64({ shows: "a house" }), style_image: base64({ shows: "a mill" }) },
    ],
    ["light", "outpaint", { image, margins: { left: 20, down: 0 } }, { left: 20, down: 0 }],
    ["light", "outpaint", { image, margins: { down: 400, left: undefined } }, { down: 400 }],
  ])("%s %s: case %#", async (model, task, request, expected) => {
    expect(await bodyOf(model, task, request)).toMatchObject(expected)
  })

  it("sends no parameter without a path", async () => {
    const { planOf } = editing()
    const plan = await planOf("light", "upscale", { image })
    expect(Object.keys(plan.calls[0]?.body ?? {})).toEqual(["image", "seed"])
    expect(plan.resolved.upscale).toBe("fast")
    expect(await bodyOf("light", "upscale", { image, upscale: "fast" })).toEqual(
      plan.calls[0]?.body,
    )
  })

  it("sends no absent input", async () => {
    expect(
      Object.keys(
        (await bodyOf("dark", "color-guided", { colors: ["#000000"], prompt: "a" }))[
          "color"
        ] as JsonObject,
      ),
    ).toEqual(["colors", "text"])
  })
})

describe("prepareInputs with wrong inputs", () => {
  it.each<readonly [Model, string, JsonObject, readonly string[]]>([
    ["dark", "inpaint", { maskPrompt: "a" }, ["invalid_request", "invalid_request image"]],
    ["dark", "inpaint", { image }, ["invalid_request", "invalid_request mask"]],
    [
      "dark",
      "inpaint",
      { image, mask: image, maskPrompt: "a" },
      ["invalid_request", "invalid_request maskPrompt", "unsupported mask"],
    ],
    [
      "dark",
      "inpaint",
      { image, maskPrompt: "" },
      ["invalid_request", "invalid_request maskPrompt"],
    ],
    [
      "dark",
      "inpaint",
      { image, maskPrompt: "a".repeat(101) },
      ["invalid_request", "invalid_request maskPrompt"],
    ],
    [
      "dark",
      "inpaint",
      { image, maskPrompt: 5 },
      ["invalid_request", "invalid_request maskPrompt"],
    ],
    [
      "dark",
      "inpaint",
      { images: [image, more], maskPrompt: "a" },
      ["invalid_request", "invalid_request images"],
    ],
    [
      "dark",
      "inpaint",
      { images: [], maskPrompt: "a" },
      ["invalid_request", "invalid_request images"],
    ],
    [
      "dark",
      "inpaint",
      { images: image, maskPrompt: "a" },
      ["invalid_request", "invalid_request images"],
    ],
    [
      "dark",
      "inpaint",
      { image, images: [image], maskPrompt: "a" },
      ["invalid_request", "invalid_request images"],
    ],
    [
      "dark",
      "inpaint",
      { image: null, maskPrompt: "a" },
      ["invalid_request", "invalid_request image"],
    ],
    ["dark", "image-to-image", {}, ["invalid_request", "invalid_request image"]],
    [
      "dark",
      "image-to-image",
      { images: [image, "words"] },
      ["invalid_request", "invalid_request images.1"],
    ],
    [
      "dark",
      "image-to-image",
      { images: [image, image, image, image] },
      ["invalid_request", "invalid_request images"],
    ],
    ["dark", "color-guided", { prompt: "a" }, ["invalid_request", "invalid_request colors"]],
    [
      "dark",
      "color-guided",
      { prompt: "a", colors: [] },
      ["invalid_request", "invalid_request colors"],
    ],
    [
      "dark",
      "color-guided",
      { prompt: "a", colors: ["red"] },
      ["invalid_request", "invalid_request colors"],
    ],
    [
      "dark",
      "color-guided",
      { prompt: "a", colors: ["#fff"] },
      ["invalid_request", "invalid_request colors"],
    ],
    [
      "dark",
      "color-guided",
      { prompt: "a", colors: "#ffffff" },
      ["invalid_request", "invalid_request colors"],
    ],
    [
      "dark",
      "color-guided",
      { prompt: "a", colors: Array.from({ length: 4 }, () => "#ffffff") },
      ["invalid_request", "invalid_request colors"],
    ],
    [
      "dark",
      "color-guided",
      { prompt: "a", colors: ["#ffffff"], referenceImage: "x" },
      ["invalid_request", "invalid_request referenceImage"],
    ],
    [
      "dark",
      "color-guided",
      { options: { color: { colors: ["red"], text: "a" } } },
      ["invalid_request", "invalid_request options.color.colors"],
    ],
    ["dark", "control", { image, prompt: "a" }, ["invalid_request", "invalid_request control"]],
    [
      "dark",
      "control",
      { image, prompt: "a", control: 5 },
      ["invalid_request", "invalid_request control"],
    ],
    [
      "dark",
      "control",
      { image, prompt: "a", control: "sketch" },
      ["unsupported", "unsupported control"],
    ],
    [
      "dark",
      "control",
      { image, prompt: "a", control: "constructor" },
      ["unsupported", "unsupported control"],
    ],
    ["light", "upscale", { image, upscale: "creative" }, ["unsupported", "unsupported upscale"]],
    ["light", "style-transfer", { image }, ["invalid_request", "invalid_request styleImage"]],
    ["light", "outpaint", { image }, ["invalid_request", "invalid_request margins"]],
    ["light", "outpaint", { image, margins: {} }, ["invalid_request", "invalid_request margins"]],
    [
      "light",
      "outpaint",
      { image, margins: { left: 0, down: undefined } },
      ["invalid_request", "invalid_request margins"],
    ],
    [
      "light",
      "outpaint",
      { image, margins: { left: 401 } },
      ["invalid_request", "invalid_request margins.left"],
    ],
    [
      "light",
      "outpaint",
      { image, margins: { left: -1, down: 0.5 } },
      ["invalid_request", "invalid_request margins.left", "invalid_request margins.down"],
    ],
    [
      "light",
      "outpaint",
      { image, margins: { up: 10 } },
      ["invalid_request", "invalid_request margins"],
    ],
    [
      "light",
      "outpaint",
      { image, margins: image },
      ["invalid_request", "invalid_request margins"],
    ],
    ["light", "outpaint", { image, margins: [10] }, ["invalid_request", "invalid_request margins"]],
    [
      "dark",
      "virtual-try-on",
      { ...tryOn, garment: undefined },
      ["invalid_request", "invalid_request garment"],
    ],
    [
      "dark",
      "virtual-try-on",
      { ...tryOn, garment: {} },
      ["invalid_request", "invalid_request garment.class"],
    ],
    [
      "dark",
      "virtual-try-on",
      { ...tryOn, garment: { class: "hat" } },
      ["invalid_request", "invalid_request garment.class"],
    ],
    [
      "dark",
      "virtual-try-on",
      { ...tryOn, garment: { class: "shoes", preserve: { hands: "on" } } },
      ["invalid_request", "invalid_request garment"],
    ],
    [
      "dark",
      "virtual-try-on",
      { ...tryOn, garment: { class: "shoes", preserve: "on" } },
      ["invalid_request", "invalid_request garment"],
    ],
    [
      "dark",
      "virtual-try-on",
      { ...tryOn, garment: { class: "shoes", "preserve.pose": "on" } },
      ["invalid_request", "invalid_request garment"],
    ],
    [
      "dark",
      "virtual-try-on",
      { ...tryOn, garment: { class: () => 1 } },
      ["invalid_request", "invalid_request garment.class"],
    ],
  ])("%s %s: case %#", async (model, task, request, expected) => {
    expect(await issuesOf(model, task, request)).toEqual(expected)
  })

  it.each<readonly [Model, string, JsonObject, string]>([
    ["dark", "inpaint", { image, maskPrompt: "a", margins: { left: 1 } }, "margins"],
    ["dark", "inpaint", { image, maskPrompt: "a", keepPrompt: "b" }, "keepPrompt"],
    ["dark", "inpaint", { image, maskPrompt: "a", styleImage: more }, "styleImage"],
    ["dark", "inpaint", { image, maskPrompt: "a", colors: ["#000000"] }, "colors"],
    ["dark", "outpaint", { image, keepPrompt: "a", prompt: "b", maskPrompt: "c" }, "maskPrompt"],
    ["dark", "text-to-image", { prompt: "a", image }, "image"],
    ["dark", "text-to-image", { prompt: "a", images: [image] }, "images"],
    ["light", "style-transfer", { image, styleImage: more, mask: more }, "mask"],
    ["light", "upscale", { image, control: "canny" }, "control"],
    ["light", "upscale", { image, garment: {} }, "garment"],
    ["light", "upscale", { image, referenceImage: more }, "referenceImage"],
  ])("rejects inputs that the task does not take: %s %s %#", async (model, task, request, path) => {
    for (const policy of ["adapt", "strict"])
      expect(await issuesOf(model, task, { ...request, policy })).toEqual([
        "unsupported",
        `unsupported ${path}`,
      ])
  })

  it("throws all issues at once without quoting an input", async () => {
    const secret = "canary-words-of-the-caller"
    const request = {
      image: secret,
      maskPrompt: `${secret}${"x".repeat(200)}`,
      mask: btoa(secret),
      colors: [secret],
      upscale: secret,
      n: 99_999,
    }
    const error = (await errorOf(editing().planOf("dark", "inpaint", request))) as ImageError
    expect(error.code).toBe("invalid_request")
    expect(error.issues?.map(({ path }) => path).toSorted()).toEqual([
      "colors",
      "image",
      "mask",
      "maskPrompt",
      "maskPrompt",
      "n",
      "upscale",
    ])
    expect(JSON.stringify([error.message, error])).not.toContain("canary")
    expect(JSON.stringify([error.message, error])).not.toContain(btoa(secret))
  })
})

describe("an inverted strength", () => {
  it.each<readonly [asked: number | undefined, wire: number, changes: readonly string[]]>([
    [undefined, 0.7, []],
    [0, 1, []],
    [0.8, 0.2, []],
    [0.3, 0.7, []],
    [0.1, 0.9, []],
    [0.123_456, 0.876_544, []],
    [0.123_456_7, 0.876_543, ["mapped 0.1234567 0.123457"]],
    [1 / 3, 0.666_667, [`mapped ${1 / 3} 0.333333`]],
    [0.9, 0.2, ["clamped 0.9 0.8"]],
    [1, 0.2, ["clamped 1 0.8"]],
    [-1, 1, ["clamped -1 0"]],
  ])("%s is sent as %d", async (strength, wire, changes) => {
    const { planOf } = editing()
    const plan = await planOf("dark", "image-to-image", {
      image,
      ...(strength === undefined ? {} : { strength }),
    })
    expect(plan.calls[0]?.body).toMatchObject({ vary: { similarity: wire } })
    expect(
      plan.changes.map(({ action, from, to }) => `${action} ${String(from)} ${String(to)}`),
    ).toEqual(changes)
    expect(plan.resolved.strength).toBe(Math.round((1 - wire) * 1e6) / 1e6)
  })

  it("is on the model's scale in options", async () => {
    const options = (similarity: number): JsonObject => ({
      image,
      options: { vary: { similarity } },
    })
    expect(await bodyOf("dark", "image-to-image", options(0.25))).toMatchObject({
      vary: { similarity: 0.25 },
    })
    expect(
      await bodyOf("dark", "image-to-image", { ...options(0.25), strength: 0.75 }),
    ).toMatchObject({ vary: { similarity: 0.25 } })
    expect(await issuesOf("dark", "image-to-image", { ...options(0.25), strength: 0.25 })).toEqual([
      "invalid_request",
      "invalid_request options.vary.similarity",
    ])
    expect(await issuesOf("dark", "image-to-image", options(0.1))).toEqual([
      "invalid_request",
      "invalid_request options.vary.similarity",
    ])
  })

  it.each(["0.5", null, Number.NaN])("rejects %j", async (strength) => {
    const error = (await errorOf(
      editing().planOf("dark", "image-to-image", { image, strength }),
    )) as ImageError
    expect(error.issues).toMatchObject([
      { code: "invalid_request", path: "strength", allowed: "a number from 0 to 0.8" },
    ])
  })

  it("is dropped by a task without it, and rejected under strict", async () => {
    const { planOf } = editing()
    const request = { image, maskPrompt: "a", strength: 0.5 }
    expect((await planOf("dark", "inpaint", request)).changes).toMatchObject([
      { field: "strength", action: "dropped", from: 0.5 },
    ])
    expect(await issuesOf("dark", "inpaint", { ...request, policy: "strict" })).toEqual([
      "unsupported",
      "unsupported strength",
    ])
  })
})

describe("margins of a model without margins", () => {
  const request = { image, prompt: "a field", margins: { left: 20, down: 12 } }

  it("pad the image and mask the new area", async () => {
    const { planOf } = editing({ imageOps: wordOps })
    const plan = await planOf("dark", "outpaint", request)
    const out = (plan.calls[0]?.body["out"] ?? {}) as { image?: string; maskImage?: string }
    expect([seen(out.image), seen(out.maskImage)]).toEqual([
      "padded a house 84x76",
      "hard margins 84x76",
    ])
    expect(plan.changes).toMatchObject([
      { field: "margins", action: "mapped", from: { left: 20, down: 12 }, to: "84x76" },
    ])
    expect(plan.outputSize).toEqual({ width: 84, height: 76 })
    expect(plan.resolved.margins).toEqual({ left: 20, down: 12 })
  })

  it("check the limits of the padded image", async () => {
    const small = { ...request, image: picture({ width: 16, height: 20 }) }
    expect(await bodyOf("dark", "outpaint", small, wordOps)).toMatchObject({
      out: { image: expect.any(String) },
    })
    expect(
      await issuesOf(
        "dark",
        "outpaint",
        { ...request, margins: { left: 400, right: 400 } },
        wordOps,
      ),
    ).toEqual([
      "invalid_request",
      ...["image", "image", "mask", "mask"].map((path) => `invalid_request ${path}`),
    ])
  })

  it("need imageOps", async () => {
    expect(await issuesOf("dark", "outpaint", request)).toEqual([
      "unsupported",
      "unsupported margins",
    ])
    expect(await issuesOf("dark", "outpaint", { ...request, margins: { left: 0 } })).toEqual([
      "invalid_request",
      "invalid_request margins",
      "unsupported margins",
    ])
  })

  it("exclude the other fields of their group", async () => {
    expect(
      await issuesOf("dark", "outpaint", { ...request, keepPrompt: "the house" }, wordOps),
    ).toEqual(["invalid_request", "invalid_request margins"])
    expect(await issuesOf("dark", "outpaint", { ...request, mask: more }, wordOps)).toEqual([
      "invalid_request",
      "invalid_request margins",
    ])
  })

  it("are an issue when padding fails", async () => {
    const broken: ImageOps = {
      ...wordOps,
      pad: async () => ({ image: Uint8Array.of(1), mask: picture() }),
    }
    expect(await issuesOf("dark", "outpaint", request, broken)).toEqual([
      "invalid_request",
      "invalid_request image",
    ])
    const throws: ImageOps = { ...wordOps, pad: () => Promise.reject(new Error("secret")) }
    expect(await issuesOf("dark", "outpaint", request, throws)).toEqual([
      "invalid_request",
      "invalid_request margins",
    ])
  })
})
