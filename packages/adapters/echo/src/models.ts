import type { ModelCard } from "@pictor/core/adapter"

/** The smallest card that shows each part: what the model takes, what it costs, how long it lives, and who says so. */
export const models = [
  {
    id: "echo-v1",
    aliases: ["echo"],
    regions: [],
    lifecycle: { status: "active", source: "here" },
    tasks: {
      "text-to-image": {
        imagesPerCall: 4,
        fields: {
          prompt: {
            kind: "text",
            path: "prompt",
            min: 1,
            max: 1000,
            required: true,
            source: "here",
          },
          n: { kind: "count", path: "count", max: 4, source: "here" },
          size: {
            kind: "grid",
            path: ["width", "height"],
            side: [16, 2048],
            multiple: 16,
            pixels: 4_194_304,
            ratio: 8,
            default: "512x512",
            source: "here",
          },
          seed: {
            kind: "seed",
            path: "seed",
            min: 0,
            max: 4_294_967_295,
            zero: "literal",
            source: "here",
          },
          outputFormat: { kind: "enum", values: ["png"], default: "png", source: "here" },
        },
      },
    },
    prices: [{ microUsd: 0, source: "here" }],
    sources: {
      here: {
        url: "https://github.com/pictor-images/pictor/tree/main/packages/adapters/echo",
        seen: "2026-11-20",
      },
    },
  },
] as const satisfies readonly ModelCard[]
