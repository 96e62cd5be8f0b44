import { ImageError } from "@pictor/core"
import { painter, renderTable } from "@pictor/terminal"
import { describe, expect, it } from "vitest"
import { cost, delivered, outcome, plan, sizeChange } from "./__fixtures__/outcome.ts"
import type { Outcome } from "./outcome.ts"
import { resultTable } from "./result-table.ts"

const draw = (outcomes: readonly Outcome[], columns = 100): string =>
  `\n${renderTable(resultTable(outcomes, 2000), columns, painter(false)).join("\n")}\n`

const core = "stability.stable-image-core-v1:1"
const nova = "amazon.nova-canvas-v1:0"
const error = new ImageError({
  code: "timeout",
  message: `${core}: the call ran into its time limit.`,
  maybeBilled: true,
})

describe("resultTable", () => {
  it("shows each model's lifecycle, size, seed, changes, cost and time, then the total", () => {
    const small = delivered(8_000, { width: 992, height: 992, seed: 4_294_967_294 })
    expect(
      draw([
        outcome(core),
        outcome(nova, { plan: plan([sizeChange]), parts: [small], timeMs: 61 }),
      ]),
    ).toBe(`
  MODEL                             LIFECYCLE  SIZE             SEED  CHANGES    COST    TIME
  ───────────────────────────────────────────────────────────────────────────────────────────
✓ stability.stable-image-core-v1:1  active     1024x1024           7  none     $0.040  1.23 s
✓ amazon.nova-canvas-v1:0           active     992x992    4294967294  1 below  $0.008  0.06 s
    ↳ size 1000x1000→992x992
  ───────────────────────────────────────────────────────────────────────────────────────────
  total: 2 of 2 pictures                                                       $0.048  2.00 s
`)
  })

  it("has a line per picture, and says beneath why one is missing", () => {
    const parts = [
      delivered(),
      { slot: { status: "failed", error, cost: cost(0, 40_000) } } as const,
    ]
    const partly = outcome(core, {
      plan: plan([], 2),
      parts,
      problems: ["timeout: the call ran into its time limit."],
    })
    const unsent = outcome(nova, {
      parts: [{ slot: { status: "not-attempted", cost: cost(0) } }],
      problems: [],
    })
    expect(draw([partly, unsent])).toBe(`
  MODEL                             LIFECYCLE  SIZE       SEED  CHANGES            COST    TIME
  ─────────────────────────────────────────────────────────────────────────────────────────────
✗ stability.stable-image-core-v1:1  active     1024x1024     7  none              $0.04  1.23 s
                                               failed        —           $0.00 to $0.04
    timeout: the call ran into its time limit.
✗ amazon.nova-canvas-v1:0           active     not sent      —  none              $0.00  1.23 s
  ─────────────────────────────────────────────────────────────────────────────────────────────
  total: 1 of 3 pictures                                                 $0.04 to $0.08  2.00 s
`)
  })

  it("shows an unpriced image as unpriced, in its row and in the total", () => {
    const unknown = delivered()
    const table = draw([
      outcome(core, { parts: [{ ...unknown, slot: { ...unknown.slot, cost: cost(0, 0, 1) } }] }),
    ])
    expect(table.match(/1 unpriced image/g)).toHaveLength(2)
    expect(table).not.toContain("$")
  })

  it("states the bound beneath where the charge is another one", () => {
    const estimate = { ...cost(58_515), basis: "upper-bound" } as const
    const bounded = { plan: { ...plan(), estimate } }
    expect(draw([outcome(core, bounded)])).toContain(
      "    ↳ the bound was $0.058515, the charge $0.04\n",
    )
    const exact = { ...bounded, parts: [delivered(58_515)] }
    expect(draw([outcome(core, exact)])).not.toContain("bound")
    const unsent = { parts: [{ slot: { status: "not-attempted", cost: cost(0) } }] } as const
    const { timeMs: _, ...never } = outcome(core, { ...bounded, ...unsent })
    expect(draw([never])).not.toContain("bound")
  })

  it("writes changes into their column where there is room", () => {
    expect(draw([outcome(nova, { plan: plan([sizeChange]) })], 120)).toContain(
      "7  size 1000x1000→992x992  $0.04",
    )
  })

  it("gives the model a line of its own in a narrow terminal", () => {
    expect(draw([outcome(nova, { plan: plan([sizeChange]) })], 60)).toBe(`
  MODEL
    LIFECYCLE  SIZE       SEED  CHANGES   COST    TIME
  ────────────────────────────────────────────────────
✓ amazon.nova-canvas-v1:0
    active     1024x1024     7  1 below  $0.04  1.23 s
    ↳ size 1000x1000→992x992
  ────────────────────────────────────────────────────
  total: 1 of 1 picture
                                         $0.04  2.00 s
`)
  })

  it("colours no padding and nothing at all without colours", () => {
    const coloured = renderTable(resultTable([outcome(core)], 0), 100, painter(true)).join("\n")
    expect(coloured).toContain("\u001B[32m✓\u001B[39m ")
    expect(draw([outcome(core)])).not.toContain("\u001B")
  })
})
