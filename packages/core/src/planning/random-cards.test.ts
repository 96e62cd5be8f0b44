import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { images, scripted, stillRuntime } from "../__fixtures__/client.ts"
import { runs } from "../__fixtures__/scale.ts"
import { defineAdapter } from "../adapter.ts"
import { decodeImageList } from "../bytes/decode-reply.ts"
import { createPictor } from "../client.ts"
import type { ImageAdapter } from "../contract/adapter.ts"
import type { AllowedWith, ModelCard, Parameter, TaskCard } from "../contract/card.ts"
import { isImageError } from "../contract/errors.ts"
import type { JsonObject } from "../contract/request.ts"
import { valueAt } from "../lib/object.ts"

const model = "acme.random-v1"
const formats = ["png", "jpeg", "webp", "gif"]

type Fields = { -readonly [Name in keyof TaskCard["fields"]]: Parameter }

const someOf = (values: readonly string[]) => fc.subarray([...values], { minLength: 1 })

const grid = fc
  .record({
    multiple: fc.constantFrom(8, 16, 64),
    least: fc.integer({ min: 1, max: 8 }),
    most: fc.integer({ min: 16, max: 64 }),
    ratio: fc.integer({ min: 2, max: 8 }),
    share: fc.double({ min: 0, max: 0.2, noNaN: true }),
    isText: fc.boolean(),
  })
  .map(({ multiple, least, most, ratio, share, isText }): Parameter => {
    const pixels = (most * multiple) ** 2
    const side = multiple * Math.ceil(most / 2)
    return {
      kind: "grid",
      path: isText ? "size" : ["config.width", "config.height"],
      side: [least * multiple, 2 * most * multiple],
      multiple,
      pixels,
      minPixels: Math.round(pixels * share),
      ratio,
      default: `${side}x${side}`,
    }
  })

const tiers = fc.subarray(["512", "1K", "2K", "4K"], { minLength: 1 }).map(
  (names): Parameter => ({
    kind: "tiers",
    path: "parts.0.size",
    values: Object.fromEntries(
      names.map((name) => [name, name === "512" ? 512 ** 2 : (Number(name[0]) * 1024) ** 2]),
    ),
    default: names[0] as string,
  }),
)

const ratios = someOf(["1:1", "16:9", "2:3", "21:9"]).map(
  (values): Parameter => ({
    kind: "ratios",
    path: "parts.1.ratio",
    values: ["auto", ...values],
    pixels: 1_048_576,
    default: "auto",
  }),
)

const shape: fc.Arbitrary<Fields> = fc.oneof(
  grid.map((size) => ({ size })),
  tiers.map((size) => ({ size })),
  ratios.map((aspectRatio) => ({ aspectRatio })),
  fc.tuple(tiers, ratios).map(([size, aspectRatio]) => ({ size, aspectRatio })),
)

const enumOf = (path: string, values: readonly string[]) =>
  fc.record({ own: someOf(values), hasDefault: fc.boolean() }).map(
    ({ own, hasDefault }): Parameter => ({
      kind: "enum",
      path,
      values: own,
      ...(hasDefault && { default: own[0] as string }),
    }),
  )

const condition: fc.Arbitrary<AllowedWith> = fc.oneof(
  someOf(formats).map((outputFormat) => ({ outputFormat })),
  fc.constant({ n: [1] }),
)

const settings: fc.Arbitrary<Fields> = fc
  .record({
    outputFormat: someOf(formats).map(
      (values): Parameter => ({
        kind: "enum",
        path: "format",
        values,
        default: values[0] as string,
      }),
    ),
    quality: enumOf("quality", ["low", "medium", "standard", "high", "hd", "xhigh", "max", "auto"]),
    background: enumOf("background", ["transparent", "opaque", "auto"]),
    moderation: enumOf("safety.0.level", ["auto", "low"]),
    compression: fc.constant<Parameter>({ kind: "range", path: "level", min: 0, max: 100 }),
    partialImages: fc.constant<Parameter>({
      kind: "range",
      path: "partial",
      min: 0,
      max: 3,
      integer: true,
      implies: { stream: true },
    }),
    ofCompression: condition,
    ofPartial: condition,
    ofBackground: condition,
  })
  .chain(({ ofCompression, ofPartial, ofBackground, ...fields }) =>
    fc.subarray(Object.keys(fields), { minLength: 1 }).map((names): Fields => {
      const all: Fields = {
        ...fields,
        compression: { ...fields.compression, allowedWith: ofCompression },
        partialImages: { ...fields.partialImages, allowedWith: ofPartial },
        background: {
          ...fields.background,
          valuesAllowedWith: { transparent: ofBackground },
        } as Parameter,
      }
      return Object.fromEntries(
        Object.entries(all).filter(([name]) => names.includes(name)),
      ) as Fields
    }),
  )

const cardOf = (fields: Fields): ModelCard => ({
  id: model,
  regions: [],
  lifecycle: { status: "active" },
  prices: [],
  sources: {},
  tasks: {
    "text-to-image": {
      constants: { "parts.0.kind": "image", stored: false },
      fields: {
        prompt: { kind: "text", path: "messages.0.text", min: 1, max: 100, required: true },
        n: { kind: "count", path: "n", max: 4 },
        ...fields,
      },
      imagesPerCall: 4,
    },
  },
})

const card = fc.tuple(shape, settings).map(([size, others]) => cardOf({ ...size, ...others }))

const sides = fc.integer({ min: 1, max: 5000 })
const optional = <Value>(arbitrary: fc.Arbitrary<Value>) =>
  fc.option(arbitrary, { nil: undefined, freq: 2 })
const requestedShape: fc.Arbitrary<JsonObject> = fc.oneof(
  fc.tuple(sides, sides).map(([width, height]) => ({ size: `${width}x${height}` })),
  fc.tuple(sides, sides).map(([width, height]) => ({ aspectRatio: `${width}:${height}` })),
  fc.constantFrom({}, { size: "2k" }, { size: "512", aspectRatio: "3:2" }, { size: "auto" }),
)
const requested: fc.Arbitrary<JsonObject> = fc
  .tuple(
    requestedShape,
    fc.record({
      n: optional(fc.integer({ min: 1, max: 6 })),
      quality: optional(fc.constantFrom("low", "medium", "auto", "hd", "xhigh", "max")),
      outputFormat: optional(fc.constantFrom("png", "jpeg", "webp")),
      background: optional(fc.constantFrom("opaque", "auto", "transparent")),
      moderation: optional(fc.constantFrom("auto", "low")),
      compression: optional(fc.integer({ min: 0, max: 100 })),
      partialImages: optional(fc.integer({ min: 0, max: 6 })),
    }),
  )
  .map(([size, others]) => ({ prompt: "a lamp", ...size, ...others }))

const clientOf = (each: ModelCard) => {
  const { transport } = scripted(({ body }) => images(body["n"] as number))
  const random = defineAdapter({ name: "random", models: [each], decode: decodeImageList })
  return createPictor<readonly ImageAdapter[]>({
    adapters: [random(transport)],
    runtime: stillRuntime(),
  })
}

const pathsIn = (value: unknown, prefix = ""): readonly string[] =>
  typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([key, each]) =>
        pathsIn(each, prefix ? `${prefix}.${key}` : key),
      )
    : [prefix]

/** What a strict provider finds wrong in a body, read from the card without the planner. */
const mistakesIn = (body: JsonObject, { constants = {}, fields }: TaskCard): readonly string[] => {
  const known = new Set([...Object.keys(constants), "stream"])
  const mistakes: string[] = []
  const sent = new Map<string, unknown>()
  for (const [name, parameter] of Object.entries(fields)) {
    const paths = [parameter.path ?? []].flat()
    for (const path of paths) known.add(path)
    const values = paths.map((path) => valueAt(body, path))
    if (values.every((value) => value === undefined)) continue
    const value = values.length === 2 ? values.join("x") : values[0]
    sent.set(name, value)
    if (!isLegal(parameter, value)) mistakes.push(`${name} ${String(value)}`)
  }
  for (const [name, value] of sent) {
    const parameter = fields[name as "background"]
    const ofValue =
      parameter?.kind === "enum" ? parameter.valuesAllowedWith?.[value as string] : undefined
    for (const [other, allowed] of Object.entries({ ...parameter?.allowedWith, ...ofValue }))
      if (!allowed.includes(sent.get(other) as string)) mistakes.push(`${name} without ${other}`)
  }
  return [...mistakes, ...pathsIn(body).filter((path) => !known.has(path))]
}

const isLegal = (parameter: Parameter, value: unknown): boolean => {
  if (parameter.kind === "grid") {
    const [width = 0, height = 0] = String(value).split("x").map(Number)
    const { side, multiple, pixels, minPixels = 0, ratio } = parameter
    const long = Math.max(width, height)
    const short = Math.min(width, height)
    return (
      width % multiple === 0 &&
      height % multiple === 0 &&
      short >= side[0] &&
      long <= side[1] &&
      width * height <= pixels &&
      width * height >= minPixels &&
      long <= ratio * short
    )
  }
  if (parameter.kind === "tiers") return Object.hasOwn(parameter.values, value as string)
  if (parameter.kind === "enum" || parameter.kind === "ratios")
    return parameter.values.includes(value as string)
  if (parameter.kind === "range")
    return (value as number) >= parameter.min && (value as number) <= parameter.max
  return value !== undefined
}

const property = (
  check: (each: ModelCard, request: JsonObject) => Promise<void>,
  numRuns: number,
): Promise<void> =>
  fc.assert(
    fc.asyncProperty(card, requested, async (each, request) => {
      try {
        await check(each, request)
      } catch (error) {
        // Transparent images of a model that makes none, or not in this request.
        if (!isImageError(error, "unsupported") || request["background"] !== "transparent")
          throw error
        expect(error.issues?.map(({ path }) => path)).toEqual(["background"])
      }
    }),
    { seed: 20_261_130, numRuns: runs(numRuns) },
  )

describe("a plan for a random card", () => {
  it("is accepted by a strict provider", () =>
    property(async (each, request) => {
      const { calls } = await clientOf(each).plan({ ...request, model })
      const task = each.tasks["text-to-image"] as TaskCard
      for (const { body } of calls) expect(mistakesIn(body, task)).toEqual([])
    }, 20_000))

  it("reports every requested setting that it does not use", async () => {
    expect.hasAssertions()
    await property(async (each, request) => {
      const { resolved, changes } = await clientOf(each).plan({ ...request, model })
      const lossless = { quality: "auto", background: "auto", moderation: "auto", partialImages: 0 }
      for (const [name, value] of Object.entries(request)) {
        if (["n", "size", "aspectRatio"].includes(name) || value === undefined) continue
        const used = resolved[name as "quality"]
        if (used !== value && lossless[name as "quality"] !== value)
          expect(changes.map(({ field }) => field)).toContain(name)
      }
    }, 10_000)
  })

  it("is planned again from its recipe to the same body, without a change", () =>
    property(async (each, request) => {
      const client = clientOf(each)
      const { image } = await client.generate({ ...request, model, n: 1 })
      const planned = await client.plan({ ...request, model, n: 1 })
      const again = await client.plan({ ...image.recipe.request, model, policy: "strict" })
      expect(again.calls[0]?.body).toEqual(planned.calls[0]?.body)
      expect(again.changes).toEqual([])
    }, 5000))
})
