import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { gridCard } from "../__fixtures__/families.ts"
import { runs } from "../__fixtures__/scale.ts"
import type { Parameter } from "../contract/card.ts"
import { characters, promptsOf, ruleOf } from "./parameter.ts"

const grid: Parameter = gridCard.tasks["text-to-image"].fields.size
const deep = (depth: number): unknown => (depth === 0 ? 1 : { a: deep(depth - 1) })

describe("ruleOf", () => {
  it.each<readonly [Parameter, readonly unknown[], readonly unknown[], string]>([
    [
      { kind: "range", min: 1, max: 2 },
      [1, 1.5, 2],
      [0.9, 2.1, Number.NaN, "1", null],
      "a number from 1 to 2",
    ],
    [
      { kind: "range", min: 1, max: 3, integer: true },
      [1, 3],
      [1.5, 4],
      "a whole number from 1 to 3",
    ],
    [
      { kind: "seed", min: 0, max: 9, zero: "literal" },
      [0, 9],
      [-1, 10, 0.5, "0"],
      "a whole number from 0 to 9",
    ],
    [{ kind: "count", max: 5 }, [1, 5], [0, 6], "a whole number from 1 to 5"],
    [{ kind: "count", max: 1 }, [1], [2], "a whole number from 1 to 1"],
    [
      { kind: "enum", values: ["a"], tolerated: ["b"] },
      ["a", "b"],
      ["A", "c", 1, null],
      "one of a",
    ],
    [{ kind: "enum", values: ["a"] }, ["a"], ["b"], "one of a"],
    [
      { kind: "text", min: 1, max: 2 },
      ["a", "🦊🦊"],
      ["", "🦊🦊🦊", 5],
      "a text of 1 to 2 characters",
    ],
    [{ kind: "text", max: 2 }, [""], ["abc"], "a text of 0 to 2 characters"],
    [
      { kind: "prompts", max: 2 },
      [[{ text: "a" }], [{ text: "", weight: -1 }]],
      [[], [{ text: "abc" }], {}, [null]],
      "a list of { text, weight? }, each text of at most 2 characters",
    ],
    [{ kind: "sizes", values: ["1x1"] }, ["1x1"], ["1x2", 1], "one of 1x1"],
    [
      grid,
      ["320x320", "2048x2048", "4096x1024"],
      ["319x320", "4112x1028", "2048x2064", "1008x250", "320x1296", "a"],
      "sides of 320 to 4,096 pixels divisible by 16, at most 4,194,304 pixels and 4:1",
    ],
    [{ kind: "ratios", values: ["1:1"], pixels: 1 }, ["1:1"], ["2:2"], "one of 1:1"],
    [
      { kind: "image", limits: { types: [] } },
      ["aGk="],
      ["", 5, null, {}, ["aGk="]],
      "an image in base64",
    ],
    [
      { kind: "mask", change: "white", limits: { types: [] } },
      ["aGk="],
      ["", new Uint8Array(1)],
      "an image in base64",
    ],
    [
      { kind: "images", max: 2, limits: { types: [] } },
      [["a"], ["a", "b"]],
      [[], ["a", "b", "c"], ["a", ""], "a", [1]],
      "1 to 2 images in base64",
    ],
    [
      { kind: "colors", max: 2 },
      [["#00ff00"], ["#ABCDEF", "#abcdef"]],
      [
        [],
        "#000000",
        ["red"],
        ["#fff"],
        ["#0000000"],
        ["000000"],
        ["#00000g"],
        ["#000000", "#000000", "#000000"],
        [0],
      ],
      "1 to 2 colours as #RRGGBB",
    ],
    [{ kind: "flag" }, [true, false], ["true", 1, 0, null], "true or false"],
    [
      { kind: "object", fields: { left: { kind: "flag" }, "keep.pose": { kind: "flag" } } },
      [{}, { left: 5 }],
      [[], "left", null, new Uint8Array(2)],
      "an object of left, keep.pose",
    ],
    [
      { kind: "json" },
      [{}, { a: [1, null, "b", true, { c: undefined }] }, deep(32)],
      [[], 1, null, { a: Number.NaN }, { a: 1n }, { a: () => 1 }, deep(40)],
      "an object",
    ],
    [
      { kind: "json", list: true },
      [[], [{ a: 1 }, {}]],
      [{}, [1], [[]], "a", null, [{ a: Number.NaN }], Array.from({ length: 31 }, () => ({}))],
      "a list of objects",
    ],
  ])("decides values of %j", (parameter, allowed, rejected, words) => {
    for (const value of allowed)
      expect([value, ruleOf(parameter).takes(value)]).toEqual([value, true])
    for (const value of rejected) expect(ruleOf(parameter).takes(value)).toBe(false)
    expect(ruleOf(parameter).words()).toBe(words)
  })

  it("lists the first of many sizes", () => {
    const values = Array.from({ length: 40 }, (_, index) => `${index + 1}x1`)
    expect(ruleOf({ kind: "sizes", values }).words()).toBe(
      `one of 40, among them ${values.slice(0, 9).join(", ")}`,
    )
  })
})

it("characters counts code points, including lone surrogates", () => {
  const units = fc
    .array(fc.constantFrom("a", "é", "🦊", "\ud83e", "\udd8a", "\udc00", "\ud800"), {
      maxLength: 30,
    })
    .map((each) => each.join(""))
  fc.assert(
    fc.property(units, (text) => {
      expect(characters(text)).toBe([...text].length)
    }),
    { seed: 20_261_120, numRuns: runs(4000) },
  )
})

describe("promptsOf", () => {
  it("without a limit takes texts of any length, and names no limit", () => {
    const { takes, words } = promptsOf()
    expect(takes([{ text: "a".repeat(5000) }, { text: "", weight: -1 }])).toBe(true)
    expect(takes([{ text: 1 }])).toBe(false)
    expect(words()).toBe("a list of { text, weight? }")
  })
})
