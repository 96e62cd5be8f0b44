import { describe, expect, it } from "vitest"
import { errorOf } from "../__fixtures__/client.ts"
import { editing } from "../__fixtures__/editors.ts"
import { base64, picture, seen, wordOps } from "../__fixtures__/pictures.ts"
import type { ImageError } from "../contract/errors.ts"
import type { Recipe } from "../contract/image.ts"
import type { ImageRequest, ImageSource, JsonObject } from "../contract/request.ts"

const house = picture({ shows: "a house" })
const door = picture({ shows: "a door" })
const mill = picture({ shows: "a mill" })

type Model = "dark" | "light"

const orders: readonly (readonly [
  string,
  Model,
  string,
  JsonObject,
  Readonly<Record<string, ImageSource>>,
])[] = [
  ["an image", "light", "upscale", { image: house }, { image: house }],
  [
    "images",
    "dark",
    "image-to-image",
    { images: [mill, house], strength: 0.35 },
    { any: house, other: mill },
  ],
  [
    "one image of several",
    "dark",
    "image-to-image",
    { image: house },
    { image: base64({ shows: "a house" }) },
  ],
  [
    "an inverted mask",
    "dark",
    "inpaint",
    { image: house, mask: door },
    { image: house, mask: door },
  ],
  [
    "a mask in the model's own words",
    "dark",
    "inpaint",
    { image: house, options: { in: { maskImage: base64({ shows: "a door" }), text: "a gate" } } },
    { image: house, mask: door },
  ],
  [
    "an image in the model's own words",
    "light",
    "upscale",
    { options: { image: base64({ shows: "a mill" }) } },
    { image: mill },
  ],
  [
    "a resized mask",
    "dark",
    "outpaint",
    { image: house, mask: picture({ width: 128, height: 128 }), prompt: "a" },
    { a: house, b: picture({ width: 128, height: 128 }) },
  ],
  [
    "margins",
    "dark",
    "outpaint",
    { image: house, margins: { up: 8 }, prompt: "a" },
    { image: house },
  ],
  [
    "a mask of what is transparent",
    "dark",
    "outpaint",
    { image: picture({ alpha: "channel", shows: "a hole" }), prompt: "a" },
    { image: picture({ alpha: "channel", shows: "a hole" }) },
  ],
  [
    "a style",
    "light",
    "style-transfer",
    { image: house, styleImage: mill },
    { a: mill, b: new Blob([house]) },
  ],
  [
    "the same image twice",
    "light",
    "style-transfer",
    { image: house, styleImage: house },
    { both: house },
  ],
  [
    "colours and words",
    "dark",
    "color-guided",
    { colors: ["#ff0000"], prompt: "a", referenceImage: mill },
    { it: mill },
  ],
  [
    "control",
    "dark",
    "control",
    { image: house, control: "canny", controlStrength: 0.3, prompt: "a" },
    { image: house },
  ],
  [
    "a garment",
    "dark",
    "virtual-try-on",
    {
      image: house,
      referenceImage: mill,
      garment: { class: "upper-body", preserve: { pose: "off" } },
    },
    { person: house, coat: mill },
  ],
]

const made = async (model: Model, task: string, request: JsonObject) => {
  const client = editing({ imageOps: wordOps })
  const { images } = await client.pictor.generate({
    model: `acme.${model}-v1:0`,
    task,
    n: 2,
    seed: 5,
    ...request,
  } as unknown as ImageRequest)
  const recipe = JSON.parse(JSON.stringify(images.at(-1)?.recipe)) as Recipe
  return { ...client, recipe, body: client.calls.at(-1)?.body }
}

describe("a recipe with input images", () => {
  it.each(orders)(
    "of %s has hashes and repeats the same body",
    async (_, model, task, request, inputs) => {
      const { pictor, calls, recipe, body } = await made(model, task, request)
      expect(JSON.stringify(recipe)).not.toMatch(/[A-Za-z0-9+/=]{65}/)
      const plan = await pictor.planReplay(recipe, { inputs })
      expect(plan.calls.map((call) => call.body)).toEqual([body])
      const again = await pictor.replay(recipe, { inputs })
      expect(calls.at(-1)?.body).toEqual(body)
      expect(again.recipe).toEqual(recipe)
    },
  )

  it("keeps a neutral mask neutral, and a model's own mask in options", async () => {
    const neutral = await made("dark", "inpaint", { image: house, mask: door })
    const own = await made("dark", "inpaint", {
      image: house,
      options: { in: { maskImage: base64({ shows: "a door" }) } },
    })
    expect(neutral.recipe.request).toMatchObject({
      mask: { sha256: expect.any(String), mediaType: "image/png", width: 64, height: 64 },
    })
    expect(own.recipe.request).toMatchObject({
      options: { in: { maskImage: { sha256: expect.any(String) } } },
    })
    expect(own.recipe.request).not.toHaveProperty("mask")
    const masks = [neutral, own].map(({ body }) =>
      seen(((body?.["in"] ?? {}) as JsonObject)["maskImage"]),
    )
    expect(masks).toEqual(["inverted a door 64x64", "a door 64x64"])
  })

  it.each<readonly [string, Readonly<Record<string, ImageSource>> | undefined, readonly string[]]>([
    ["none", undefined, ["inputs.image", "inputs.styleImage"]],
    ["another", { image: house, styleImage: door }, ["inputs.styleImage"]],
    ["no image", { image: house, styleImage: "words" }, ["inputs.styleImage", "inputs.styleImage"]],
  ])("requires the images whose hashes it has: given %s", async (_, inputs, paths) => {
    const { pictor, calls, recipe } = await made("light", "style-transfer", {
      image: house,
      styleImage: mill,
    })
    for (const act of [pictor.planReplay, pictor.replay]) {
      const error = (await errorOf(act(recipe, inputs && { inputs }))) as ImageError
      expect(error.code).toBe("invalid_request")
      expect(error.issues?.map(({ path }) => path).toSorted()).toEqual(paths)
      const { sha256 } = recipe.request["styleImage"] as { readonly sha256: string }
      expect(JSON.stringify(error.issues)).toContain(sha256)
    }
    expect(calls).toHaveLength(2)
  })

  it("needs no inputs if it has no hashes", async () => {
    const { pictor, recipe } = await made("dark", "text-to-image", { prompt: "a" })
    expect((await pictor.replay(recipe)).recipe).toEqual(recipe)
    expect((await pictor.replay(recipe, { inputs: { image: "not looked at" } })).recipe).toEqual(
      recipe,
    )
  })

  it("that was changed is checked like any request", async () => {
    const { pictor, recipe } = await made("light", "upscale", { image: house })
    const changed = { ...recipe, request: { ...recipe.request, mask: recipe.request["image"] } }
    expect(await errorOf(pictor.replay(changed, { inputs: { image: house } }))).toMatchObject({
      code: "unsupported",
      issues: [{ path: "mask" }],
    })
  })
})
