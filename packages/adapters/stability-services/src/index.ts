import { decodeFinishReasons, defineAdapter } from "@pictor/core/adapter"
import { models } from "./models.ts"

/** Stability AI's image services through any transport that reaches them: `stabilityServices(bedrock({ region: "us-east-1" }))`. */
export const stabilityServices = defineAdapter({
  name: "stability-services",
  version: "0.1.0",
  models,
  guardrail: { key: "amazon-bedrock-guardrailAction", value: "INTERVENED" },
  decode: decodeFinishReasons,
})
