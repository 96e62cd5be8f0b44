import { describe, expect, test } from "vitest"
import { faultKinds, parseFault } from "./fault.ts"

describe("a written fault", () => {
  test.each(faultKinds)("may be %s", (kind) => {
    expect(parseFault(kind)).toEqual({ kind })
  })
})
