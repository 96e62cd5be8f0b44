import { describe, expect, it } from "vitest"
import { errorOf } from "../../__fixtures__/client.ts"
import { editing } from "../../__fixtures__/editors.ts"
import { picture } from "../../__fixtures__/pictures.ts"
import type { PlannedCall } from "../../contract/plan.ts"
import type { JsonObject } from "../../contract/request.ts"
import { formatNumber } from "../../models/suggest.ts"
import { createDiagnostics } from "../diagnostics.ts"
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
  const diagnostics = createDiagnostics(false)
  checkBodySize(
    bodies.map(call),
    fields,
    { name: "wire", ...(maxBodyBytes === undefined ? {} : { maxBodyBytes }) },
    diagnostics,
  )
  return diagnostics.issues
}

describe("checkBodySize", () => {
  it.each<readonly [string, JsonObject]>([
    ["an image", { image: image.base64 }],
    ["an image in a list, and words", { list: [image.base64, image.base64], text: "a" }],
    ["words of more bytes than characters", { image: image.base64, text: '🦊é\n"' }],
    ["text that is not an image", { image: image.base64, note: "B".repeat(999) }],
  ])("counts exact bytes of %s", (_, body) => {
    const bytes = new TextEncoder().encode(JSON.stringify(body)).length
    expect(issuesOf([body], bytes)).toEqual([])
    expect(issuesOf([body], bytes - 1)).toMatchObject([
      {
        code: "invalid_request",
        path: "image",
        given: bytes,
        allowed: `at most ${formatNumber(bytes - 1)} bytes`,
      },
    ])
  })

  it("counts the largest call", () => {
    const bodies = [{ image: image.base64 }, { image: image.base64, seed: 123_456 }]
    expect(issuesOf(bodies, 420)[0]?.given).toBe(JSON.stringify(bodies[1]).length)
  })

  it("checks nothing without a limit or without an image", () => {
    expect(issuesOf([{ image: image.base64 }], undefined)).toEqual([])
    expect(issuesOf([{ text: "a".repeat(999) }], 10, { prompt: "a" })).toEqual([])
  })

  it("rejects the plan with a remedy and without image bytes", async () => {
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
