import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createPictor } from "@pictor/core"
import { openLedger, reconcile } from "@pictor/ledger"
import { afterAll, describe, expect, it } from "vitest"
import { providers } from "../providers.ts"
import { cards, familiesOn, nowhere } from "./families.ts"

const families = familiesOn(nowhere)
const pictor = createPictor({ adapters: families })

const folder = mkdtempSync(join(tmpdir(), "pictor-models-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const drawing = cards.filter(({ tasks }) => tasks["text-to-image"])

describe("a model", () => {
  it.each(
    families.flatMap(({ name, models }) => models.map((card) => ({ name, id: card.id, card }))),
  )("$id is in its adapter's README with its prices", ({ name, id, card }) => {
    const page = readFileSync(
      join(import.meta.dirname, `../../../../packages/adapters/${name}/README.md`),
      "utf8",
    )
    const rows = page
      .split("\n")
      .filter((line) => line.startsWith("|") && line.includes(`\`${id}\``))
    expect(rows.length).toBeGreaterThan(0)
    for (const { microUsd } of card.prices)
      if (microUsd !== undefined)
        expect(rows.join(" ")).toMatch(new RegExp(`\\b${microUsd / 1_000_000}0?\\b`))
  })

  it.each(drawing.filter(({ prices }) => prices.some(({ quality }) => quality)))(
    "$id, priced by size and quality, is compared with the bill",
    async ({ id }) => {
      const ledger = await openLedger(`file:${join(folder, id.replace(":", "_"))}.db`)
      const { estimate } = await pictor.plan({ model: id, prompt: "tea" })
      const row = {
        model: id,
        task: "text-to-image",
        images: 1,
        cost: estimate,
        size: "1024x1024",
        quality: "standard",
      } as const
      const { ids } = await ledger.reserve({ rows: [row] })
      await ledger.settle(ids[0] ?? "", { cost: estimate, delivered: 1 })
      const today = new Date().toISOString().slice(0, 10)
      const bill = [
        "line_item_usage_start_date,line_item_usage_type,line_item_usage_amount,line_item_unblended_cost,line_item_currency_code,product_region_code",
        `${today}T00:00:00Z,USE1-NovaCanvas-T2I-1024-Standard,1,0.04,USD,us-east-1`,
      ].join("\n")
      expect((await reconcile(ledger, bill)).unmatchedCalls).toEqual([])
      await ledger.close()
    },
  )

  it("that draws from words and is neither retired nor a preview is among those that the example draws with", () => {
    const live = drawing.filter(({ lifecycle: { status } }) =>
      ["active", "legacy"].includes(status),
    )
    expect(providers.bedrock.models.slice(0, live.length).toSorted()).toEqual(
      live.map(({ id }) => id).toSorted(),
    )
  })
})
