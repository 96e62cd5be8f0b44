import { describe, expect, it } from "vitest"
import { gridCard } from "../__fixtures__/families.ts"
import type { Lifecycle, ModelCard } from "../contract/card.ts"
import { lifecycleWarning } from "./registry.ts"

const card = (lifecycle: Lifecycle): ModelCard => ({ ...gridCard, id: "m", lifecycle })

describe("a model's lifecycle", () => {
  const legacy = { status: "legacy", legacyFrom: "2026-01-01" } as const

  it.each<readonly [what: string, Lifecycle, note: string | undefined]>([
    ["nothing of an active model", { status: "active" }, undefined],
    ["nothing of an end 46 days ahead", { status: "active", retiredFrom: "2026-03-19" }, undefined],
    [
      "of an end 45 days ahead, though the card says active",
      { status: "active", retiredFrom: "2026-03-18", successor: "n" },
      "m ends on 2026-03-18, in 45 days. Its successor is n.",
    ],
    [
      "of an end tomorrow",
      { ...legacy, retiredFrom: "2026-02-02" },
      "m is legacy since 2026-01-01 and ends on 2026-02-02, in 1 day.",
    ],
    [
      "that a legacy model may end 45 days after a notice of unknown date",
      { status: "legacy" },
      "m is legacy and may end 45 days after the provider's notice.",
    ],
    [
      "the first date on which a legacy model may end",
      legacy,
      "m is legacy since 2026-01-01 and may end from 2026-02-15.",
    ],
    [
      "that a model does not end before its earliest end",
      { ...legacy, earliestEnd: "2026-09-01" },
      "m is legacy since 2026-01-01 and may end from 2026-09-01.",
    ],
    [
      "the notice, where the earliest end has passed before it",
      { ...legacy, earliestEnd: "2026-02-14" },
      "m is legacy since 2026-01-01 and may end from 2026-02-15.",
    ],
    [
      "no days where the end is far",
      { ...legacy, retiredFrom: "2027-01-01", successor: "n" },
      "m is legacy since 2026-01-01 and ends on 2027-01-01. Its successor is n.",
    ],
    [
      "when extended access begins",
      { ...legacy, retiredFrom: "2027-01-01", extendedFrom: "2026-02-02" },
      "m is legacy since 2026-01-01 and ends on 2027-01-01. Extended access begins on 2026-02-02: prices may be higher.",
    ],
    [
      "that extended access has begun",
      { ...legacy, retiredFrom: "2027-01-01", extendedFrom: "2026-02-01" },
      "m is legacy since 2026-01-01 and ends on 2027-01-01. Extended access began on 2026-02-01: prices may be higher.",
    ],
    [
      "of a retired model",
      { status: "retired", legacyFrom: "2025-01-01", retiredFrom: "2025-06-01" },
      "m is retired since 2025-06-01.",
    ],
  ])("the warning says %s", (_, lifecycle, note) => {
    expect(lifecycleWarning(card(lifecycle), "2026-02-01", "warn")).toBe(note)
  })
})
