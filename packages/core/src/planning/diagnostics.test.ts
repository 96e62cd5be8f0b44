import { describe, expect, it } from "vitest"
import { createDiagnostics } from "./diagnostics.ts"

describe("diagnostics", () => {
  it("report a change, and under strict refuse those that lose something", () => {
    const changes = (["mapped", "split", "snapped", "clamped", "dropped"] as const).map(
      (action) => ({
        field: action,
        action,
        from: "f",
        to: "t",
        why: "w",
      }),
    )
    const lenient = createDiagnostics(false)
    const strict = createDiagnostics(true)
    for (const change of changes)
      for (const diagnostics of [lenient, strict]) diagnostics.change(change)
    expect(lenient).toMatchObject({ changes, issues: [] })
    expect(strict.changes.map(({ field }) => field)).toEqual(["mapped", "split"])
    expect(strict.issues).toEqual(
      ["snapped", "clamped", "dropped"].map((path) => ({
        code: "unsupported",
        path,
        message: "w",
        given: "f",
      })),
    )
  })
})
