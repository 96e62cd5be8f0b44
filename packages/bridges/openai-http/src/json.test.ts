import { afterEach, describe, expect, it, vi } from "vitest"
import { errorOf } from "./__fixtures__/reading.ts"
import { form, studio } from "./__fixtures__/studio.ts"
import { exceededBeforeParsing } from "./json.ts"

const path = "/v1/images/generations"

afterEach(() => {
  vi.restoreAllMocks()
})

const many = (value: string): string => `{"a":[${Array(200_000).fill(value).join(",")}]}`

describe("JSON of many small values", () => {
  it.each(["{}", "[]", "0", '""', '{"a":0}', "null"])(
    "is refused before it is parsed: %s",
    async (value) => {
      const { send } = studio()
      const parse = vi.spyOn(JSON, "parse")
      const body = many(value)
      const headers = { "content-type": "application/json" }
      const response = await send(path, { method: "POST", headers, body })
      expect(parse.mock.calls.filter(([text]) => text.length > 100_000)).toEqual([])
      expect(await errorOf(response)).toMatchObject({ status: 400, code: "invalid_body" })
    },
  )

  it("is refused where a form's text holds it", async () => {
    const { send } = studio()
    const parse = vi.spyOn(JSON, "parse")
    const body = form({ model: "acme.brush-v1:0", prompt: "A lighthouse", pictor: many("{}") })
    const response = await send("/v1/images/edits", { method: "POST", body })
    expect(response.status).toBe(400)
    expect(parse.mock.calls.filter(([text]) => text.length > 100_000)).toEqual([])
  })
})

describe("the limits before parsing", () => {
  it.each([
    ["nested lists", "[".repeat(1001), "more than 500 values"],
    ["spaces", " ".repeat(1_048_577), "more than 1,048,576 characters outside of its texts"],
    ["texts without a comma", '""'.repeat(1002), "more than 500 values"],
    ["a text of commas and brackets", `{"a":"${",[{".repeat(10_000)}"}`, undefined],
    ["quotes that are escaped", `{"a":"${'\\"[,'.repeat(10_000)}"}`, undefined],
    [
      "a text that ends in a backslash",
      `{"a":"\\\\","b":[${"0,".repeat(1000)}0]}`,
      "more than 500 values",
    ],
    ["a text without an end", `{"a":"${"[".repeat(2000)}`, undefined],
  ])("know %s", (_name, json, limit) => {
    expect(exceededBeforeParsing(json)).toBe(limit)
  })
})
