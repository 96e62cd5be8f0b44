import { afterAll, describe, expect, it } from "vitest"
import { createFiles, withParams, withSection } from "./__fixtures__/files.ts"

const files = createFiles()
afterAll(files.remove)

const remedy = "limits nothing here; it counts in litellm_settings"

describe("a limit on money in a section where it has no effect", () => {
  it.each([
    ["general_settings.max_budget", withSection("general_settings", "max_budget: 10")],
    ["router_settings.budget_duration", withSection("router_settings", "budget_duration: 1d")],
    ["gateway_settings.max_budget", withSection("gateway_settings", "max_budget: 0")],
    ["max_budget", `${withParams()}\nmax_budget: 10\n`],
    [
      "default_key_generate_params",
      `${withParams()}\ndefault_key_generate_params: { rpm_limit: 60 }\n`,
    ],
    [
      "general_settings.upperbound_key_generate_params",
      withSection("general_settings", "upperbound_key_generate_params: { max_budget: 1 }"),
    ],
  ])("is an error that names the right one: %s", async (place, text) => {
    expect((await files.failure(text)).message).toContain(`${place}: ${remedy}`)
  })

  it("is an error that names the route of budgets where no section has it", async () => {
    const deployment = await files.failure(withParams("max_budget: 10", "budget_duration: 1d"))
    expect(deployment.message).toContain(
      'model_list[0].litellm_params.max_budget: limits nothing here; set a budget with POST /budget/new and "model"',
    )
    const provider = await files.failure(
      withSection("router_settings", "provider_budget_config: { bedrock: { budget_limit: 1 } }"),
    )
    expect(provider.message).toContain(
      "router_settings.provider_budget_config: limits nothing here; set a budget with POST /budget/new",
    )
    const everyEndUser = await files.failure(
      withSection("litellm_settings", "max_end_user_budget: 1"),
    )
    expect(everyEndUser.message).toContain("litellm_settings.max_end_user_budget: limits nothing")
  })
})

describe("another key in a section where it has no effect", () => {
  it("is a warning that names the right one", async () => {
    const { warnings } = await files.load(
      `${withSection("general_settings", "num_retries: 2", "image_folder: ./a")}master_key: sk-1\n`,
    )
    expect(warnings).toEqual([
      "master_key has no effect here. It counts in general_settings.",
      "general_settings.num_retries has no effect here. It counts in litellm_settings and router_settings.",
      "general_settings.image_folder has no effect here. It counts in gateway_settings.",
    ])
  })
})

describe("limits of keys", () => {
  it("are read from the file", async () => {
    const { config, warnings } = await files.load(
      withSection(
        "litellm_settings",
        "default_key_generate_params: { max_budget: 1.5, models: [paint], metadata: { a: 1 }, soft_budget: 0 }",
        "upperbound_key_generate_params: { max_budget: '7', budget_duration: 30d, tpm_limit: 5 }",
      ),
    )
    expect(config.general.keyRules).toEqual({
      defaults: {
        max_budget: 1_500_000,
        models: ["paint"],
        metadata: { a: 1 },
        soft_budget: 0,
      },
      bounds: { max_budget: 7_000_000, budget_duration: "30d" },
    })
    expect(warnings).toEqual([
      "upperbound_key_generate_params.tpm_limit is ignored: limits and prices by token are not configurable.",
    ])
  })

  it("with a wrong value or a misspelt name are errors", async () => {
    const { message } = await files.failure(
      withSection(
        "litellm_settings",
        "upperbound_key_generate_params: { max_budget: ten, max_bugdet: 1 }",
      ),
    )
    expect(message).toContain(
      "litellm_settings.upperbound_key_generate_params.max_budget: invalid value; expected US dollars",
    )
    expect(message).toContain(
      "litellm_settings.upperbound_key_generate_params.max_bugdet: limits nothing here; the nearest name is max_budget",
    )
  })
})
