import { describe, expect, it } from "vitest"
import { errorOf } from "../../__fixtures__/client.ts"
import { editing } from "../../__fixtures__/editors.ts"
import { type Drawn, picture, seen, wordOps } from "../../__fixtures__/pictures.ts"
import type { JsonObject } from "../../contract/request.ts"

const hole: Drawn = { alpha: "channel", shows: "a hole" }
const prompt = "a gate"

const planOf = (request: JsonObject, imageOps = true) =>
  editing(imageOps ? { imageOps: wordOps } : {}).pictor.plan({
    model: "acme.dark-v1:0",
    prompt,
    ...request,
  })

describe("a request without a task", () => {
  it.each([
    ["bytes", picture(hole)],
    ["a Blob", new Blob([picture(hole)])],
  ])("inpaints the hole of an image given as %s, and reports it", async (_, image) => {
    const plan = await planOf({ image })
    expect(plan.task).toBe("inpaint")
    expect(seen(plan.resolved.mask?.base64)).toContain("holes of a hole")
    expect(plan.changes.map(({ field, to }) => [field, to])).toEqual(
      expect.arrayContaining([
        ["task", "inpaint"],
        ["mask", "transparent pixels change"],
      ]),
    )
  })

  it("is the same under strict, since nothing is lost", async () => {
    const request = { image: picture(hole), policy: "strict", model: "acme.light-v1:0" }
    expect((await planOf(request)).task).toBe("inpaint")
  })

  it("keeps the model's own fields that name no task", async () => {
    const plan = await planOf({ image: picture(hole), options: { config: { seed: 5 } } })
    expect(plan.task).toBe("inpaint")
    expect(plan.calls[0]?.body).toMatchObject({ taskType: "IN", config: { seed: 5 } })
  })

  it.each<readonly [string, JsonObject, boolean]>([
    ["the image is opaque", { image: picture({ shows: "a house" }) }, true],
    ["no pixel is fully transparent", { image: picture({ alpha: "channel" }) }, true],
    ["there are no image operations", { image: picture(hole) }, false],
    ["a mask is given", { image: picture(hole), mask: picture() }, true],
    ["a text names the area", { image: picture(hole), maskPrompt: "the door" }, true],
    ["there are references", { image: picture(hole), references: [{ image: picture() }] }, true],
    ["the image cannot be read", { image: "photo.png" }, true],
  ])("is text to image, which takes no image, if %s", async (_, request, imageOps) => {
    expect(await errorOf(planOf(request, imageOps))).toMatchObject({
      message: expect.stringContaining("takes no image in the task text-to-image"),
    })
  })

  it("follows a task that the model's own fields name", async () => {
    const options = { taskType: "OUT" }
    const { task, changes } = await planOf({ image: picture(hole), options })
    expect(task).toBe("outpaint")
    expect(changes.map(({ field }) => field)).not.toContain("task")
  })
})
