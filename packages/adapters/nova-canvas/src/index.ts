import { decodeImageList, defineAdapter } from "@pictor/core/adapter"
import { models } from "./models.ts"

/** Nova Canvas through any transport that reaches it: `novaCanvas(bedrock({ region: "us-east-1" }))`. */
export const novaCanvas = defineAdapter({
  name: "nova-canvas",
  version: "0.1.0",
  models,
  guardrail: { key: "amazon-bedrock-guardrailAction", value: "INTERVENED" },
  decode: decodeImageList,
})
