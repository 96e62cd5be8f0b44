import { describe, expect, it } from "vitest"
import { errorOf } from "../../__fixtures__/client.ts"
import { editing } from "../../__fixtures__/editors.ts"
import { base64, type Drawn, picture, seen, wordOps } from "../../__fixtures__/pictures.ts"
import type { ImageLimits } from "../../contract/card.ts"
import type { ImageError } from "../../contract/errors.ts"
import type { ImageOps } from "../../contract/image-ops.ts"
import { createDiagnostics } from "../diagnostics.ts"
import { fitPicture } from "./fit-picture.ts"
import { toInput } from "./read-image.ts"

/** A PNG with EXIF's orientation: a chunk before the pixels. */
const turned = (orientation: number, drawn: Drawn = {}): Uint8Array<ArrayBuffer> => {
  const bytes = picture(drawn)
  const exif = [0, 0, 0, 26, ...new TextEncoder().encode("eXIf")]
  const tiff = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation]
  const chunk = [...exif, ...tiff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
  return Uint8Array.from([...bytes.subarray(0, 33), ...chunk, ...bytes.subarray(33)])
}

const orientationIn = (image: Uint8Array): number =>
  new TextDecoder("latin1").decode(image).includes("eXIf") ? (image[60] ?? 1) : 1

/** Fits into 128x64 or 64x128. */
const fittingOps: ImageOps = {
  ...wordOps,
  fit: async (image) => {
    const orientation = orientationIn(image)
    const [, , width = "0", height = "0"] = /^(.*) (\d+)x(\d+)$/s.exec(seen(image)) ?? []
    const isWide = Number(width) >= Number(height) === orientation < 5
    const size = isWide ? { width: 128, height: 64 } : { width: 64, height: 128 }
    return {
      image: picture({ ...size, shows: `fitted ${seen(image)}` }),
      ...size,
      transform: { orientation, ...size },
    }
  },
  applyTransform: async (mask, { orientation, width, height }) =>
    picture({ width, height, shows: `turned by ${orientation} ${seen(mask)}` }),
}

const large = picture({ width: 800, height: 400 })
const { planOf } = editing({ imageOps: fittingOps })
const sentImage = ({ calls }: Awaited<ReturnType<typeof planOf>>) =>
  seen((calls[0]?.body as { readonly image?: string } | undefined)?.image)

describe("a picture outside the limits", () => {
  it("is fitted and reported under adapt, and rejected with the limit under strict", async () => {
    const plan = await planOf("light", "upscale", { image: large })
    expect(sentImage(plan)).toBe("fitted a house 800x400 128x64")
    expect(plan.changes).toMatchObject([
      {
        field: "image",
        action: "snapped",
        from: "800x400 image/png",
        to: "128x64 image/png",
        why: expect.stringMatching(/sides of 32 to 512 pixels.*1,024 to 65,536/),
      },
    ])
    expect(
      await errorOf(planOf("light", "upscale", { image: large, policy: "strict" })),
    ).toMatchObject({ issues: [{ path: "image", given: "800x400 pixels" }, { path: "image" }] })
  })

  it("reports each field of a request once", async () => {
    const plan = await planOf("light", "style-transfer", { image: large, styleImage: large })
    expect(plan.changes.map(({ field }) => field).toSorted()).toEqual(["image", "styleImage"])
    const list = await planOf("dark", "image-to-image", { images: [large, picture(), large] })
    expect(list.changes.map(({ field }) => field)).toEqual(["images.0", "images.2"])
  })

  it.each<readonly [string, Drawn, string]>([
    ["a ratio beyond the card's", { width: 500, height: 100 }, "5:1"],
    ["less than half of a minimum", { width: 15, height: 30 }, "15x30 pixels"],
    ["too narrow for any scale", { width: 20, height: 3000 }, "20x3,000 pixels"],
  ])("is rejected for %s", async (_, drawn, given) => {
    const error = (await errorOf(
      planOf("light", "upscale", { image: picture(drawn) }),
    )) as ImageError
    expect(error.issues?.map((issue) => issue.given)).toContain(given)
  })

  it("is rejected without image operations that fit", async () => {
    const { planOf: plan } = editing({ imageOps: wordOps })
    expect(await errorOf(plan("light", "upscale", { image: large }))).toMatchObject({
      issues: [{ path: "image", remedy: expect.stringContaining("fitImage") }, { path: "image" }],
    })
  })

  it("keeps the hash of what was given for the recipe", async () => {
    const { pictor } = editing({ imageOps: fittingOps })
    const request = { model: "acme.light-v1:0", task: "upscale", image: large } as const
    const { images } = await pictor.generate(request)
    const recipe = images[0]?.recipe.request as { readonly image?: { readonly width: number } }
    expect(recipe.image?.width).toBe(800)
  })
})

describe("a picture that EXIF turns", () => {
  const photo = turned(6, { width: 128, height: 64 })

  it("is sent upright and reported", async () => {
    const plan = await planOf("light", "upscale", { image: photo })
    expect(sentImage(plan)).toContain("64x128")
    expect(plan.changes).toMatchObject([
      { field: "image", action: "snapped", why: "EXIF turns it" },
    ])
  })

  it("comes with a warning without image operations, and is rejected under strict", async () => {
    const bare = await editing().planOf("light", "upscale", { image: photo })
    expect(bare.warnings).toMatchObject([expect.stringContaining("EXIF orientation")])
    expect(bare.changes).toEqual([])
    expect(
      await errorOf(planOf("light", "upscale", { image: photo, policy: "strict" })),
    ).toMatchObject({ code: "unsupported", issues: [{ path: "image", given: 6 }] })
  })

  it.each<readonly [string, Drawn, string]>([
    ["of the seen size is kept", { width: 64, height: 128 }, "a door 64x128"],
    [
      "of the stored size is turned with it",
      { width: 128, height: 64 },
      "turned by 6 a door 128x64",
    ],
    ["of the seen ratio is scaled", { width: 128, height: 256 }, "resized a door 64x128"],
  ])("a mask %s", async (_, drawn, expected) => {
    const mask = picture({ shows: "a door", ...drawn })
    const plan = await planOf("dark", "outpaint", { image: photo, mask, prompt: "a gate" })
    expect(seen(plan.resolved.mask?.base64)).toContain(expected)
  })

  it("a mask of any other shape is rejected", async () => {
    const mask = picture({ width: 128, height: 128 })
    for (const model of ["dark", "light"] as const)
      expect(
        await errorOf(planOf(model, "inpaint", { image: photo, mask, prompt: "a gate" })),
      ).toMatchObject({ code: "invalid_request", issues: [{ path: "mask", given: "128x128" }] })
  })
})

describe("a mask that marks no pixel", () => {
  const image = picture()
  it.each<readonly [string, "dark" | "light"]>([
    ["where black changes", "dark"],
    ["where white changes", "light"],
  ])("is rejected before it is ordered, %s", async (_, model) => {
    const mask = picture({ shows: "nothing" })
    expect(
      await errorOf(planOf(model, "inpaint", { image, mask, prompt: "a gate" })),
    ).toMatchObject({ issues: [{ path: "mask", allowed: "at least one white pixel" }] })
  })

  it("is rejected in the model's own polarity", async () => {
    const maskImage = base64({ shows: "everything" })
    const options = { in: { maskImage } }
    expect(await errorOf(planOf("dark", "inpaint", { image, options }))).toMatchObject({
      issues: [{ path: "mask", allowed: "at least one black pixel" }],
    })
  })
})

describe("a picture with a hole", () => {
  it("is the mask, and flattened afterwards where the model takes opaque pictures", async () => {
    const image = picture({ alpha: "channel", shows: "a hole" })
    const plan = await planOf("dark", "inpaint", { image, prompt: "a gate" })
    expect(seen(plan.resolved.mask?.base64)).toContain("holes of a hole")
    expect(seen(plan.resolved.image?.base64)).toContain("fitted a hole")
    expect(plan.changes.map(({ field }) => field)).toEqual(["mask", "image", "mask", "mask"])
  })
})

describe("bounds of an input", () => {
  it("rejects too many pixels undecoded", async () => {
    let decoded = 0
    const imageOps: ImageOps = {
      ...fittingOps,
      inspect: async (image) => {
        decoded++
        return fittingOps.inspect(image)
      },
    }
    const bomb = picture({ width: 10_000, height: 10_000, alpha: "channel" })
    const request = { image: bomb, mask: bomb, prompt: "a gate" }
    const error = await errorOf(editing({ imageOps }).planOf("dark", "inpaint", request))
    expect(error).toMatchObject({
      issues: expect.arrayContaining([
        expect.objectContaining({ path: "image", allowed: "at most 50,000,000 pixels" }),
        expect.objectContaining({ path: "mask", allowed: "at most 50,000,000 pixels" }),
      ]),
    })
    expect(decoded).toBe(0)
    const small = editing({ imageOps, maxInputPixels: 100 })
    expect(await errorOf(small.planOf("light", "upscale", { image: large }))).toMatchObject({
      issues: [{ path: "image", given: 320_000, allowed: "at most 100 pixels" }],
    })
  })

  it("may have as many pixels as the image operations decode", async () => {
    const huge = picture({ width: 9000, height: 6000 })
    const { planOf: planWith } = editing({
      imageOps: { ...fittingOps, maxInputPixels: 60_000_000 },
    })
    expect(sentImage(await planWith("light", "upscale", { image: huge }))).toContain("128x64")
    expect(await errorOf(planOf("light", "upscale", { image: huge }))).toMatchObject({
      issues: [{ path: "image", allowed: "at most 50,000,000 pixels" }],
    })
    expect(() => editing({ imageOps: fittingOps, maxInputPixels: 50_000_001 })).toThrow(
      "createPictor: maxInputPixels must be at most 50,000,000, the limit of imageOps. Raise it in sharpImages({ maxInputPixels }).",
    )
  })

  it.each([
    ["AVIF", "avif"],
    ["HEIC", "heic"],
    ["HEIC", "mif1"],
  ])("names %s of brand %s", async (name, brand) => {
    const image = Uint8Array.from([0, 0, 0, 28, ...new TextEncoder().encode(`ftyp${brand}`)])
    const error = await errorOf(planOf("light", "upscale", { image }))
    expect(error.message).toContain(
      `image is ${name}, which is not supported. Give a Uint8Array, ArrayBuffer, Blob, data URL or base64 of a PNG`,
    )
  })
})

it("says what a picture may be where a file name is given", async () => {
  const error = await errorOf(planOf("light", "upscale", { image: "photo.jpg" }))
  expect(error.message).toContain(
    "image is not a readable image. Give a Uint8Array, ArrayBuffer, Blob, data URL or base64 of a PNG, JPEG, WebP or GIF.",
  )
})

describe("fitPicture for a card of RGB", () => {
  const limits: ImageLimits = { types: ["image/png"], rgb: true }
  const bytesOf = (at: number, value: number): Uint8Array<ArrayBuffer> => {
    const bytes = picture()
    bytes[at] = value
    return bytes
  }
  it.each([
    ["16-bit", bytesOf(24, 16)],
    ["grey", bytesOf(25, 0)],
    ["palette", bytesOf(25, 3)],
  ])("converts %s", async (colors, bytes) => {
    const diagnostics = createDiagnostics(false)
    const tools = { ops: fittingOps, diagnostics, maxInputPixels: 1e6 }
    const input = await toInput(bytes)
    if (!input) throw new Error("unreadable")
    await fitPicture("image", input, limits, tools)
    expect(diagnostics.changes).toMatchObject([{ why: `the model takes RGB, not ${colors}` }])
    diagnostics.changes.length = 0
    await fitPicture("image", input, { types: ["image/png"] }, tools)
    expect(diagnostics.changes).toEqual([])
  })
})
