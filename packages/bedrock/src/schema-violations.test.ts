import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { readViolations } from "./schema-violations.ts"

const malformed = (reason: string): string =>
  `Malformed input request: ${reason}, please reformat your input and try again.`

describe("readViolations", () => {
  it.each([
    [
      "#/textToImageParams/text: expected maxLength: 512, actual: 536",
      "body.textToImageParams.text",
      "has 536 characters; at most 512 are allowed",
    ],
    [
      "#/prompt: expected minLength: 1, actual: 0",
      "body.prompt",
      "has 0 characters; at least 1 are required",
    ],
    [
      "#/prompt: expected maxLength: 10000, actual: 12345",
      "body.prompt",
      "has 12,345 characters; at most 10,000 are allowed",
    ],
    ["#: required key [prompt] not found", "body", "lacks the field prompt"],
    ["#: property [maskImage] is required", "body", "lacks the field maskImage"],
    [
      "#/imageGenerationConfig: extraneous key [x] is not permitted",
      "body.imageGenerationConfig",
      "has the field x, which is not allowed",
    ],
    [
      "#/cfg_scale: 36 is not less or equal to 35",
      "body.cfg_scale",
      "is 36; at most 35 is allowed",
    ],
    [
      "#/cfg_scale: -0.5 is not greater or equal to 0",
      "body.cfg_scale",
      "is -0.5; at least 0 is required",
    ],
    ["#/width: 500 is not a multiple of 64", "body.width", "is 500, not a multiple of 64"],
    [
      "#/seed: expected type: Integer, found: String",
      "body.seed",
      "has type String instead of Integer",
    ],
    [
      "#/images: expected maximum item count: 5, found: 6",
      "body.images",
      "has 6 entries; at most 5 are allowed",
    ],
    [
      "#/images: expected minimum item count: 1, found: 0",
      "body.images",
      "has 0 entries; at least 1 are required",
    ],
    [
      "#/text_prompts/0/weight: a secret is not a valid enum value",
      "body.text_prompts.0.weight",
      "is not one of the allowed values",
    ],
    [
      "#/colors/0: string [a secret] does not match pattern ^#",
      "body.colors.0",
      "does not have the required form",
    ],
  ])("reads %j", (reason, path, message) => {
    expect(readViolations(malformed(reason))).toEqual([{ code: "invalid_request", path, message }])
  })

  it("reads every violation", () => {
    const issues = readViolations(
      malformed("#/a: required key [b] not found, #/c: 3 is not less or equal to 2"),
    )
    expect(issues.map(({ path }) => path)).toEqual(["body.a", "body.c"])
  })

  it("reads the count if no violation is named", () => {
    const message = "has 2 schema violations, which Bedrock does not name"
    expect(readViolations(malformed("2 schema violations found"))).toEqual([
      { code: "invalid_request", path: "body", message },
    ])
    expect(readViolations("a prompt about 2 schema violations found")).toEqual([])
  })

  it("finds nothing in another text", () => {
    expect(readViolations("Unknown model")).toEqual([])
  })

  it("passes on no text of a quoted prompt", () => {
    const piece = fc.constantFrom(
      "xyz",
      "Zzz",
      " ",
      "#/xyz: ",
      "[Zzz]",
      "required key [xyz] not found",
      "\n",
      ", ",
      "5 is not less or equal to 4",
    )
    const prompt = fc
      .array(piece, { minLength: 1, maxLength: 8 })
      .map((pieces) => `x${pieces.join("")}`)
    fc.assert(
      fc.property(
        prompt,
        fc.constantFrom("is not a valid enum value", "] does not match pattern", "not found"),
        (text, reason) => {
          const issues = readViolations(malformed(`#/style: ${text} ${reason}`))
          expect(JSON.stringify(issues)).not.toMatch(/xyz|Zzz/)
        },
      ),
      { seed: 20_261_120, numRuns: 2000 },
    )
  })

  it("reads a long hostile text quickly", () => {
    const started = performance.now()
    readViolations("#/a/".repeat(100_000))
    readViolations("#/a: ".repeat(100_000))
    expect(performance.now() - started).toBeLessThan(500)
  })
})
