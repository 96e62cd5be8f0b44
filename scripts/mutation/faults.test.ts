import { describe, expect, it } from "vitest"
import { faultsOf, plant } from "./faults.ts"

const planted = (source: string): readonly string[] =>
  faultsOf(source).map((fault) => plant(source, fault))

describe("faultsOf", () => {
  it.each<readonly [string, readonly string[]]>([
    ["const a = b === c", ["const a = b !== c"]],
    ["const a = b < c", ["const a = b <= c"]],
    ["const a: number = b ?? c", ["const a: number = b"]],
    ["const a = b && c", ["const a = b"]],
    ["const a = 1", ["const a = 2"]],
    ["const a = 20_000", ["const a = 40000"]],
    ["const a = true", ["const a = false"]],
    ["run(a, b)", ["{}", "run(b, a)"]],
    ["if (a) run()", ["if (true) run()", "if (false) run()", "if (a) {}"]],
    ["const a = b ? c : d", ["const a = true ? c : d", "const a = false ? c : d"]],
  ])("plants %j", (source, expected) => {
    expect(planted(source).toSorted()).toEqual(expected.toSorted())
  })

  it("plants nothing in types", () => {
    expect(planted('type A = 1 | "b"\ninterface B { readonly c: 2 }')).toEqual([])
  })
})
