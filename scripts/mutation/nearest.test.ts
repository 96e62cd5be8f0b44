import { describe, expect, it } from "vitest"
import { importersOf, testsNear } from "./nearest.ts"

const files = {
  "packages/a/src/index.ts": 'export { b } from "./b.ts"',
  "packages/a/src/b.ts": "export const b = 1",
  "packages/a/src/b.test.ts": 'import { b } from "./b.ts"',
  "packages/a/src/c.ts": 'import { b } from "./b.ts"',
  "packages/a/src/deep/c.test.ts": 'import { c } from "../c.ts"',
  "packages/a/src/run.test.ts": 'const path = import.meta.resolve("./b.ts")',
  "packages/a/src/other.test.ts": 'import { d } from "./d.ts"',
  "packages/a/src/d.ts": "export const d = 1",
  "apps/x/src/x.test.ts": 'import { b } from "@pictor/a"',
}
const entries = new Map([["@pictor/a", "packages/a/src/index.ts"]])
const importers = importersOf(new Map(Object.entries(files)), entries)

describe("the tests near a file", () => {
  it("are those that reach it, the nearest first, then those of other packages", () => {
    expect(testsNear("packages/a/src/b.ts", importers)).toEqual([
      ["packages/a/src/b.test.ts", "packages/a/src/run.test.ts", "packages/a/src/deep/c.test.ts"],
      ["apps/x/src/x.test.ts"],
    ])
  })

  it("run in stages of 4, 12 and the rest", () => {
    const many = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [
        `packages/a/src/${index}.test.ts`,
        'import { b } from "./b.ts"',
      ]),
    )
    const all = importersOf(new Map(Object.entries({ ...files, ...many })), entries)
    expect(testsNear("packages/a/src/b.ts", all).map(({ length }) => length)).toEqual([4, 12, 7, 1])
  })

  it("are none if no test reaches it", () => {
    expect(testsNear("packages/a/src/e.ts", importers)).toEqual([])
  })
})
