import fc from "fast-check"
import { expect, it } from "vitest"
import { runs } from "../__fixtures__/scale.ts"
import { characters } from "./parameter.ts"

it("counts code points, also of halves that have no other half", () => {
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
