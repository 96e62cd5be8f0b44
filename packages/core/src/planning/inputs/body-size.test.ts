import { describe, expect, it } from "vitest"
import { errorOf } from "../../__fixtures__/client.ts"
import { editing } from "../../__fixtures__/editors.ts"
import { picture } from "../../__fixtures__/pictures.ts"
import type { PlannedCall } from "../../contract/plan.ts"
import type { JsonObject } from "../../contract/request.ts"
import { createNotes } from "../diagnostics.ts"
import { checkBodySize } from "./prepare.ts"

const image = {
  base64: "A".repeat(400),
  sha256: "0",
  mediaType: "image/png",
  width: 1,
  height: 1,
  byteLength: 300,
}
const call = (body: JsonObject): PlannedCall => ({ model: "m", modelId: "m", body, slots: [0] })

const issuesOf = (
  bodies: readonly JsonObject[],
  maxBodyBytes: number | undefined,
  fields: unknown = { image },
) => {
  const notes = createNotes(false)
  checkBodySize(
    bodies.map(call),
    fields,
    { name: "wire", ...(maxBodyBytes === undefined ? {} : { maxBodyBytes }) },
    notes,
  )
  return notes.issues
}

describe("the size of a body", () => {
  it.each<readonly [string, JsonObject]>([
    ["an image", { image: image.base64 }],
    ["an image in a list, and words", { list: [image.base64, image.base64], text: "a" }],
    ["words of more bytes than characters", { image: image.base64, text: '🦊é\n"' }],
    ["text that is not an image", { image: image.base64, note: "B".repeat(999) }],
  ])("is counted to the byte: %s", (_, body) => {
    const bytes = new TextEncoder().encode(JSON.stringify(body)).length
    expect(issuesOf([body], bytes)).toEqual([])
    expect(issuesOf([body], bytes - 1)).toMatchObject([
      {
        code: "invalid_request",
        path: "image",
        given: bytes,
        allowed: `at most ${bytes - 1} bytes`,
      },
    ])
  })

  it("is that of the largest call", () => {
    const bodies = [{ image: image.base64 }, { image: image.base64, seed: 123_456 }]
    expect(issuesOf(bodies, 420)[0]?.given).toBe(JSON.stringify(bodies[1]).length)
  })

  it("is no matter where nobody limits it, or no image is in it", () => {
    expect(issuesOf([{ image: image.base64 }], undefined)).toEqual([])
    expect(issuesOf([{ text: "a".repeat(999) }], 10, { prompt: "a" })).toEqual([])
  })

  it("is refused by the plan, with the remedy and nothing of the image", async () => {
    const { planOf, calls } = editing({}, { maxBodyBytes: 150 })
    const error = await errorOf(
      planOf("light", "upscale", { image: picture({ shows: "a".repeat(100) }) }),
    )
    expect(error).toMatchObject({
      code: "invalid_request",
      issues: [{ path: "image", allowed: "at most 150 bytes" }],
    })
    expect(error.message).toContain("wire takes at most 150")
    expect(error.message).toContain("fitImage of @pictor/images")
    expect(calls).toEqual([])
  })
})
