import { describe, expect, test } from "vitest"
import { type Fault, faultKinds, parseFault } from "./fault.ts"
import { createFaultRules } from "./rules.ts"

const run = (faults: readonly Fault[], models: readonly string[]): readonly string[] => {
  const ruleFor = createFaultRules(faults)
  return models.map((model) => ruleFor([model])?.kind ?? "-")
}

describe("a written fault", () => {
  test.each(faultKinds)("may be %s", (kind) => {
    expect(parseFault(kind)).toEqual({ kind })
  })

  test("carries its settings", () => {
    expect(parseFault("filtered-some; k=2; ms=50;retry=3;times=1;after=4;every=5;model=m")).toEqual(
      {
        kind: "filtered-some",
        count: 2,
        delayMs: 50,
        retryAfterSeconds: 3,
        times: 1,
        after: 4,
        every: 5,
        model: "m",
      },
    )
  })

  test.each([
    "",
    "throttled",
    "throttle;k",
    "throttle;k=x",
    "throttle;colour=1",
    "throttle;model=",
  ])("is not %j", (text) => {
    expect(parseFault(text)).toBeUndefined()
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
