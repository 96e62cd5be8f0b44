import { afterAll, describe, expect, it } from "vitest"
import { createRouter } from "../routing/router.ts"
import { createFiles, withParams } from "./__fixtures__/files.ts"
import { deploymentsOf } from "./deployments.ts"

const files = createFiles()
afterAll(files.remove)

const presets = [
  "negative_prompt: people",
  "aspect_ratio: '16:9'",
  "output_format: jpeg",
  "quality: hd",
  "cfg_scale: '7.5'",
  "seed: 0",
  "n: 2",
]

describe("fields of a request in litellm_params", () => {
  it("are defaults of that model_name, under its aliases too", async () => {
    const { config, warnings } = await files.load(
      `${withParams(...presets)}\nrouter_settings: { model_group_alias: { wide: paint } }\n`,
    )
    const defaults = {
      negative_prompt: "people",
      aspect_ratio: "16:9",
      output_format: "jpeg",
      quality: "hd",
      cfg_scale: 7.5,
      seed: 0,
      n: 2,
    }
    expect(warnings).toEqual([])
    expect(createRouter(await deploymentsOf(config), config.router).models()).toEqual([
      expect.objectContaining({ id: "paint", defaults }),
      expect.objectContaining({ id: "wide", defaults }),
    ])
  })

  it("are errors with values that no request may have", async () => {
    const { message } = await files.failure(withParams("n: 0", "output_format: tiff"))
    expect(message).toContain("litellm_params.n: invalid value 0; expected a whole number from 1")
    expect(message).toContain('output_format: invalid value "tiff"; expected png, jpeg or webp')
  })

  it("are those of the first entry where they differ, with a warning", async () => {
    const second =
      "  - { model_name: paint, litellm_params: { model: bedrock/amazon.nova-canvas-v1:0, n: 3 } }\n"
    const { warnings } = await files.load(`${withParams("n: 2")}\n${second}`)
    expect(warnings).toEqual([
      "paint has entries with different defaults. Those of its first entry apply.",
    ])
  })
})
