import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { readViolations } from "./violation.ts"

const malformed = (reason: string): string =>
  `Malformed input request: ${reason}, please reformat your input and try again.`

describe("readViolations", () => {
  it.each([
    [
      "#/textToImageParams/text: expected maxLength: 512, actual: 536",
      "body.textToImageParams.text",
      "holds 536 characters; 512 are allowed",
    ],
    [
      "#/prompt: expected minLength: 1, actual: 0",
      "body.prompt",
      "holds 0 characters; at least 1 are needed",
    ],
    ["#: required key [prompt] not found", "body", "lacks the field prompt"],
    ["#: property [maskImage] is required", "body", "lacks the field maskImage"],
    [
      "#/imageGenerationConfig: extraneous key [x] is not permitted",
      "body.imageGenerationConfig",
      "holds the field x, which is not allowed",
    ],
    [
      "#/cfg_scale: 36 is not less or equal to 35",
      "body.cfg_scale",
      "is 36; at most 35 is allowed",
    ],
    [
      "#/cfg_scale: -0.5 is not greater or equal to 0",
      "body.cfg_scale",
      "is -0.5; at least 0 is needed",
    ],
    ["#/width: 500 is not a multiple of 64", "body.width", "is 500; a multiple of 64 is needed"],
    [
      "#/seed: expected type: Integer, found: String",
      "body.seed",
      "is of type String; Integer is needed",
    ],
    [
      "#/images: expected maximum item count: 5, found: 6",
      "body.images",
      "holds 6 entries; 5 are allowed",
    ],
    [
      "#/images: expected minimum item count: 1, found: 0",
      "body.images",
      "holds 0 entries; at least 1 are needed",
    ],
    [
      "#/text_prompts/0/weight: a secret is not a valid enum value",
      "body.text_prompts.0.weight",
      "is not one of the values allowed",
    ],
    [
      "#/colors/0: string [a secret] does not match pattern ^#",
      "body.colors.0",
      "does not have the form that is needed",
    ],
  ])("reads %j", (reason, path, message) => {
    expect(readViolations(malformed(reason))).toEqual([{ code: "invalid_request", path, message }])
  })

  it("reads each of several", () => {
    const issues = readViolations(
      malformed("#/a: required key [b] not found, #/c: 3 is not less or equal to 2"),
    )
    expect(issues.map(({ path }) => path)).toEqual(["body.a", "body.c"])
  })

  it("reads how many there are where none is named", () => {
    const message = "has 2 faults, which Bedrock does not name"
    expect(readViolations(malformed("2 schema violations found"))).toEqual([
      { code: "invalid_request", path: "body", message },
    ])
    expect(readViolations("a prompt about 2 schema violations found")).toEqual([])
  })

  it("finds nothing where nothing is told", () => {
    expect(readViolations("Unknown model")).toEqual([])
  })

  it("passes on no word of a quoted prompt", () => {
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
          const told = readViolations(malformed(`#/style: ${text} ${reason}`))
          expect(JSON.stringify(told)).not.toMatch(/xyz|Zzz/)
        },
      ),
      { seed: 20_261_120, numRuns: 2000 },
    )
  })

  it("answers a long hostile text at once", () => {
    const started = performance.now()
    readViolations("#/a/".repeat(100_000))
    readViolations("#/a: ".repeat(100_000))
    expect(performance.now() - started).toBeLessThan(500)
  })
})
