import type { ModelCard } from "@pictor/core/adapter"

/** Tokens of words and pictures in a reply. Every body has the cap. */
const mostTokens = 5000

const common = {
  endpoint: "converse",
  constants: { "messages.0.role": "user", "inferenceConfig.maxTokens": mostTokens },
  options: {
    // Texts have no published limit of characters.
    "system.0.text": { kind: "text", min: 1, max: 32_768, source: "schema", unsure: true },
    "inferenceConfig.temperature": { kind: "range", min: 0.000_01, max: 1, source: "schema" },
    "inferenceConfig.topP": { kind: "range", min: 0, max: 1, source: "schema" },
    "additionalModelRequestFields.inferenceConfig.topK": {
      kind: "range",
      min: 0,
      max: 128,
      integer: true,
      source: "schema",
    },
  },
} as const

const settings = {
  prompt: {
    kind: "text",
    path: "messages.0.content.0.text",
    min: 1,
    max: 32_768,
    required: true,
    source: "schema",
    unsure: true,
  },
  // Replies that people show have PNG. No page states it.
  outputFormat: { kind: "enum", values: ["png"], default: "png", unsure: true },
} as const

/** The page is of Nova 2 Lite. */
const images = {
  kind: "images",
  max: 5,
  required: true,
  limits: { types: ["image/png", "image/jpeg", "image/webp"], side: [1, 8000] },
  places: [
    "messages.0.content.1.image.source.bytes",
    "messages.0.content.2.image.source.bytes",
    "messages.0.content.3.image.source.bytes",
    "messages.0.content.4.image.source.bytes",
    "messages.0.content.5.image.source.bytes",
  ],
  source: "multimodal",
  unsure: true,
} as const

export const models = [
  {
    id: "amazon.nova-2-omni-v1:0",
    callableIds: [
      "us.amazon.nova-2-omni-v1:0",
      "global.amazon.nova-2-omni-v1:0",
      "amazon.nova-2-omni-preview-20251202-v1:0",
    ],
    regions: ["us-east-1"],
    // For customers of Nova Forge.
    lifecycle: { status: "preview" },
    tasks: {
      "text-to-image": { ...common, fields: settings },
      "image-to-image": { ...common, fields: { ...settings, images } },
    },
    prices: [
      {
        units: {
          inputTextToken: 0.3,
          inputImageToken: 0.3,
          // The price of words of Nova 2 Lite.
          outputTextToken: 2.5,
          outputImageToken: 44,
        },
        most: {
          call: { inputTextToken: 16, outputImageToken: mostTokens },
          // 230 tokens are charged for a picture of Nova 2 Lite. Nova 1 counts up to 2,600.
          input: { inputImageToken: 2600 },
          textByte: { inputTextToken: 1 },
        },
        source: "prices",
        inferred: true,
      },
    ],
    sources: {
      schema: {
        url: "https://docs.aws.amazon.com/nova/latest/nova2-userguide/request-response-schema.html",
        seen: "2026-11-30",
      },
      multimodal: {
        url: "https://docs.aws.amazon.com/nova/latest/nova2-userguide/using-multimodal-models.html",
        seen: "2026-11-30",
      },
      prices: {
        url: "https://github.com/api-evangelist/amazon-nova/blob/97c0aa27/plans/amazon-nova-plans-pricing.yml",
        seen: "2026-11-30",
      },
    },
  },
] as const satisfies readonly ModelCard[]
