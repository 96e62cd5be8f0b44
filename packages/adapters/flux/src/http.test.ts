import { describe, expect, it } from "vitest"
import { bflApi } from "./http.ts"

const { failure } = bflApi

describe("failure", () => {
  it.each([
    [401, "unauthenticated", /key/],
    [402, "quota_exceeded", /credits/],
    [403, "unauthenticated", /key/],
    [422, "invalid_request", /invalid/],
    [429, "rate_limited", /24/],
    [503, "unavailable", /later/],
  ])("reads %i as %s and names the remedy", (status, code, message) => {
    expect(failure(status, { detail: "any" })).toEqual({
      code,
      message: expect.stringMatching(message) as string,
    })
  })

  it("leaves other statuses to the transport", () => {
    expect(failure(500, { detail: "any" })).toBeUndefined()
  })

  it("names the fields of a 422, and nothing of their messages", () => {
    const detail = [
      { loc: ["body", "width"], msg: "the prompt a lighthouse", type: "int_parsing" },
      { loc: ["body", "images", 0], msg: "iVBORw0", type: "value_error" },
      { loc: ["body", "images", 0], msg: "again", type: "value_error" },
      { loc: ["body", "a lighthouse in fog"], msg: "extra", type: "extra_forbidden" },
      { loc: "body" },
      null,
    ]
    expect(failure(422, { detail })?.message).toBe(
      "Black Forest Labs rejected the request as invalid: width, images.0.",
    )
  })

  it.each([[undefined], [null], ["text"], [{}], [{ detail: {} }], [{ detail: [7] }]])(
    "reads a 422 with the body %j",
    (body) => {
      expect(failure(422, body)?.message).toBe("Black Forest Labs rejected the request as invalid.")
    },
  )
})
