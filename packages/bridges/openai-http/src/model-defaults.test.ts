import { describe, expect, it } from "vitest"
import { imagesOf } from "./__fixtures__/reading.ts"
import { file, form, picture, studio } from "./__fixtures__/studio.ts"

const model = "acme.brush-v1:0"
const defaults = { n: 2, size: "512x512", negative_prompt: "people", seed: 0 }

const made = () => studio({ bridge: { models: () => [{ id: model, defaults }] } })

/** The body of the provider call that a request is planned as. */
const planned = async (fields: object): Promise<unknown> => {
  const response = await made().json("/v1/images/plan", { model, prompt: "A", ...fields })
  const { calls } = (await response.json()) as { readonly calls: readonly { body: unknown }[] }
  return calls[0]?.body
}

describe("the defaults of a model", () => {
  it("are used for the fields that a request leaves out", async () => {
    const expected = {
      textParams: { text: "A", negativeText: "people" },
      config: { count: 2, seed: 0, width: 512, height: 512 },
    }
    expect(await planned({})).toMatchObject(expected)
    expect(await planned({ n: null })).toMatchObject(expected)
  })

  it("give way to the request, also under another name of the same thing", async () => {
    expect(await planned({ n: 1, seed: 5, aspect_ratio: "1:1" })).toMatchObject({
      textParams: { negativeText: "people" },
      config: { count: 1, seed: 5, width: 256, height: 256 },
    })
  })

  it("are used in forms", async () => {
    const body = form({ model, prompt: "A", n: "", image: file(picture("it")) })
    const answer = await imagesOf(await made().send("/v1/images/edits", { method: "POST", body }))
    expect(answer.data).toHaveLength(2)
  })
})
