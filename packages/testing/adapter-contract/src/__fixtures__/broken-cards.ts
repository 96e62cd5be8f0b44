import type { JsonObject, ModelCard } from "@pictor/core"
import type { Broken } from "./broken.ts"
import { encode, type Mini, many, one, ratio } from "./mini.ts"

const { "text-to-image": drawing } = many.tasks

const withCard =
  (change: Partial<ModelCard>): (() => Mini) =>
  () => ({ models: [{ ...many, ...change }, one, ratio] })

const withFields = (fields: JsonObject): (() => Mini) =>
  withCard({
    tasks: { "text-to-image": { ...drawing, fields: { ...drawing.fields, ...fields } } },
  })

const withOptions =
  (options: JsonObject, change: (body: JsonObject) => JsonObject = (body) => body): (() => Mini) =>
  () => ({
    models: [
      {
        ...many,
        tasks: { "text-to-image": { ...drawing, options: { ...drawing.options, ...options } } },
      },
      one,
      ratio,
    ],
    encode: (draft) => change(encode(draft)),
  })

export const brokenCards: readonly Broken[] = [
  {
    clause: "card-ids",
    mistake: "two models share an alias",
    parts: () => ({ models: [many, { ...one, aliases: ["mini"] }, ratio] }),
  },
  {
    clause: "card-tasks",
    mistake: "has a task without an example",
    parts: withCard({ tasks: { ...many.tasks, upscale: { fields: {} } } }),
  },
  {
    clause: "card-sources",
    mistake: "a source is missing",
    parts: withFields({ style: { ...drawing.fields.style, source: "there" } }),
  },
  {
    clause: "card-sources",
    mistake: "a source has no date",
    parts: withCard({ sources: { here: { url: "https://example.com", seen: "last week" } } }),
  },
  {
    clause: "card-lifecycle",
    mistake: "is retired before it is legacy",
    parts: withCard({
      lifecycle: { status: "legacy", legacyFrom: "2027-01-01", retiredFrom: "2026-12-01" },
    }),
  },
  {
    clause: "card-lifecycle",
    mistake: "is retired before its earliest end",
    parts: withCard({
      lifecycle: { status: "legacy", earliestEnd: "2027-01-01", retiredFrom: "2026-12-01" },
    }),
  },
  {
    clause: "card-lifecycle",
    mistake: "begins its extended access on no date",
    parts: withCard({ lifecycle: { status: "legacy", extendedFrom: "soon" } }),
  },
  {
    clause: "card-sources",
    mistake: "an unsure task has no source",
    parts: withCard({ unsure: { upscale: ["there"] } }),
  },
  {
    clause: "card-prices",
    mistake: "gives its price in USD",
    parts: withCard({ prices: [{ microUsd: 0.04, source: "here" }] }),
  },
  {
    clause: "card-prices",
    mistake: "has no price for many steps",
    parts: withCard({ prices: [{ microUsd: 10_000, maxSteps: 30, source: "here" }] }),
  },
  {
    clause: "card-prices",
    mistake: "has a negative price of a unit",
    parts: withCard({
      prices: [{ units: { image: 1, credit: -1 }, most: { image: { image: 1 } }, source: "here" }],
    }),
  },
  {
    clause: "card-prices",
    mistake: "has prices by usage without an upper bound",
    parts: withCard({ prices: [{ units: { image: 1 }, source: "here" }] }),
  },
  {
    clause: "card-places",
    mistake: "two fields share a path",
    parts: withOptions({ mode: { kind: "enum", values: ["draw"], source: "here" } }),
  },
  {
    clause: "range-sizes",
    mistake: "its default size is not legal",
    parts: withFields({ size: { ...drawing.fields.size, default: "100x100" } }),
  },
  {
    clause: "change-none",
    mistake: "its default style is not one of its styles",
    parts: withFields({ style: { ...drawing.fields.style, default: "none" } }),
  },
  {
    clause: "change-silent",
    mistake: "takes a setting that it never sends",
    parts: withFields({ guidance: { kind: "range", min: 1, max: 20, default: 7, source: "here" } }),
  },
  {
    clause: "split-calls",
    mistake: "plans more images than a call takes",
    parts: withFields({ n: { ...drawing.fields.n, max: 2 } }),
  },
  {
    clause: "seed-limits",
    mistake: "draws seeds that it rejects",
    parts: withFields({ seed: { ...drawing.fields.seed, narrowMax: 2_000_000 } }),
  },
  {
    clause: "image-format",
    mistake: "has a format that is never delivered",
    parts: withFields({
      outputFormat: {
        kind: "enum",
        path: "format",
        values: ["png", "webp"],
        default: "png",
        source: "here",
      },
    }),
  },
  {
    clause: "body-planned",
    mistake: "lets an option change the number of images",
    parts: withOptions(
      { batch: { kind: "range", min: 1, max: 2, integer: true, source: "here" } },
      (body) =>
        body["batch"] === undefined
          ? body
          : { ...body, count: Number(body["count"]) * Number(body["batch"]) },
    ),
  },
]
