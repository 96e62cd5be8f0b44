import type { ModelCard } from "@pictor/core"

const words = { kind: "text", min: 1, max: 1024, source: "request" } as const

/** Nova Canvas. Where pages disagree, planned values are what all of them accept. */
export const models = [
  {
    id: "amazon.nova-canvas-v1:0",
    regions: ["us-east-1", "eu-west-1", "ap-northeast-1"],
    lifecycle: {
      status: "retired",
      legacyFrom: "2026-03-30",
      retiredFrom: "2026-09-30",
      successor: "stability.stable-image-core-v1:1",
      source: "lifecycle",
    },
    tasks: {
      "text-to-image": {
        fixed: { taskType: "TEXT_IMAGE" },
        imagesPerCall: 5,
        fields: {
          prompt: { ...words, wire: "textToImageParams.text", required: true },
          negativePrompt: { ...words, wire: "textToImageParams.negativeText" },
          style: {
            kind: "enum",
            wire: "textToImageParams.style",
            source: "request",
            values: [
              "3D_ANIMATED_FAMILY_FILM",
              "DESIGN_SKETCH",
              "FLAT_VECTOR_ILLUSTRATION",
              "GRAPHIC_NOVEL_ILLUSTRATION",
              "MAXIMALISM",
              "MIDCENTURY_RETRO",
              "PHOTOREALISM",
              "SOFT_DIGITAL_PAINTING",
            ],
          },
          n: { kind: "count", wire: "imageGenerationConfig.numberOfImages", max: 5, source: "request" },
          quality: { kind: "enum", wire: "imageGenerationConfig.quality", values: ["standard", "premium"], default: "standard", source: "request" },
          guidance: { kind: "range", wire: "imageGenerationConfig.cfgScale", min: 1.1, max: 10, default: 6.5, source: "request" },
          size: {
            kind: "grid",
            wire: ["imageGenerationConfig.width", "imageGenerationConfig.height"],
            side: [320, 4096],
            multiple: 16,
            // The rule says fewer than 4,194,304 pixels; the list of sizes has 2048x2048, which are exactly that.
            pixels: 4_194_304,
            ratio: 4,
            default: "1024x1024",
            source: "sizes",
          },
          // Older pages end at 858993459: seeds that Pictor draws stay below it.
          seed: {
            kind: "seed",
            wire: "imageGenerationConfig.seed",
            min: 0,
            max: 2_147_483_646,
            narrowMax: 858_993_459,
            zero: "literal",
            source: "request",
          },
          outputFormat: { kind: "enum", values: ["png"], default: "png", source: "request" },
        },
      },
    },
    // No page says how a size that is not square is counted; by pixels is our reading.
    prices: [
      { quality: "standard", maxPixels: 1_048_576, microUsd: 40_000, source: "prices", inferred: true },
      { quality: "premium", maxPixels: 1_048_576, microUsd: 60_000, source: "prices", inferred: true },
      { quality: "standard", microUsd: 60_000, source: "prices", inferred: true },
      { quality: "premium", microUsd: 80_000, source: "prices", inferred: true },
    ],
    sources: {
      request: { url: "https://docs.aws.amazon.com/nova/latest/userguide/image-gen-req-resp-structure.html", seen: "2026-11-20" },
      sizes: { url: "https://docs.aws.amazon.com/nova/latest/userguide/image-gen-access.html", seen: "2026-11-20" },
      lifecycle: { url: "https://docs.aws.amazon.com/bedrock/latest/userguide/model-lifecycle-legacy.html", seen: "2026-10-31" },
      prices: { url: "https://aws.amazon.com/bedrock/pricing/", seen: "2026-07-09" },
    },
  },
] as const satisfies readonly ModelCard[]
