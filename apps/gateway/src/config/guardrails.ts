import type { z } from "zod"
import type { Diagnostics } from "./diagnostics.ts"
import { promptsUnchecked } from "./ignored-settings.ts"
import type { generalSettings } from "./schema.ts"
import { isList, isYamlObject, type YamlObject } from "./yaml-object.ts"

/**
 * LiteLLM's callbacks that reject or change prompts: https://docs.litellm.ai/docs/proxy/guardrails.
 */
const checkingCallbacks: ReadonlySet<unknown> = new Set(
  `aporia_prompt_injection azure_content_safety banned_keywords blocked_user_check
  detect_prompt_injection google_text_moderation hide_secrets lakera_prompt_injection
  llamaguard_moderations llmguard_moderations openai_moderations presidio`.split(/\s+/),
)

/**
 * The gateway has none of LiteLLM's guardrails. A file that relies on them is an error, unless
 * `guardrails_unchecked` says that prompts go unchecked.
 */
export const checkGuardrails = (
  file: YamlObject,
  { guardrails_unchecked: unchecked = false }: z.output<typeof generalSettings>,
  diagnostics: Diagnostics,
): void => {
  const { litellm_settings: litellm } = file
  const callbacks = isYamlObject(litellm) ? litellm["callbacks"] : undefined
  for (const name of isList(callbacks) ? callbacks : [callbacks])
    if (checkingCallbacks.has(name))
      diagnostics.ignore(`litellm_settings.callbacks: ${name}`, promptsUnchecked)
  if (unchecked) return
  for (const place of diagnostics.ignored(promptsUnchecked))
    diagnostics.issue(
      place,
      "the gateway has no guardrails of LiteLLM; set guardrailConfig in litellm_params for a Bedrock guardrail, or general_settings.guardrails_unchecked: true to send prompts unchecked",
    )
}
