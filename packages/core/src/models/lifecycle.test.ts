import { describe, expect, it } from "vitest"
import { gridCard } from "../__fixtures__/families.ts"
import type { Lifecycle, ModelCard } from "../contract/card.ts"
import { lifecycleNote, lifecycleOn } from "./registry.ts"

const card = (lifecycle: Lifecycle): ModelCard => ({ ...gridCard, id: "m", lifecycle })

describe("a model's lifecycle", () => {
  it.each<readonly [Lifecycle, string, string]>([
    [{ status: "active" }, "2030-01-01", "active"],
    [{ status: "active", legacyFrom: "2026-11-20" }, "2026-11-19", "active"],
    [{ status: "active", legacyFrom: "2026-11-20" }, "2026-11-20", "legacy"],
    [
      { status: "active", legacyFrom: "2026-01-01", retiredFrom: "2026-11-20" },
      "2026-11-20",
      "retired",
    ],
    [{ status: "legacy", legacyFrom: "2027-01-01" }, "2026-11-20", "legacy"],
    [{ status: "retired", retiredFrom: "2027-01-01" }, "2026-11-20", "retired"],
    [{ status: "legacy", retiredFrom: "2026-11-20" }, "2026-11-20", "retired"],
  ])(
    "%j on %s is %s: the worse of what the card says and what its dates say",
    (lifecycle, date, status) => {
      expect(lifecycleOn(card(lifecycle), date)).toBe(status)
    },
  )

  it.each<readonly [Lifecycle, string | undefined]>([
    [{ status: "active" }, undefined],
    [{ status: "legacy" }, "m is legacy."],
    [
      { status: "legacy", legacyFrom: "2026-01-01", retiredFrom: "2027-01-01", successor: "n" },
      "m is legacy since 2026-01-01 and ends on 2027-01-01. Its successor is n.",
    ],
    [
      { status: "retired", legacyFrom: "2026-01-01", retiredFrom: "2026-06-01" },
      "m is retired since 2026-06-01.",
    ],
  ])("is told in a sentence: %j", (lifecycle, note) => {
    expect(lifecycleNote(card(lifecycle), lifecycle.status)).toBe(note)
  })
})
