import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  artifact,
  errorOf,
  healthy,
  images,
  png,
  scripted,
  stillRuntime,
  testClient,
} from "../__fixtures__/client.ts"
import { grid, ratio, weightedCard } from "../__fixtures__/families.ts"
import { runs } from "../__fixtures__/scale.ts"
import { defineAdapter } from "../adapter.ts"
import { createPictor } from "../client.ts"
import { ImageError } from "../contract/errors.ts"
import type { Recipe } from "../contract/image.ts"
import { toBody } from "../planning/body.ts"
import { noCost } from "../planning/price.ts"

const model = "acme.grid-v1:0"
const recipesOf = (result: { readonly images: readonly { readonly recipe: Recipe }[] }) =>
  result.images.map(({ recipe }) => recipe)

describe("a recipe", () => {
  it("describes one call in neutral fields with every value explicit", async () => {
    const { pictor } = testClient()
    const result = await pictor.generate({
      model: "acme.grid",
      prompt: "a",
      n: 7,
      seed: 3,
      size: "1000x1000",
      options: { config: { note: "x" } },
    })
    expect(recipesOf(result)[6]).toEqual({
      v: 1,
      request: {
        task: "text-to-image",
        prompt: "a",
        size: "992x992",
        quality: "standard",
        guidance: 6.5,
        outputFormat: "png",
        options: { config: { note: "x" } },
      },
      model,
      modelId: model,
      callSeed: 8,
      callImages: 2,
      index: 1,
      adapter: "grid@1.2.3",
      replayable: true,
    })
  })

  it("of any image of a split request repeats exactly its call", () => {
    const request = fc.record(
      {
        n: fc.integer({ min: 1, max: 14 }),
        size: fc
          .tuple(fc.integer({ min: 100, max: 3000 }), fc.integer({ min: 100, max: 3000 }))
          .map((sides) => sides.join("x")),
        quality: fc.constantFrom("hd", "low"),
        guidance: fc.double({ min: 0, max: 12, noNaN: true }),
        seed: fc.oneof(fc.constant(0), fc.nat({ max: 2_147_483_646 })),
        negativePrompt: fc.constantFrom("", "people"),
        style: fc.constantFrom("line art", "none such"),
        options: fc.constantFrom({}, { config: { tuning: { deep: [1] }, note: "n" } }),
      },
      { requiredKeys: ["n"] },
    )
    return fc.assert(
      fc.asyncProperty(request, fc.nat(), async (given, pick) => {
        const { pictor, calls } = testClient()
        const first = await pictor.generate({ model, prompt: "a", ...given })
        const made = [...calls]
        const slot = pick % first.slots.length
        const recipe = JSON.parse(JSON.stringify(first.images[slot]?.recipe)) as Recipe
        const plan = await pictor.planReplay(recipe)
        const again = await pictor.replay(recipe)
        const call = made.find(
          ({ body }) => (body["config"] as { seed: number }).seed === recipe.callSeed,
        )
        expect(calls.slice(made.length).map(({ body }) => body)).toEqual([call?.body])
        expect(plan.calls[0]?.body).toEqual(call?.body)
        expect(again).toMatchObject({ seed: recipe.callSeed, recipe })
        expect(plan.estimate.microUsd).toBe(
          (first.slots[slot]?.cost.microUsd ?? 0) * recipe.callImages,
        )
      }),
      { seed: 20_261_120, numRuns: runs(2000) },
    )
  })

  it("is planned at the cost of the whole call", async () => {
    const { pictor } = testClient()
    const [recipe] = recipesOf(await pictor.generate({ model, prompt: "a", n: 5 })) as [Recipe]
    expect(await pictor.planReplay(recipe)).toMatchObject({
      n: 5,
      estimate: { ...noCost, microUsd: 200_000 },
      changes: [],
    })
  })

  it("has weighted prompts, the aspect ratio and the region", async () => {
    const { pictor, calls } = testClient()
    const prompts = [
      { text: "a", weight: 0.5 },
      { text: "b", weight: -1 },
    ]
    const weighted = await pictor.generate({
      model: "acme.weighted-v1",
      prompts,
      seed: 4,
      steps: 60,
      options: { extras: { any: true } },
    })
    const wide = await pictor.generate({
      model: "wire/south-1/eu.acme.ratio-v1:0",
      prompt: "a",
      aspectRatio: "16:9",
      seed: 4,
    })
    await pictor.replay(recipesOf(weighted)[0] as Recipe)
    await pictor.replay(recipesOf(wide)[0] as Recipe)
    expect(calls[2]).toEqual({
      ...calls[0],
      signal: expect.anything(),
      onSubmitted: expect.anything(),
    })
    expect(calls[3]).toEqual({
      ...calls[1],
      signal: expect.anything(),
      onSubmitted: expect.anything(),
    })
    expect(calls[3]).toMatchObject({ region: "south-1", modelId: "eu.acme.ratio-v1:0" })
  })

  it("names the adapter's alias", async () => {
    const eu = scripted()
    const us = scripted()
    const pictor = createPictor({
      adapters: [grid(eu.transport, { name: "eu" }), grid(us.transport, { name: "us" })],
      runtime: stillRuntime(),
    })
    const [recipe] = recipesOf(await pictor.generate({ model: `us/${model}`, prompt: "a" })) as [
      Recipe,
    ]
    expect(recipe.model).toBe(`us/${model}`)
    await pictor.replay(recipe)
    expect([eu.calls.length, us.calls.length]).toEqual([0, 2])
  })

  it("skips request middleware and runs plan middleware", async () => {
    const seen: string[] = []
    const { pictor } = testClient(healthy, {
      middleware: [
        {
          name: "watch",
          request: (request, next) => {
            seen.push("request")
            return next(request)
          },
          plan: (plan, next) => {
            seen.push("plan")
            return next(plan)
          },
        },
      ],
    })
    const [recipe] = recipesOf(await pictor.generate({ model, prompt: "a" })) as [Recipe]
    await pictor.planReplay(recipe)
    await pictor.replay(recipe)
    expect(seen).toEqual(["request", "plan", "plan"])
  })
})

/** The recipe of an image whose reply reports a seed. */
const recipeOf = async (id: string, seed: number | undefined, reported: number | undefined) => {
  const { pictor, calls } = testClient((call) =>
    call.model === "acme.weighted-v1"
      ? artifact(reported === undefined ? {} : { seed: reported })
      : images(1),
  )
  const { image } = await pictor.generate({
    model: id,
    prompt: "a",
    ...(seed === undefined ? {} : { seed }),
  })
  return { recipe: image.recipe, pictor, calls }
}

describe("the seed of an image", () => {
  it("is the reply's, else the one that was sent, else undefined", async () => {
    const { pictor } = testClient((call) =>
      call.model === "acme.weighted-v1" ? artifact({ seed: 99 }) : images(1),
    )
    const seedOf = async (id: string) =>
      (
        await pictor.generate({
          model: id,
          prompt: "a",
          ...(id === "acme.plain-v1:0" ? {} : { seed: 7 }),
        })
      ).images[0]?.seed
    expect(await seedOf("acme.weighted-v1")).toBe(99)
    expect(await seedOf("acme.ratio-v1:0")).toBe(7)
    expect(await seedOf("acme.plain-v1:0")).toBeUndefined()
  })

  it.each([
    ["the one that the model drew and reported", "acme.weighted-v1", 0, 99, 99],
    ["the one that was sent, whatever the reply reports", "acme.weighted-v1", 5, 99, 5],
    ["0 if the model takes 0 literally", model, 0, undefined, 0],
  ])("in a recipe is %s", async (_, id, seed, reported, callSeed) => {
    const { recipe, pictor, calls } = await recipeOf(id, seed, reported)
    expect(recipe).toMatchObject({ callSeed, replayable: true })
    await pictor.replay(recipe)
    const [planned] = (await pictor.planReplay(recipe)).calls
    expect(planned?.seed).toBe(callSeed)
    expect(calls.at(-1)?.body).toEqual(planned?.body)
  })

  const notReported = "drew the seed itself and did not report it"
  it.each([
    ["the model drew it and did not report it", "acme.ratio-v1:0", 0, undefined, notReported],
    ["the model reports 0", "acme.weighted-v1", 0, 0, notReported],
    ["the model takes no seed", "acme.plain-v1:0", undefined, undefined, "takes no seed"],
  ])("makes a recipe unreplayable if %s", async (_, id, seed, reported, words) => {
    const { recipe, pictor } = await recipeOf(id, seed, reported)
    const reason = `${id} ${words}`
    expect(recipe).toMatchObject({ replayable: false, reason })
    for (const act of [pictor.replay(recipe), pictor.planReplay(recipe)])
      expect(await errorOf(act)).toMatchObject({
        code: "unsupported",
        message: expect.stringContaining(reason),
      })
  })
})

it("a seed that the model drew for several images makes none of them replayable", async () => {
  const task = { ...weightedCard.tasks["text-to-image"], imagesPerCall: 2 }
  const family = defineAdapter({
    name: "pairs",
    models: [{ ...weightedCard, tasks: { "text-to-image": task } }],
    encode: toBody,
    decode: (_, count) =>
      Array.from({ length: count }, () => ({ status: "delivered", data: png, seed: 99 })),
  })
  const pictor = createPictor({ adapters: [family(scripted().transport)] })
  const recipes = recipesOf(
    await pictor.generate({ model: weightedCard.id, prompt: "a", n: 3, seed: 0 }),
  )
  expect(recipes.map(({ callSeed, replayable }) => [callSeed, replayable])).toEqual([
    [undefined, false],
    [undefined, false],
    [2, true],
  ])
})

describe("replay", () => {
  const recipeAnd = async (answer: Parameters<typeof testClient>[0]) => {
    const client = testClient(answer)
    const [recipe] = recipesOf(
      await client.pictor.generate({ model, prompt: "a", n: 2, seed: 1 }),
    ).slice(1) as [Recipe]
    return { ...client, recipe }
  }

  it("fails if this image is not delivered, with the slots of the others", async () => {
    const { pictor, recipe } = await recipeAnd((call, index) =>
      index === 0 ? healthy(call) : images(1, { error: "held back" }),
    )
    expect(await errorOf(pictor.replay(recipe))).toMatchObject({
      code: "content_filtered",
      cost: { ...noCost, microUsd: 40_000 },
      slots: [{ status: "delivered" }, { status: "filtered" }],
    })
    const { pictor: other, recipe: second } = await recipeAnd((call, index) =>
      index === 0 ? healthy(call) : images(1),
    )
    expect(await errorOf(other.replay(second))).toMatchObject({
      code: "invalid_response",
      cause: expect.any(ImageError),
    })
  })

  it("can be aborted", async () => {
    const { pictor, recipe } = await recipeAnd(healthy)
    expect(await errorOf(pictor.replay(recipe, { signal: AbortSignal.abort() }))).toMatchObject({
      code: "aborted",
    })
  })

  it.each([undefined, null, "recipe", {}, { v: 2, callImages: 1 }, []])(
    "rejects %j",
    async (recipe) => {
      const { pictor, calls } = testClient()
      expect(await errorOf(pictor.replay(recipe as unknown as Recipe))).toMatchObject({
        code: "invalid_request",
      })
      expect(calls).toEqual([])
    },
  )

  it("rejects a recipe that is not one call", async () => {
    const { pictor, recipe } = await recipeAnd(healthy)
    for (const change of [
      { callImages: 6 },
      { callImages: 0 },
      { index: 2 },
      { model: "acme.nope" },
      { request: { ...recipe.request, promt: "b" } },
    ])
      expect(["invalid_request", "model_not_found"]).toContain(
        ((await errorOf(pictor.replay({ ...recipe, ...change }))) as ImageError).code,
      )
  })

  it("accepts a recipe of another client", async () => {
    const { recipe } = await recipeAnd(healthy)
    const { pictor } = testClient()
    expect((await pictor.replay(recipe)).recipe).toEqual(recipe)
    expect(
      await errorOf(createPictor({ adapters: [ratio(scripted().transport)] }).replay(recipe)),
    ).toMatchObject({ code: "model_not_found" })
  })
})
