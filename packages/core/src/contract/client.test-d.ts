import { expectTypeOf } from "vitest"
import { apis as apisAdapter } from "../__fixtures__/apis.ts"
import { scripted } from "../__fixtures__/client.ts"
import { darkCard } from "../__fixtures__/editors.ts"
import { grid, ratio, weighted } from "../__fixtures__/families.ts"
import { defineAdapter } from "../adapter.ts"
import { createPictor } from "../client.ts"
import type { ModelsOf, Pictor } from "./client.ts"
import type { ImageResult } from "./generate.ts"
import type { Image, Recipe } from "./image.ts"
import type { Plan } from "./plan.ts"
import type { ImageRequest, JsonObject, OptionsFor } from "./request.ts"

const { transport } = scripted()
const dark = defineAdapter({ name: "dark", models: [darkCard], decode: () => [] })
const pictor = createPictor({
  adapters: [grid(transport), ratio(transport), weighted(transport), dark(transport)],
})
const anyone: Pictor = pictor
const apis = createPictor({ adapters: [apisAdapter(transport)] })
const edit = { model: "acme.form-v1", task: "inpaint", image: "data", prompt: "a" } as const
type Models = ModelsOf<
  [ReturnType<typeof grid>, ReturnType<typeof ratio>, ReturnType<typeof weighted>]
>
const prompt = "a"
declare const request: ImageRequest
declare const name: string

/** The type of `options` is the model's, by id, alias, prefix and the tail of an ARN. */
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

/** Fields and values that the model does not have are type errors. */
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

/** A model that no adapter knows takes any options. */
export const loose = [
  pictor.plan({ model: "someone.else-v1:0", prompt, options: { any: { field: 1 } } }),
  pictor.plan({ model: name, prompt, options: { any: { field: 1 } } }),
  pictor.plan({ model: "arn:wire:south-1:provisioned/abc", prompt, options: { any: 1 } }),
  anyone.plan({ model: "acme.grid-v1:0", prompt, options: { any: 1 } }),
  anyone.plan(request),
  // @ts-expect-error options are an object all the same
  pictor.plan({ model: "someone.else-v1:0", prompt, options: "text" }),
]

/**
 * A literal model has the tasks of its card; without `task` it is text to image, or inpainting
 * where an image is given.
 */
export const tasks = [
  pictor.plan({ model: "acme.grid-v1:0", prompt, size: "512x512" }),
  pictor.plan({ model: "acme.dark-v1:0", task: "inpaint", image: "data", maskPrompt: "sky" }),
  pictor.plan({ model: "acme.dark-v1:0", task: "image-to-image", image: "data", strength: 0.5 }),
  pictor.plan({ model: "acme.dark-v1:0", task: "image-to-image", images: ["data"] }),
  pictor.plan({ model: "someone.else", task: "erase", image: "data" }),
  pictor.plan({ model: "acme.dark-v1:0", prompt, image: "data" }),
  // @ts-expect-error the model cannot inpaint
  pictor.plan({ model: "acme.grid-v1:0", prompt, image: "data" }),
  // @ts-expect-error a mask belongs to a task
  pictor.plan({ model: "acme.dark-v1:0", prompt, image: "data", mask: "data" }),
  // @ts-expect-error a strength belongs to another task
  pictor.plan({ model: "acme.dark-v1:0", prompt, image: "data", strength: 0.5 }),
  // @ts-expect-error a strength belongs to another task
  pictor.plan({ model: "someone.else", prompt, strength: 0.5 }),
  // @ts-expect-error erase takes an image
  pictor.plan({ model: "someone.else", task: "erase" }),
  // @ts-expect-error there is no such task
  pictor.plan({ model: "someone.else", task: "paint", prompt }),
  // @ts-expect-error there is no such task
  anyone.plan({ model: "acme.grid-v1:0", task: "paint", prompt }),
  // @ts-expect-error another model has this task
  pictor.plan({ model: "acme.ratio-v1:0", task: "inpaint", image: "data", mask: "data" }),
  // @ts-expect-error a field of no task
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

const dressed = { task: "virtual-try-on", image: "a", referenceImage: "b" } as const

/** A literal model has the inputs of its card. */
export const inputs = [
  pictor.plan({ model: "acme.dark-v1:0", task: "outpaint", image: "data", margins: { left: 8 } }),
  pictor.plan({ model: "someone.else", task: "inpaint", image: "data", maskPrompt: "sky" }),
  pictor.plan({ ...dressed, model: "acme.dark-v1:0" }),
  pictor.plan({ ...dressed, model: "someone.else", mask: "c" }),
  // @ts-expect-error the model takes no mask in this task
  pictor.plan({ ...dressed, model: "acme.dark-v1:0", mask: "c" }),
  // @ts-expect-error another task takes a keepPrompt
  pictor.plan({ model: "acme.dark-v1:0", task: "inpaint", image: "data", keepPrompt: "sky" }),
]

/** A literal model checks the form of `size` and `aspectRatio`. */
export const sizes = [
  pictor.plan({ model: "acme.grid-v1:0", prompt, size: "auto" }),
  pictor.plan({ model: "acme.grid-v1:0", prompt, size: `${Math.round(512.2)}x512` }),
  pictor.plan({ model: "acme.ratio-v1:0", prompt, aspectRatio: "16:9" }),
  pictor.plan({ model: "someone.else", prompt, size: "512x512" }),
  // @ts-expect-error a size has an x
  pictor.plan({ model: "acme.grid-v1:0", prompt, size: "512*512" }),
  // @ts-expect-error a size has two sides
  pictor.plan({ model: "acme.grid-v1:0", prompt, size: "512" }),
  // @ts-expect-error the same for a model that no adapter knows
  pictor.plan({ model: "someone.else", prompt, size: "large" }),
  // @ts-expect-error a ratio has a colon
  pictor.plan({ model: "acme.ratio-v1:0", prompt, aspectRatio: "16x9" }),
]

/** The fields that other APIs bring. */
export const newFields = [
  apis.plan({ model: "acme.form-v1", prompt, size: "2K", background: "transparent" }),
  apis.plan({ model: "acme.form-v1", prompt, compression: 80, moderation: "low" }),
  apis.plan({ model: "acme.form-v1", prompt, partialImages: 2, options: { size: "816x816" } }),
  apis.plan({ model: "acme.parts-v1", prompt, size: "2K", aspectRatio: "16:9" }),
  apis.plan({
    model: "acme.form-v1",
    task: "inpaint",
    image: "data",
    references: [{ image: "data", role: "style" }, { image: "data" }],
    mask: "data",
    options: { stored: false, stream: true },
  }),
  apis.plan({
    model: "acme.places-v1",
    task: "virtual-try-on",
    prompt,
    image: "data",
    referenceImage: "data",
  }),
  // @ts-expect-error a background is one of three
  apis.plan({ model: "acme.form-v1", prompt, background: "green" }),
  // @ts-expect-error a moderation is one of two
  apis.plan({ model: "acme.form-v1", prompt, moderation: "off" }),
  // @ts-expect-error a role is one of five
  apis.plan({ ...edit, references: [{ image: "data", role: "mood" }] }),
  // @ts-expect-error a text to image has no references
  apis.plan({ model: "acme.form-v1", prompt, references: [{ image: "data" }] }),
]

/** `options` are written with lists, and have pictures at their places. */
export const lists = [
  apis.plan({
    model: "acme.parts-v1",
    options: {
      contents: [{ role: "user", parts: [{ text: "a" }, { data: "base64" }] }],
      generationConfig: { imageSize: "2K" },
    },
  }),
  apis.plan({ model: "acme.parts-v1", prompt, options: { safety: [{ level: "on" }] } }),
  apis.plan({
    model: "acme.places-v1",
    task: "image-to-image",
    options: { input_image_3: "data" },
  }),
  // @ts-expect-error a list is no text
  apis.plan({ model: "acme.parts-v1", options: { contents: "a" } }),
  // @ts-expect-error no part has words
  apis.plan({ model: "acme.parts-v1", options: { contents: [{ parts: [{ words: "a" }] }] } }),
  // @ts-expect-error a tier of another model
  apis.plan({ model: "acme.parts-v1", options: { generationConfig: { imageSize: "8K" } } }),
  // @ts-expect-error a constant has one value
  apis.plan({ model: "acme.form-v1", options: { stored: true } }),
]

declare const text: string

/** A request built at run time needs no cast. */
export const dynamic = [
  pictor.plan({ model: name, prompt, size: text }),
  pictor.generate({ model: name, prompt, aspectRatio: text, options: { any: 1 } }),
  pictor.plan({ model: name, task: "inpaint", image: "data", mask: "data", prompt }),
  pictor.plan(request),
  anyone.generate({ model: name, prompt, size: text }),
]

expectTypeOf<OptionsFor<Models, "someone.else">>().toEqualTypeOf<JsonObject>()
expectTypeOf<OptionsFor<unknown, "acme.grid-v1:0">>().toEqualTypeOf<JsonObject>()
expectTypeOf<NonNullable<OptionsFor<Models, "acme.weighted-v1">["style_preset"]>>().toEqualTypeOf<
  "3d-model" | "photographic"
>()
expectTypeOf<NonNullable<OptionsFor<Models, "acme.ratio-v1:0">["output_format"]>>().toEqualTypeOf<
  "png" | "jpeg" | "webp"
>()
expectTypeOf<ImageResult["image"]>().toEqualTypeOf<Image>()
expectTypeOf(pictor.generate).returns.toEqualTypeOf<Promise<ImageResult>>()
