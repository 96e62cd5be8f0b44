import { describe, expect, it } from "vitest"
import { delivered, outcome } from "./__fixtures__/outcome.ts"
import { createStage } from "./__fixtures__/world.ts"
import { createProgress } from "./progress.ts"

describe("createProgress", () => {
  it("writes a line per end where lines cannot be written over", async () => {
    const { world, noted } = await createStage()
    const progress = createProgress(["a", "b"], world.terminal)
    progress.begin(0)
    progress.end(0, outcome("a"))
    progress.end(1, outcome("b", { parts: [], problems: ["forbidden: no access"] }))
    progress.stop()
    expect(noted()).toBe(
      "✓ a: 1 of 1 delivered in 1.23 s\n✗ b: 0 of 1 delivered in 1.23 s, forbidden\n",
    )
  })

  it("draws its lines over themselves on a terminal, cuts them to its width and takes them away", async () => {
    const { world, noted } = await createStage({ columns: 20 })
    const progress = createProgress(["a", "b"], { ...world.terminal, redraws: true })
    progress.begin(0)
    progress.end(0, outcome("a", { parts: [delivered(), delivered()] }))
    progress.stop()
    expect(noted()).toContain("\u001B[2A\u001B[2K✓ a  2 of 2 deliver\n\u001B[2K· b  waiting\n")
    expect(noted().endsWith("\u001B[2A\u001B[0J")).toBe(true)
  })

  it("writes nothing where nothing began", async () => {
    const { world, noted } = await createStage()
    createProgress(["a"], { ...world.terminal, redraws: true }).stop()
    expect(noted()).toBe("")
  })
})
