import { decodeImageList, defineAdapter } from "@pictor/core/adapter"
import { models } from "./models.ts"

/** Titan Image Generator through any transport that reaches it: `titan(bedrock({ region: "us-east-1" }))`. */
export const titan = defineAdapter({
  name: "titan",
  version: "0.1.0",
  models,
  guardrail: { key: "amazon-bedrock-guardrailAction", value: "INTERVENED" },
  decode: decodeImageList,
})
