import {
  base64,
  closed,
  integer,
  type JsonSchema,
  number,
  oneOf,
  type TaskSchemas,
  text,
} from "./parts.ts"

// https://docs.aws.amazon.com/nova/latest/nova2-userguide/request-response-schema.html, seen
// 2026-11-30

const words = text(1, 1_000_000)

const picture: JsonSchema = closed(
  { format: oneOf("jpeg", "png", "gif", "webp"), source: closed({ bytes: base64 }, ["bytes"]) },
  ["format", "source"],
)

/** A part is a text or a picture. */
const part: JsonSchema = closed({ text: words, image: picture }, [], {
  minProperties: 1,
  maxProperties: 1,
})

const content: JsonSchema = { type: "array", minItems: 1, items: part }

/** One message of a user. The emulator draws no conversations. */
const messages: JsonSchema = {
  type: "array",
  minItems: 1,
  maxItems: 1,
  items: closed({ role: oneOf("user"), content }, ["role", "content"]),
}

/**
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_GuardrailConfiguration.html,
 * seen 2026-11-30
 */
const guardrailConfig: JsonSchema = closed({
  guardrailIdentifier: text(0, 2048),
  guardrailVersion: text(0, 8),
  trace: oneOf("enabled", "disabled", "enabled_full"),
})

const body: JsonSchema = closed(
  {
    messages,
    system: { type: "array", minItems: 1, items: closed({ text: words }, ["text"]) },
    inferenceConfig: closed({
      maxTokens: integer(1, 5000),
      temperature: number(0.00001, 1),
      topP: number(0, 1),
      stopSequences: { type: "array", maxItems: 4, items: text(1, 1000) },
    }),
    additionalModelRequestFields: closed({
      inferenceConfig: closed({ topK: integer(0, 128) }),
    }),
    guardrailConfig,
  },
  ["messages"],
)

/** Nova 2 Omni by Converse. The body is the same with pictures and without. */
export const novaOmniSchemas: TaskSchemas = { "text-to-image": body, "image-to-image": body }
