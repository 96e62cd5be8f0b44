import { describe, expect, it } from "vitest"
import { errorOf, imagesOf } from "./__fixtures__/reading.ts"
import { file, form, picture, studio } from "./__fixtures__/studio.ts"

const model = "acme.brush-v1:0"

describe("the model that a host sets for every request", () => {
  it("is used where a request names none", async () => {
    const made = studio({ context: { model } })
    const answer = await imagesOf(await made.generate({ prompt: "A" }))
    expect([made.calls[0]?.model, answer.pictor.changes]).toEqual([model, []])
    const edit = form({ prompt: "A", image: file(picture("it")) })
    await imagesOf(await made.send("/v1/images/edits", { method: "POST", body: edit }))
    expect(made.calls[1]?.model).toBe(model)
  })

  it("replaces another one, which is a reported change", async () => {
    const made = studio({ context: { model, mayUse: (name) => name === model } })
    const answer = await imagesOf(await made.generate({ model: "core", prompt: "A" }))
    expect([made.calls[0]?.model, answer.pictor.changes]).toEqual([
      model,
      [
        {
          field: "model",
          action: "mapped",
          from: "core",
          to: model,
          why: "this server uses one model for every request",
        },
      ],
    ])
    const same = await imagesOf(await made.generate({ model, prompt: "A" }))
    expect(same.pictor.changes).toEqual([])
  })

  it("is rejected for a client without access to it", async () => {
    const made = studio({ context: { model, mayUse: (name) => name !== model } })
    expect(await errorOf(await made.generate({ model: "core", prompt: "A" }))).toMatchObject({
      code: "model_not_allowed",
      param: "model",
    })
  })
})
