import { describe, expect, it } from "vitest"
import { errorOf } from "../../__fixtures__/client.ts"
import { editing } from "../../__fixtures__/editors.ts"
import { base64, type Drawn, picture, seen, wordOps } from "../../__fixtures__/pictures.ts"
import { ImageError } from "../../contract/errors.ts"
import type { ImageOps } from "../../contract/image-ops.ts"
import type { Plan } from "../../contract/plan.ts"
import type { JsonObject } from "../../contract/request.ts"
import { createDiagnostics } from "../diagnostics.ts"
import { maskOfAlpha } from "./masks.ts"
import { type Input, toInput } from "./read-image.ts"
import { checkOpaque, hasAlpha } from "./transparency.ts"

const image = picture({ shows: "a house" })
const mask = (drawn: Drawn = {}) => picture({ shows: "a door", ...drawn })

/** The mask as it is sent. */
const sent = (plan: Plan): string => {
  const body = plan.calls[0]?.body as {
    mask?: string
    in?: { maskImage?: string }
    out?: { maskImage?: string }
  }
  return seen(body.mask ?? body.in?.maskImage ?? body.out?.maskImage)
}
const changesOf = ({ changes }: Plan) =>
  changes.filter(({ field }) => field === "mask").map(({ action, to }) => `${action} ${String(to)}`)

type Case = readonly [
  name: string,
  model: "dark" | "light",
  task: string,
  drawn: Drawn,
  sent: string,
  changes: readonly string[],
]

const inverted = "mapped black changes"

describe("prepareMask", () => {
  it.each<Case>([
    ["is inverted where black changes", "dark", "inpaint", {}, "inverted a door 64x64", [inverted]],
    [
      "is not where white changes, but made of two colours",
      "dark",
      "outpaint",
      {},
      "hard a door 64x64",
      [],
    ],
    ["is sent as it is where the model takes it so", "light", "inpaint", {}, "a door 64x64", []],
    [
      "is resized before",
      "dark",
      "inpaint",
      { width: 128, height: 128 },
      "inverted resized a door 64x64",
      ["snapped 64x64", inverted],
    ],
    [
      "is resized there too",
      "dark",
      "outpaint",
      { width: 16, height: 16 },
      "hard resized a door 64x64",
      ["snapped 64x64"],
    ],
    [
      "keeps its size where the model does not mind",
      "light",
      "inpaint",
      { width: 128, height: 128 },
      "a door 128x128",
      [],
    ],
  ])("%s", async (_, model, task, drawn, expected, changes) => {
    const { planOf } = editing({ imageOps: wordOps })
    const plan = await planOf(model, task, { image, mask: mask(drawn), prompt: "a gate" })
    expect(sent(plan)).toBe(expected)
    expect(changesOf(plan)).toEqual(changes)
    expect(seen(plan.resolved.mask?.base64)).toBe(expected)
  })

  it("reports inverting as lossless and resizing as lossy", async () => {
    const { planOf } = editing({ imageOps: wordOps })
    const strict = { image, prompt: "a gate", policy: "strict" }
    expect(sent(await planOf("dark", "inpaint", { ...strict, mask: mask() }))).toBe(
      "inverted a door 64x64",
    )
    expect(
      await errorOf(
        planOf("dark", "inpaint", { ...strict, mask: mask({ width: 128, height: 128 }) }),
      ),
    ).toMatchObject({
      code: "unsupported",
      issues: [{ path: "mask", given: "128x128" }],
    })
  })

  it.each<
    readonly [string, "dark" | "light", string, Drawn, string | undefined, readonly string[]]
  >([
    ["needs it where black changes", "dark", "inpaint", {}, undefined, ["unsupported mask"]],
    ["does without where white changes", "dark", "outpaint", {}, "a door 64x64", []],
    [
      "does without where the model minds nothing",
      "light",
      "inpaint",
      { width: 128, height: 128 },
      "a door 128x128",
      [],
    ],
    [
      "cannot be resized",
      "dark",
      "outpaint",
      { width: 128, height: 128 },
      undefined,
      ["invalid_request mask"],
    ],
  ])("without imageOps %s", async (_, model, task, drawn, expected, issues) => {
    const planning = editing().planOf(model, task, { image, mask: mask(drawn), prompt: "a gate" })
    if (expected !== undefined) expect(sent(await planning)).toBe(expected)
    else {
      const error = (await errorOf(planning)) as ImageError
      expect(error.issues?.map(({ code, path }) => `${code} ${path}`)).toEqual(issues)
      expect(error.message).toContain("createPictor({ imageOps: sharpImages() }) of @pictor/images")
    }
  })

  it("checks the limits of the prepared mask", async () => {
    const { planOf } = editing({ imageOps: wordOps })
    const small = mask({ width: 16, height: 16 })
    const asked = { image, mask: small, prompt: "a gate" }
    expect(await errorOf(editing().planOf("light", "inpaint", asked))).toMatchObject({
      issues: [
        { path: "mask", given: "16x16 pixels", allowed: "sides of 32 to 512 pixels" },
        { path: "mask", given: "256 pixels" },
      ],
    })
    for (const [model, task] of [
      ["dark", "outpaint"],
      ["light", "inpaint"],
    ] as const)
      expect(sent(await planOf(model, task, asked))).toContain("64x64")
  })

  it("takes transparent pixels as the mask when none is given", async () => {
    const { planOf } = editing({ imageOps: wordOps })
    const holed = picture({ alpha: "channel", shows: "a hole" })
    const plan = await planOf("dark", "outpaint", { image: holed, prompt: "a gate" })
    expect([sent(plan), changesOf(plan)]).toEqual([
      "hard holes of a hole 64x64",
      ["mapped transparent pixels change"],
    ])
    const named = await planOf("dark", "outpaint", {
      image: holed,
      prompt: "a gate",
      keepPrompt: "the house",
    })
    expect([named.resolved.mask, changesOf(named)]).toEqual([undefined, []])
    const given = await planOf("light", "inpaint", { image: holed, prompt: "a gate", mask: mask() })
    expect([sent(given), changesOf(given)]).toEqual(["a door 64x64", []])
    for (const opaque of [image, picture({ alpha: "channel" })])
      expect(
        await errorOf(planOf("dark", "outpaint", { image: opaque, prompt: "a gate" })),
      ).toMatchObject({
        code: "invalid_request",
        issues: [{ path: "mask" }],
      })
  })
})

describe("a mask in options", () => {
  const options = (text: string): JsonObject => ({ options: { in: { maskImage: text } } })

  it.each<readonly [string, ImageOps | undefined]>([
    ["without image work", undefined],
    ["with it", wordOps],
  ])("is sent unchanged %s", async (_, images) => {
    const { planOf } = editing(images ? { imageOps: images } : {})
    const plan = await planOf("dark", "inpaint", { image, ...options(base64({ shows: "a door" })) })
    expect([sent(plan), changesOf(plan)]).toEqual(["a door 64x64", []])
  })

  it("must have the image's size", async () => {
    const { planOf } = editing({ imageOps: wordOps })
    expect(
      await errorOf(
        planOf("dark", "inpaint", { image, ...options(base64({ width: 128, height: 128 })) }),
      ),
    ).toMatchObject({
      code: "invalid_request",
      issues: [{ path: "mask", given: "128x128", allowed: "64x64" }],
    })
  })

  it("differs from the same bytes as a neutral mask when black changes", async () => {
    const { planOf } = editing({ imageOps: wordOps })
    const text = base64({ shows: "a door" })
    expect(
      await errorOf(planOf("dark", "inpaint", { image, mask: text, ...options(text) })),
    ).toMatchObject({
      code: "invalid_request",
      issues: [
        {
          path: "options.in.maskImage",
          message: expect.stringContaining("mask and options.in.maskImage"),
        },
      ],
    })
    const light = { image, prompt: "a gate", mask: text, options: { mask: text } }
    expect(sent(await planOf("light", "inpaint", light))).toBe("a door 64x64")
  })
})

describe("a failing image library", () => {
  const planWith = (work: Partial<ImageOps>, drawn: Drawn = {}) =>
    errorOf(
      editing({ imageOps: { ...wordOps, ...work } }).planOf("dark", "inpaint", {
        image: picture({ alpha: "channel" }),
        mask: mask(drawn),
      }),
    )
  const secret = (): never => {
    throw new Error(`no luck with ${base64({ shows: "a door" })}`)
  }

  it.each<readonly [string, Partial<ImageOps>, string, string]>([
    ["throws", { invertMask: async () => secret() }, "invalid_request", "mask"],
    ["throws at once", { invertMask: () => secret() }, "invalid_request", "mask"],
    ["cannot look", { inspect: async () => secret() }, "invalid_request", "image"],
    [
      "makes no image",
      { invertMask: async () => Uint8Array.of(1, 2, 3) },
      "invalid_request",
      "mask",
    ],
    [
      "is not there",
      {
        invertMask: () =>
          Promise.reject(
            new ImageError({ code: "unsupported", message: "sharp cannot be loaded." }),
          ),
      },
      "unsupported",
      "mask",
    ],
    [
      "refuses",
      {
        invertMask: () =>
          Promise.reject(
            new ImageError({ code: "invalid_request", message: "The mask is damaged." }),
          ),
      },
      "invalid_request",
      "mask",
    ],
  ])("is an issue when it %s", async (_, work, code, path) => {
    const error = (await planWith(work)) as ImageError
    expect(error).toMatchObject({ code, issues: [{ code, path }] })
    expect(JSON.stringify([error.message, error.issues])).not.toContain(base64({ shows: "a door" }))
  })
})

const inputOf = async (drawn: Drawn = {}): Promise<Input> =>
  (await toInput(picture(drawn))) as Input

const webp = (form: string, at: number, flags: number): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(40).fill(1)
  bytes.set(new TextEncoder().encode(`RIFF    WEBPVP8${form}`))
  if (form === " ") bytes.set([0x9d, 0x01, 0x2a], 23)
  if (form === "L") bytes.set([0x2f], 20)
  bytes[at] = flags
  return bytes
}

const gif = new TextEncoder().encode("GIF89a\x01\0\x01\0")

describe("hasAlpha", () => {
  it.each<readonly [string, Uint8Array<ArrayBuffer>, boolean]>([
    ["a PNG in colour", picture(), false],
    ["a PNG with an alpha channel", picture({ alpha: "channel" }), true],
    ["a PNG of grey with an alpha channel", picture().fill(4, 25, 26), true],
    ["a PNG with a transparent colour", picture({ alpha: "chunk" }), true],
    ["a PNG that shows tRNS", picture({ shows: "....tRNS...." }), false],
    ["a PNG that ends in its head", picture().slice(0, 33), false],
    ["an extended WebP with alpha", webp("X", 20, 16), true],
    ["an extended WebP without", webp("X", 20, 0xef), false],
    ["a lossless WebP with alpha", webp("L", 24, 16), true],
    ["a lossless WebP without", webp("L", 24, 0x0f), false],
    ["a lossy WebP", webp(" ", 20, 16), false],
    ["a GIF", gif, false],
  ])("of %s", async (_, bytes, expected) => {
    const input = await toInput(bytes)
    expect(input && hasAlpha(input)).toBe(expected)
  })
})

describe("checkOpaque", () => {
  const noted = async (drawn: Drawn, ops: ImageOps | undefined) => {
    const diagnostics = createDiagnostics(false)
    await checkOpaque("image", await inputOf(drawn), { ops, maxInputPixels: 1e6, diagnostics })
    return {
      warnings: diagnostics.warnings.length,
      issues: diagnostics.issues.map(({ code, path }) => `${code} ${path}`),
    }
  }
  const unsure: ImageOps = {
    ...wordOps,
    inspect: async () => ({ mediaType: "image/png", width: 1, height: 1 }),
  }

  it.each<readonly [string, Drawn, ImageOps | undefined, number, readonly string[]]>([
    ["no alpha channel", { shows: "a hole" }, undefined, 0, []],
    ["no alpha channel, looked at", { shows: "a hole" }, wordOps, 0, []],
    ["an alpha channel that nobody looked into", { alpha: "channel" }, undefined, 1, []],
    ["an alpha channel that is opaque", { alpha: "channel" }, wordOps, 0, []],
    ["an alpha channel that nobody could look into", { alpha: "channel" }, unsure, 1, []],
    ["a hole", { alpha: "chunk", shows: "a hole" }, wordOps, 0, ["invalid_request image"]],
  ])("warns or rejects %s", async (_, drawn, ops, warnings, issues) => {
    expect(await noted(drawn, ops)).toEqual({ warnings, issues })
  })

  it("names the remedy", async () => {
    const diagnostics = createDiagnostics(false)
    await checkOpaque("image", await inputOf({ alpha: "channel", shows: "a hole" }), {
      ops: wordOps,
      maxInputPixels: 1e6,
      diagnostics,
    })
    expect(diagnostics.issues[0]?.remedy).toContain("fitImage of @pictor/images")
  })
})

describe("maskOfAlpha", () => {
  it("makes a mask only from transparent pixels", async () => {
    const hole: Drawn = { alpha: "channel", shows: "a hole" }
    const diagnostics = createDiagnostics(false)
    const tools = { ops: wordOps, diagnostics, maxInputPixels: 1e6 }
    expect(await maskOfAlpha(await inputOf({ alpha: "channel" }), tools)).toBeUndefined()
    expect(await maskOfAlpha(await inputOf({ shows: "a hole" }), tools)).toBeUndefined()
    expect(await maskOfAlpha(await inputOf(hole), { ...tools, ops: undefined })).toBeUndefined()
    expect(diagnostics.changes).toEqual([])
    expect((await maskOfAlpha(await inputOf(hole), tools))?.image).toMatchObject({
      width: 64,
      height: 64,
    })
    expect(diagnostics.changes).toMatchObject([
      { field: "mask", action: "mapped", from: undefined },
    ])
  })
})
