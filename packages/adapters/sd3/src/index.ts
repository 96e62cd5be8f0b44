import { decodeFinishReasons, defineAdapter } from "@pictor/core/adapter"
import { models } from "./models.ts"

/** Stable Diffusion 3, 3.5, Stable Image Core and Ultra through any transport that reaches them: `sd3(bedrock({ region: "us-west-2" }))`. */
export const sd3 = defineAdapter({
  name: "sd3",
  version: "0.1.0",
  models,
  guardrail: { key: "amazon-bedrock-guardrailAction", value: "INTERVENED" },
  decode: decodeFinishReasons,
})
