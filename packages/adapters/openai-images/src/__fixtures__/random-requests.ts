import type { JsonObject } from "@pictor/core"
import fc from "fast-check"
import { image, markup, mask, transparentMask } from "./images.ts"

export const liveModels = [
  "gpt-image-2.6-sunburst",
  "gpt-image-2.6-flare",
  "gpt-image-2.5-sunburst",
  "gpt-image-2.5-sunburst-2026-09-08",
  "gpt-image-2.5-flare",
  "gpt-image-2.5-flare-2026-09-08",
  "gpt-image-2",
  "gpt-image-2-2026-04-21",
  "gpt-image-1.5",
  "gpt-image-1-mini",
  "chatgpt-image-latest",
] as const

const maybe = <Value>(arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.option(arbitrary, { nil: undefined })

const settings = {
  prompt: fc.string({ minLength: 1, maxLength: 60, unit: "grapheme" }),
  n: maybe(fc.integer({ min: 1, max: 4 })),
  size: maybe(
    fc.oneof(
      fc
        .tuple(fc.integer({ min: 1, max: 4200 }), fc.integer({ min: 1, max: 4200 }))
        .map(([width, height]) => `${width}x${height}`),
      fc.constantFrom("auto", "1024x1024", "1536x1024"),
    ),
  ),
  quality: maybe(
    fc.constantFrom("low", "medium", "standard", "auto", "high", "hd", "xhigh", "max", "premium"),
  ),
  outputFormat: maybe(fc.constantFrom("png", "jpeg", "webp")),
  background: maybe(fc.constantFrom("opaque", "auto", "transparent")),
  compression: maybe(fc.integer({ min: 0, max: 100 })),
  partialImages: maybe(fc.integer({ min: 0, max: 5 })),
}

const generation = fc.record({
  ...settings,
  moderation: maybe(fc.constantFrom("auto", "low")),
  seed: maybe(fc.nat()),
  negativePrompt: maybe(fc.constant("fog")),
  guidance: maybe(fc.double({ min: 0, max: 20, noNaN: true })),
})

const edit = fc.record({
  ...settings,
  task: fc.constant("image-to-image"),
  images: fc.array(fc.constantFrom(image, mask), { minLength: 1, maxLength: 16 }),
})

const inpaint = fc.record({
  ...settings,
  size: fc.constant(undefined),
  task: fc.constant("inpaint"),
  image: fc.constant(image),
  options: fc.constant({ mask: transparentMask }),
})

const marked = fc.record({
  ...settings,
  task: fc.constant("image-to-image"),
  images: fc.constant([image]),
  options: fc.constant({ markup, complexity: "low" }),
})

const defined = (request: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined))

/** The first generation does not read markings. */
const takesMarkup = (model: string): boolean => /^gpt-image-2\.[56]/.test(model)

/** Requests that the adapter plans for a model, and the API then has to accept. */
export const requestsOf = (model: (typeof liveModels)[number]): fc.Arbitrary<JsonObject> =>
  fc
    .oneof(
      { arbitrary: generation, weight: 3 },
      edit,
      inpaint,
      ...(takesMarkup(model) ? [marked] : []),
    )
    .map((request) => defined({ model, ...request }))

export const randomRequest: fc.Arbitrary<JsonObject> = fc
  .constantFrom(...liveModels)
  .chain(requestsOf)

/** A count of runs: all of it with PICTOR_SCALE=full. */
export const scaled = (full: number, usual: number): number =>
  process.env["PICTOR_SCALE"] === "full" ? full : usual
