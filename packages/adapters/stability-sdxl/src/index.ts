import { defineAdapter } from "@pictor/core/adapter"
import { models } from "./models.ts"
import { decode } from "./response.ts"

/** Stable Diffusion XL through any transport that reaches it: `stabilitySdxl(bedrock({ region: "us-east-1" }))`. */
export const stabilitySdxl = defineAdapter({
  name: "stability-sdxl",
  version: "0.1.0",
  models,
  guardrail: { key: "amazon-bedrock-guardrailAction", value: "INTERVENED" },
  decode,
})
