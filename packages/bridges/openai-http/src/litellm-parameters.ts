import { z } from "zod"
import { accountText, anything, flag, integer, type Parameter, seconds } from "./parameter-kinds.ts"

const isNothingCached = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  Object.keys(value).every((name) => name === "no-cache" || name === "no-store")

const tagged = { ...accountText, special: true } as const

export const taggedNames = ["litellm_session_id", "litellm_trace_id", "litellm_call_id"] as const

/**
 * Fields that LiteLLM's proxy takes in the body of any request.
 * https://docs.litellm.ai/docs/proxy/user_keys, seen 2026-11-21
 */
export const litellmParameters: Readonly<Record<string, Parameter>> = {
  max_retries: {
    ...integer(0, 100),
    special: true,
    description: "LiteLLM's: the same as num_retries.",
  },
  request_timeout: { ...seconds, special: true, description: "LiteLLM's: the same as timeout." },
  fallbacks: {
    schema: z.array(z.union([z.string(), z.looseObject({ model: z.string() })])).max(100),
    allowed: "a list of models",
    special: true,
    description: "LiteLLM's: models to use if this one fails.",
  },
  disable_fallbacks: {
    ...flag,
    defaults: [false],
    special: true,
    description: "LiteLLM's: true uses no other model if this one fails.",
  },
  litellm_metadata: {
    schema: z.record(z.string(), z.unknown()),
    allowed: "an object of strings",
    special: true,
    description: "LiteLLM's: the same as metadata.",
  },
  litellm_session_id: { ...tagged, description: "LiteLLM's: becomes a tag of this name." },
  litellm_trace_id: { ...tagged, description: "LiteLLM's: becomes a tag of this name." },
  litellm_call_id: { ...tagged, description: "LiteLLM's: becomes a tag of this name." },
  cache: {
    schema: z.record(z.string(), z.unknown()),
    allowed: "an object",
    isDefault: isNothingCached,
    ignored: "images are not cached; Idempotency-Key returns the images of an earlier request",
    description: "LiteLLM's: no effect, images are not cached.",
  },
  caching: {
    ...flag,
    defaults: [false],
    ignored: "images are not cached; Idempotency-Key returns the images of an earlier request",
    description: "LiteLLM's: no effect, images are not cached.",
  },
  "no-log": {
    ...flag,
    defaults: [false],
    ignored: "prompts are never logged, and what a request costs is always recorded",
    description: "LiteLLM's: no effect, prompts are never logged.",
  },
  guardrails: {
    ...anything,
    isDefault: (value) => Array.isArray(value) && value.length === 0,
    unsupported:
      "This server runs no guardrails, so the prompt would go unchecked. Remove the field, or use a server that has them.",
    description: "LiteLLM's: rejected, because this server runs no guardrails.",
  },
}
