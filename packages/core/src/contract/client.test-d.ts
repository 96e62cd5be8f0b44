import { expectTypeOf } from "vitest"
import { scripted } from "../__fixtures__/client.ts"
import { grid, ratio, weighted } from "../__fixtures__/families.ts"
import { createPictor } from "../client.ts"
import type { ImageAdapter } from "./adapter.ts"
import type { OptionsFor, Pictor } from "./client.ts"
import type { Plan } from "./plan.ts"
import type { ImageRequest, JsonObject } from "./request.ts"
import type { Image, ImageResult, Recipe } from "./result.ts"

const { transport } = scripted()
const pictor = createPictor({ adapters: [grid(transport), ratio(transport), weighted(transport)] })
const anyone: Pictor = pictor
type Adapters = readonly [
  ReturnType<typeof grid>,
  ReturnType<typeof ratio>,
  ReturnType<typeof weighted>,
]
const prompt = "a"
declare const request: ImageRequest
declare const name: string

/** The type of `options` is the family's, by id, alias, prefix and the tail of an ARN. */
export const known = [
  pictor.plan({
    model: "acme.grid-v1:0",
    prompt,
    options: { taskType: "TEXT", config: { cfgScale: 5, quality: "premium", tuning: { any: 1 } } },
  }),
  pictor.plan({ model: "acme.grid", prompt, options: { config: { width: 512, height: 512 } } }),
  pictor.plan({
    model: "acme.acme.grid-v1:0",
    prompt,
    options: { textParams: { style: "LINE_ART" } },
  }),
  pictor.plan({ model: "wire/acme.grid-v1:0", prompt, options: { config: { count: 2 } } }),
  pictor.plan({
    model: "wire/south-1/acme.ratio-v1:0",
    prompt,
    options: { preset: "bold", output_format: "webp" },
  }),
  pictor.plan({
    model: "arn:wire:south-1:foundation/acme.weighted-v1",
    prompt,
    options: { text_prompts: [{ text: "a", weight: 0.5 }], extras: {} },
  }),
  pictor.generate({ model: "acme.grid-v1:0", prompt, options: { eraseParams: { text: "a" } } }),
]

/** Another family's field, another kind of value, another model's value: none of it compiles. */
export const wrong = [
  // @ts-expect-error a field of another family
  pictor.plan({ model: "acme.grid-v1:0", prompt, options: { aspect_ratio: "1:1" } }),
  // @ts-expect-error the same by an alias
  pictor.plan({ model: "acme.grid", prompt, options: { aspect_ratio: "1:1" } }),
  // @ts-expect-error the same by a prefix
  pictor.plan({ model: "wire/acme.grid-v1:0", prompt, options: { aspect_ratio: "1:1" } }),
  pictor.generate({
    model: "arn:wire:south-1:foundation/acme.weighted-v1",
    prompt,
    // @ts-expect-error the same by an ARN
    options: { aspect_ratio: "1:1" },
  }),
  // @ts-expect-error a number given as text
  pictor.plan({ model: "acme.grid-v1:0", prompt, options: { config: { cfgScale: "5" } } }),
  // @ts-expect-error a value that is not in the card
  pictor.plan({ model: "acme.ratio-v1:0", prompt, options: { output_format: "gif" } }),
  // @ts-expect-error a task that the model does not have
  pictor.plan({ model: "acme.grid-v1:0", prompt, options: { taskType: "PAINT" } }),
  // @ts-expect-error a field that no model has
  pictor.plan({ model: "acme.grid-v1:0", prompt, options: { config: { cfgscale: 5 } } }),
]

/** Of a model that no card names, any record will do. */
export const loose = [
  pictor.plan({ model: "someone.else-v1:0", prompt, options: { any: { field: 1 } } }),
  pictor.plan({ model: name, prompt, options: { any: { field: 1 } } }),
  pictor.plan({ model: "arn:wire:south-1:provisioned/abc", prompt, options: { any: 1 } }),
  anyone.plan({ model: "acme.grid-v1:0", prompt, options: { any: 1 } }),
  anyone.plan(request),
  // @ts-expect-error options are an object all the same
  pictor.plan({ model: "someone.else-v1:0", prompt, options: "text" }),
]

/** Without `task`, only what text-to-image takes. */
export const tasks = [
  pictor.plan({ model: "acme.grid-v1:0", prompt, size: "512x512" }),
  pictor.plan({ model: "acme.grid-v1:0", task: "erase", image: "data" }),
  // @ts-expect-error an image belongs to another task
  pictor.plan({ model: "acme.grid-v1:0", prompt, image: "data" }),
  // @ts-expect-error a strength belongs to another task
  pictor.plan({ model: "someone.else", prompt, strength: 0.5 }),
  // @ts-expect-error erase takes an image
  pictor.plan({ model: "acme.grid-v1:0", task: "erase" }),
  // @ts-expect-error there is no such task
  pictor.plan({ model: "acme.grid-v1:0", task: "paint", prompt }),
  // @ts-expect-error a field that nothing takes
  pictor.plan({ model: "acme.grid-v1:0", prompt, promt: "a" }),
]

declare const plan: Plan
declare const recipe: Recipe

/** Each method takes one type, and an unknown option is an error. */
export const methods = [
  pictor.run(plan, { timeoutMs: 1 }),
  pictor.replay(recipe, { inputs: { image: "data" }, timeoutMs: 1 }),
  pictor.planReplay(recipe, { inputs: { image: "data" } }),
  // @ts-expect-error a plan is sent by run
  pictor.generate(plan),
  // @ts-expect-error a misspelt option
  pictor.generate(request, { timeoutMS: 1 }),
  // @ts-expect-error a misspelt option
  pictor.run(plan, { timeoutMS: 1 }),
  // @ts-expect-error replay has no onImages
  pictor.replay(recipe, { onImages: () => {} }),
  // @ts-expect-error planReplay sends nothing
  pictor.planReplay(recipe, { timeoutMs: 1 }),
]

expectTypeOf<OptionsFor<Adapters, "someone.else">>().toEqualTypeOf<JsonObject>()
expectTypeOf<OptionsFor<readonly ImageAdapter[], "acme.grid-v1:0">>().toEqualTypeOf<JsonObject>()
expectTypeOf<NonNullable<OptionsFor<Adapters, "acme.weighted-v1">["style_preset"]>>().toEqualTypeOf<
  "3d-model" | "photographic"
>()
expectTypeOf<NonNullable<OptionsFor<Adapters, "acme.ratio-v1:0">["output_format"]>>().toEqualTypeOf<
  "png" | "jpeg" | "webp"
>()
expectTypeOf<ImageResult["image"]>().toEqualTypeOf<Image>()
expectTypeOf(pictor.generate).returns.toEqualTypeOf<Promise<ImageResult>>()
