import { describe, expect, test } from "vitest"
import { createFaultRules, type FaultRule, parseFaultRule, requestedFaultRule } from "./faults.ts"

const kinds = ["cut", "throttle", "filtered"] as const

type Fault = FaultRule<(typeof kinds)[number]>

const run = (faults: readonly Fault[], models: readonly string[]): readonly string[] => {
  const ruleFor = createFaultRules(faults)
  return models.map((model) => ruleFor([model])?.kind ?? "-")
}

describe("parseFaultRule", () => {
  test("carries its settings", () => {
    expect(
      parseFaultRule("filtered; k=2; ms=50;retry=3;times=1;after=4;every=5;model=m", kinds),
    ).toEqual({
      kind: "filtered",
      count: 2,
      delayMs: 50,
      retryAfterSeconds: 3,
      times: 1,
      after: 4,
      every: 5,
      model: "m",
    })
  })

  test.each(["", "cuts", "cut;k", "cut;k=x", "cut;colour=1", "cut;model="])("is not %j", (text) => {
    expect(parseFaultRule(text, kinds)).toBeUndefined()
  })
})

describe("requestedFaultRule", () => {
  test("reads the header before the text", () => {
    expect(requestedFaultRule("cut", "[[fault:throttle]]", kinds)).toEqual({ kind: "cut" })
  })

  test("reads the text", () => {
    expect(requestedFaultRule(undefined, "a [[fault:throttle;k=2]] b", kinds)).toEqual({
      kind: "throttle",
      count: 2,
    })
  })

  test("reports an unknown fault", () => {
    expect(requestedFaultRule("flood", "", kinds)).toBe("unknown")
  })

  test("is undefined without a fault", () => {
    expect(requestedFaultRule(undefined, "a garden", kinds)).toBeUndefined()
  })
})

describe("fault rules", () => {
  test.each<readonly [string, readonly Fault[], string]>([
    ["every request", [{ kind: "cut" }], "cut cut cut cut cut cut"],
    ["so many requests", [{ kind: "cut", times: 2 }], "cut cut - - - -"],
    ["requests after the first", [{ kind: "cut", after: 4 }], "- - - - cut cut"],
    ["each third request", [{ kind: "cut", every: 3 }], "- - cut - - cut"],
    ["one model", [{ kind: "cut", model: "b" }], "- cut - cut - cut"],
    [
      "the first rule that matches",
      [{ kind: "cut", times: 1 }, { kind: "throttle" }],
      "cut throttle throttle throttle throttle throttle",
    ],
    [
      "rules in turn",
      [
        { kind: "cut", every: 2 },
        { kind: "throttle", after: 4 },
      ],
      "- cut - cut throttle cut",
    ],
  ])("apply to %s", (_, faults, expected) => {
    expect(run(faults, ["a", "b", "a", "b", "a", "b"]).join(" ")).toBe(expected)
  })
})
