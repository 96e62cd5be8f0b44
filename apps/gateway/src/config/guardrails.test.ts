import { afterAll, describe, expect, it } from "vitest"
import { createFiles, withParams, withSection } from "./__fixtures__/files.ts"

const files = createFiles()
afterAll(files.remove)

const places: readonly (readonly [string, string])[] = [
  ["guardrails", `${withParams()}\nguardrails: [{ guardrail_name: pii }]\n`],
  ["policies", `${withParams()}\npolicies: { strict: { guardrails: { add: [pii] } } }\n`],
  ["litellm_params.guardrails", `${withParams("guardrails: [pii]")}\n`],
  ["router_settings.guardrail_list", withSection("router_settings", "guardrail_list: [{}]")],
  [
    "litellm_settings.callbacks: detect_prompt_injection",
    withSection("litellm_settings", "callbacks: [otel, detect_prompt_injection]"),
  ],
]

describe("guardrails that the gateway lacks", () => {
  it.each(places)("are an error: %s", async (place, text) => {
    expect((await files.failure(text)).message).toContain(
      `${place}: the gateway has no guardrails of LiteLLM; set guardrailConfig in litellm_params for a Bedrock guardrail, or general_settings.guardrails_unchecked: true to send prompts unchecked`,
    )
  })

  it.each(places)("are a warning if prompts may go unchecked: %s", async (place, text) => {
    const { warnings } = await files.load(
      `${text}general_settings: { guardrails_unchecked: true }\n`,
    )
    expect(warnings).toContain(`${place} is ignored: prompts are not checked.`)
  })

  it("may be an empty list", async () => {
    expect(
      (await files.load(`${withParams("guardrails: []")}\nguardrails: []\n`)).warnings,
    ).toEqual([])
  })
})
