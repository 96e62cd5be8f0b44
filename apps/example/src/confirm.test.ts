import { describe, expect, it } from "vitest"
import { cost } from "./__fixtures__/outcome.ts"
import { createStage } from "./__fixtures__/world.ts"
import { confirmPurchase } from "./confirm.ts"

const purchase = { count: 3, vendors: ["OpenAI"], bound: cost(500_001), agreed: false }

describe("confirmPurchase", () => {
  it.each([
    ["y", true],
    [" YES ", true],
    ["", false],
    ["n", false],
    ["yesterday", false],
  ])("takes the answer %j as %s", async (answer, agreed) => {
    const { world, questions, noted } = await createStage({ answer })
    expect(await confirmPurchase(purchase, world.terminal, world.signal)).toBe(agreed)
    expect(noted().includes("Nothing was ordered.")).toBe(!agreed)
    expect(questions).toEqual(["Order 3 pictures from OpenAI for at most $0.500001? [y/N] "])
  })

  it("means no where the input ends, or where it was interrupted", async () => {
    const { world } = await createStage()
    const ended = { ...world.terminal, ask: () => Promise.resolve(undefined) }
    expect(await confirmPurchase(purchase, ended, world.signal)).toBe(false)
    const late = { ...world.terminal, ask: () => Promise.resolve("y") }
    expect(await confirmPurchase(purchase, late, AbortSignal.abort())).toBe(false)
  })

  it("states the bound and does not ask up to $0.50 at a terminal", async () => {
    const { world, questions, noted } = await createStage({ answer: "n" })
    const small = { ...purchase, vendors: ["OpenAI", "Google Gemini"], bound: cost(500_000) }
    expect(await confirmPurchase(small, world.terminal, world.signal)).toBe(true)
    expect(questions).toEqual([])
    expect(noted()).toBe("Ordering 3 pictures from OpenAI, Google Gemini for at most $0.50.\n\n")
    expect(await confirmPurchase(small, world.terminal, AbortSignal.abort())).toBe(false)
  })

  it("means no for any amount where there is no terminal", async () => {
    const { world } = await createStage()
    const small = { ...purchase, bound: cost(1) }
    expect(await confirmPurchase(small, world.terminal, world.signal)).toBe(false)
  })

  it("means no where nobody can be asked, and says what to do", async () => {
    const { world, noted } = await createStage()
    expect(await confirmPurchase(purchase, world.terminal, world.signal)).toBe(false)
    expect(noted()).toContain("Add --yes")
  })

  it("does not ask once it has been agreed to", async () => {
    const { world, questions, noted } = await createStage({ answer: "n" })
    expect(await confirmPurchase({ ...purchase, agreed: true }, world.terminal, world.signal)).toBe(
      true,
    )
    expect(questions).toEqual([])
    expect(noted()).toContain("3 pictures from OpenAI for at most $0.500001")
  })

  it.each([
    [cost(0, 0, 1), "1 unpriced image"],
    [cost(40_000, 0, 2), "$0.04 + 2 unpriced images"],
  ])("does not hide an unknown price: %j", async (bound, words) => {
    const { world, questions } = await createStage({ answer: "n" })
    await confirmPurchase({ ...purchase, bound }, world.terminal, world.signal)
    expect(questions[0]).toContain(words)
  })
})
