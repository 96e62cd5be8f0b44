import { describe, expect, it } from "vitest"
import { errorOf } from "../../__fixtures__/client.ts"
import { editing } from "../../__fixtures__/editors.ts"
import { base64, type Drawn, picture, seen, wordOps } from "../../__fixtures__/pictures.ts"
import { ImageError } from "../../contract/errors.ts"
import type { ImageOps } from "../../contract/image-ops.ts"
import type { Plan } from "../../contract/plan.ts"
import type { JsonObject } from "../../contract/request.ts"

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

describe("a neutral mask, whose white is what changes", () => {
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
      { width: 128 },
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
      { width: 128 },
      "a door 128x64",
      [],
    ],
  ])("%s", async (_, model, task, drawn, expected, changes) => {
    const { planOf } = editing({ imageOps: wordOps })
    const plan = await planOf(model, task, { image, mask: mask(drawn), prompt: "a gate" })
    expect(sent(plan)).toBe(expected)
    expect(changesOf(plan)).toEqual(changes)
    expect(seen(plan.resolved.mask?.base64)).toBe(expected)
  })

  it("that is inverted loses nothing, one that is resized does", async () => {
    const { planOf } = editing({ imageOps: wordOps })
    const strict = { image, prompt: "a gate", policy: "strict" }
    expect(sent(await planOf("dark", "inpaint", { ...strict, mask: mask() }))).toBe(
      "inverted a door 64x64",
    )
    expect(
      await errorOf(planOf("dark", "inpaint", { ...strict, mask: mask({ width: 128 }) })),
    ).toMatchObject({
      code: "unsupported",
      issues: [{ path: "mask", given: "128x64" }],
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
      { width: 128 },
      "a door 128x64",
      [],
    ],
    ["cannot be resized", "dark", "outpaint", { width: 128 }, undefined, ["invalid_request mask"]],
  ])("without image work %s", async (_, model, task, drawn, expected, issues) => {
    const planning = editing().planOf(model, task, { image, mask: mask(drawn), prompt: "a gate" })
    if (expected !== undefined) expect(sent(await planning)).toBe(expected)
    else {
      const error = (await errorOf(planning)) as ImageError
      expect(error.issues?.map(({ code, path }) => `${code} ${path}`)).toEqual(issues)
      expect(error.message).toContain("createPictor({ imageOps: sharpImages() }) of @pictor/images")
    }
  })

  it("is checked as it is sent", async () => {
    const { planOf } = editing({ imageOps: wordOps })
    const small = mask({ width: 16, height: 16 })
    expect(
      await errorOf(planOf("light", "inpaint", { image, mask: small, prompt: "a gate" })),
    ).toMatchObject({
      issues: [
        { path: "mask", given: "16x16 pixels", allowed: "sides of 32 to 512 pixels" },
        { path: "mask", given: "256 pixels" },
      ],
    })
    expect(
      sent(await planOf("dark", "outpaint", { image, mask: small, prompt: "a gate" })),
    ).toContain("64x64")
  })

  it("of what is transparent is taken where none is given and the model needs one", async () => {
    const { planOf } = editing({ imageOps: wordOps })
    const holed = picture({ alpha: "channel", shows: "a hole" })
    const plan = await planOf("dark", "outpaint", { image: holed, prompt: "a gate" })
    expect([sent(plan), changesOf(plan)]).toEqual([
      "hard holes of a hole 64x64",
      ["mapped what is transparent changes"],
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

describe("a mask in the model's own words", () => {
  const options = (text: string): JsonObject => ({ options: { in: { maskImage: text } } })

  it.each<readonly [string, ImageOps | undefined]>([
    ["without image work", undefined],
    ["with it", wordOps],
  ])("is never inverted, nor changed otherwise, %s", async (_, images) => {
    const { planOf } = editing(images ? { imageOps: images } : {})
    const plan = await planOf("dark", "inpaint", { image, ...options(base64({ shows: "a door" })) })
    expect([sent(plan), changesOf(plan)]).toEqual(["a door 64x64", []])
  })

  it("must be right as it is", async () => {
    const { planOf } = editing({ imageOps: wordOps })
    expect(
      await errorOf(planOf("dark", "inpaint", { image, ...options(base64({ width: 128 })) })),
    ).toMatchObject({
      code: "invalid_request",
      issues: [{ path: "mask", given: "128x64", allowed: "64x64" }],
    })
  })

  it("is another than the same picture as a neutral mask, where black changes", async () => {
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

describe("image work that fails", () => {
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
  ])(
    "is an issue of the request where it %s, never a mask left out",
    async (_, work, code, path) => {
      const error = (await planWith(work)) as ImageError
      expect(error).toMatchObject({ code, issues: [{ code, path }] })
      expect(JSON.stringify([error.message, error.issues])).not.toContain(
        base64({ shows: "a door" }),
      )
    },
  )
})
