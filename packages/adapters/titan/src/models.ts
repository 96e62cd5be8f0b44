import type { ModelCard, TaskCard } from "@pictor/core"

const words = { kind: "text", max: 512, source: "request" } as const

const sizes = [
  "1024x1024",
  "768x768",
  "512x512",
  "768x1152",
  "384x576",
  "1152x768",
  "576x384",
  "768x1280",
  "384x640",
  "1280x768",
  "640x384",
  "896x1152",
  "448x576",
  "1152x896",
  "576x448",
  "768x1408",
  "384x704",
  "1408x768",
  "704x384",
  "640x1408",
  "320x704",
  "1408x640",
  "704x320",
  "1152x640",
  "1173x640",
] as const

const textToImage = {
  fixed: { taskType: "TEXT_IMAGE" },
  imagesPerCall: 5,
  fields: {
    prompt: { ...words, wire: "textToImageParams.text", required: true },
    negativePrompt: { ...words, wire: "textToImageParams.negativeText" },
    n: { kind: "count", wire: "imageGenerationConfig.numberOfImages", max: 5, source: "request" },
    quality: { kind: "enum", wire: "imageGenerationConfig.quality", values: ["standard", "premium"], default: "standard", source: "request" },
    guidance: { kind: "range", wire: "imageGenerationConfig.cfgScale", min: 1.1, max: 10, default: 8, source: "request" },
    // The page's default has changed from 1024 to 1408, so a size is always sent.
    size: {
      kind: "sizes",
      wire: ["imageGenerationConfig.width", "imageGenerationConfig.height"],
      values: sizes,
      default: "1024x1024",
      source: "request",
    },
    // The page of v1 once ended at 214783647: seeds that Pictor draws stay below it.
    seed: {
      kind: "seed",
      wire: "imageGenerationConfig.seed",
      min: 0,
      max: 2_147_483_646,
      narrowMax: 214_783_647,
      zero: "literal",
      source: "request",
    },
    outputFormat: { kind: "enum", values: ["png"], default: "png", source: "request" },
  },
} as const satisfies TaskCard

// 768x768 is the largest of the 512 class in the page's column of price equivalents.
const prices = [
  { quality: "standard", maxPixels: 589_824, microUsd: 8_000, source: "prices" },
  { quality: "premium", maxPixels: 589_824, microUsd: 10_000, source: "prices" },
  { quality: "standard", microUsd: 10_000, source: "prices" },
  { quality: "premium", microUsd: 12_000, source: "prices" },
] as const

const sources = {
  request: { url: "https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-image.html", seen: "2026-11-20" },
  lifecycle: { url: "https://docs.aws.amazon.com/bedrock/latest/userguide/model-lifecycle-legacy.html", seen: "2026-10-31" },
  prices: { url: "https://aws.amazon.com/bedrock/pricing/", seen: "2025-12-31" },
} as const

/** Titan Image Generator G1, v1 and v2. */
export const models = [
  {
    id: "amazon.titan-image-generator-v1",
    aliases: ["amazon.titan-image-generator-v1:0"],
    streaming: true,
    regions: ["us-east-1", "us-west-2"],
    // No page gives the date: v1 is missing from both of 2026's tables of models.
    lifecycle: { status: "retired", successor: "stability.stable-image-core-v1:1", source: "lifecycle" },
    tasks: { "text-to-image": textToImage },
    prices,
    sources,
  },
  {
    id: "amazon.titan-image-generator-v2:0",
    streaming: true,
    regions: ["us-east-1", "us-west-2"],
    lifecycle: {
      status: "retired",
      legacyFrom: "2025-12-30",
      retiredFrom: "2026-06-30",
      successor: "stability.stable-image-core-v1:1",
      source: "lifecycle",
    },
    tasks: { "text-to-image": textToImage },
    prices,
    sources,
  },
] as const satisfies readonly ModelCard[]
