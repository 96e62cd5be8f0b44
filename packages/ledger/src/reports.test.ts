import { Readable } from "node:stream"
import type { Reservation } from "@pictor/core/ledger"
import { parse } from "csv-parse/sync"
import { describe, expect, it } from "vitest"
import { usePlaces } from "./__fixtures__/places.ts"
import { exportCsv, exportJsonLines } from "./export.ts"
import type { LedgerCall } from "./list-calls.ts"
import { type DurableLedger, openLedger } from "./open-ledger.ts"
import { reconcile } from "./reconcile.ts"

const places = usePlaces()

const firstMs = Date.parse("2026-11-20T23:59:59.000Z")

const row = {
  model: "amazon.nova-canvas-v1:0",
  task: "text-to-image",
  images: 1,
  size: "1024x1024",
  quality: "standard",
} as const

const known = (microUsd: number) => ({ microUsd, maybeMicroUsd: 0, unpricedImages: 0 })

const spend = async (
  ledger: DurableLedger,
  part: object,
  rest: Omit<Reservation, "rows"> = {},
): Promise<string> => {
  const { ids } = await ledger.reserve({
    ...rest,
    rows: [{ ...row, cost: known(40_000), ...part }],
  })
  const id = String(ids[0])
  await ledger.settle(id, { cost: known(40_000), delivered: 1, requestId: `r-${id.slice(-4)}` })
  return id
}

const textOf = async (chunks: AsyncIterable<string>): Promise<string> => {
  let text = ""
  for await (const chunk of chunks) text += chunk
  return text
}

for (const [name, place] of places.all)
  describe(`calls and exports, on ${name}`, () => {
    it("lists calls with their facts, earliest first", async () => {
      let nowMs = firstMs
      const ledger = await openLedger(await place(), { now: () => nowMs })
      const account = { key: "k1", user: "ann", team: "red" }
      const id = await spend(
        ledger,
        { price: "https://example.org", seed: 7 },
        { account, tags: { 'odd "name".[1]': "x" } },
      )
      nowMs += 1000
      await ledger.reserve({
        rows: [
          {
            model: "model-b",
            task: "inpaint",
            images: 2,
            cost: { ...known(0), unpricedImages: 2 },
          },
        ],
      })
      const calls: LedgerCall[] = []
      for await (const call of ledger.calls()) calls.push(call)
      const { images: _images, ...facts } = row
      expect(calls).toMatchObject([
        {
          ...facts,
          id,
          time: "2026-11-20T23:59:59.000Z",
          state: "settled",
          price: "https://example.org",
          seed: 7,
          account,
          tags: { 'odd "name".[1]': "x" },
          ordered: 1,
          images: 1,
          estimate: known(40_000),
          cost: known(40_000),
        },
        {
          model: "model-b",
          state: "reserved",
          account: {},
          tags: {},
          ordered: 2,
          images: 0,
          cost: known(0),
          estimate: { unpricedImages: 2 },
        },
      ])
      expect(calls[0]?.requestId).toMatch(/^r-/)
      expect(await ledger.spend({ by: ['tag:odd "name".[1]'] })).toContainEqual(
        expect.objectContaining({ group: { 'tag:odd "name".[1]': "x" } }),
      )
      const idsOf = async (tags: Readonly<Record<string, string>>): Promise<readonly string[]> => {
        const ids: string[] = []
        for await (const call of ledger.calls({ tags })) ids.push(call.id)
        return ids
      }
      expect([
        await idsOf({ 'odd "name".[1]': "x" }),
        await idsOf({ 'odd "name".[1]': "y" }),
        await idsOf({ x: "x" }),
      ]).toEqual([[id], [], []])
      const later: LedgerCall[] = []
      for await (const call of ledger.calls({ from: "2026-11-21" })) later.push(call)
      expect(later).toMatchObject([{ model: "model-b" }])
      await ledger.close()
    })

    it("exports calls over several pages, and groups", async () => {
      const ledger = await openLedger(await place(), { now: () => firstMs })
      const rows = Array.from({ length: 1250 }, (_, index) => ({
        ...row,
        cost: known(index),
        model: `model-${index % 2}`,
      }))
      await ledger.reserve({ rows, account: { team: '=cmd|" /C calc"!A0, "quoted"\nnew line' } })
      const lines: readonly Record<string, string>[] = parse(await textOf(exportCsv(ledger)), {
        columns: true,
      })
      expect(lines).toHaveLength(1250)
      expect(lines.reduce((sum, line) => sum + Number(line["estimateMicroUsd"]), 0)).toBe(
        (1250 * 1249) / 2,
      )
      expect(new Set(lines.map(({ id }) => id)).size).toBe(1250)
      expect(lines[0]).toMatchObject({
        team: `'=cmd|" /C calc"!A0, "quoted"\nnew line`,
        size: "1024x1024",
        user: "",
        tags: "{}",
      })
      const json = (await textOf(exportJsonLines(ledger))).trim().split("\n")
      expect(json.map((line) => (JSON.parse(line) as LedgerCall).id)).toEqual(
        lines.map(({ id }) => id),
      )
      expect(await textOf(exportCsv(ledger, { by: ["model", "user"] }))).toBe(
        "model,user,calls,images,microUsd,maybeMicroUsd,unpricedImages\nmodel-0,,625,0,0,0,0\nmodel-1,,625,0,0,0,0\n",
      )
      expect(await textOf(exportJsonLines(ledger, { by: ["model"], from: "2027-01-01" }))).toBe("")
      await ledger.close()
    })
  })

const header =
  "line_item_usage_start_date,line_item_usage_type,line_item_usage_amount,line_item_unblended_cost,line_item_currency_code,product_region_code,x"

const invoice = (...lines: readonly string[]): string =>
  [header, ...lines.map((line) => `${line},y`)].join("\r\n")

const standard = "USE1-NovaCanvas-T2I-1024-Standard"

describe("reconcile", () => {
  const open = async (): Promise<DurableLedger> => {
    let nowMs = firstMs
    const ledger = await openLedger(String(await places.all[0]?.[1]()), { now: () => nowMs })
    await spend(ledger, {})
    await spend(ledger, {})
    nowMs += 1000
    await spend(ledger, {})
    await spend(ledger, { task: "virtual-try-on" })
    const { ids } = await ledger.reserve({ rows: [{ ...row, cost: known(40_000) }] })
    await ledger.hold(String(ids[0]))
    nowMs += 86_400_000 * 3
    await spend(ledger, {})
    return ledger
  }

  it("finds no difference when invoice lines split the same sum", async () => {
    const ledger = await open()
    const csv = `\uFEFF${invoice(`2026-11-20T00:00:00Z,${standard},1.0000000000,0.0400000000,USD,us-east-1`, `2026-11-20 23:00:00.000,${standard},1,0.04,USD,us-west-2`)}`
    expect(await reconcile(ledger, csv)).toEqual({
      days: { from: "2026-11-20", to: "2026-11-20" },
      invoiceMicroUsd: 80_000,
      ledgerMicroUsd: 80_000,
      agreed: 1,
      differences: [],
      otherCurrencies: [],
      unmatchedLines: [],
      unmatchedCalls: [],
    })
  })

  it("lists differences by day and type, and separately what it cannot compare", async () => {
    const ledger = await open()
    const csv = invoice(
      `2026-11-20T00:00:00Z,${standard},3,0.12,USD,us-east-1`,
      `2026-11-21T00:00:00Z,USE1-NovaCanvas-I2I-2048-Premium,1,0.08,USD,us-east-1`,
      `2026-11-21T00:00:00Z,${standard},5,30.5,JPY,ap-northeast-1`,
      "2026-11-21T00:00:00Z,USE1-BoxUsage:t3.micro,24,0.2496,USD,us-east-1",
      "2026-11-22T00:00:00Z,USE1-BoxUsage:t3.micro,0.5,0.0000001,USD,us-east-1",
      "2026-11-22T00:00:00Z,USE1-BoxUsage:t3.micro,0.5,0.0000001,USD,us-east-1",
    )
    const box = { usageType: "USE1-BoxUsage:t3.micro", region: "us-east-1", currency: "USD" }
    const none = { images: 0, microUsd: 0, maybeMicroUsd: 0, unpricedImages: 0 }
    expect(await reconcile(ledger, csv)).toEqual({
      days: { from: "2026-11-20", to: "2026-11-21" },
      invoiceMicroUsd: 200_000,
      ledgerMicroUsd: 120_000,
      agreed: 0,
      differences: [
        {
          day: "2026-11-20",
          usageType: "NovaCanvas-T2I-1024-Standard",
          microUsd: 40_000,
          ledger: { ...none, images: 2, microUsd: 80_000 },
          invoice: { images: 3, microUsd: 120_000 },
        },
        {
          day: "2026-11-21",
          usageType: "NovaCanvas-I2I-2048-Premium",
          microUsd: 80_000,
          ledger: none,
          invoice: { images: 1, microUsd: 80_000 },
        },
        {
          day: "2026-11-21",
          usageType: "NovaCanvas-T2I-1024-Standard",
          microUsd: -40_000,
          ledger: { images: 2, microUsd: 40_000, maybeMicroUsd: 40_000, unpricedImages: 0 },
          invoice: { images: 0, microUsd: 0 },
        },
      ],
      otherCurrencies: [
        {
          day: "2026-11-21",
          usageType: standard,
          region: "ap-northeast-1",
          currency: "JPY",
          lines: 1,
          amount: "5",
          cost: "30.5",
        },
      ],
      unmatchedLines: [
        { ...box, day: "2026-11-21", lines: 1, amount: "24", cost: "0.2496" },
        { ...box, day: "2026-11-22", lines: 2, amount: "1", cost: "0.0000002" },
      ],
      unmatchedCalls: [
        {
          ...none,
          day: "2026-11-21",
          model: row.model,
          task: "virtual-try-on",
          size: "1024x1024",
          quality: "standard",
          images: 1,
          microUsd: 40_000,
        },
      ],
    })
  })

  it("reads a stream of single bytes", async () => {
    const text = invoice(`2026-11-20T00:00:00Z,${standard},2,0.08,USD,us-east-1`)
    const pieces = Readable.from([...text].map((letter) => Buffer.from(letter)))
    expect(await reconcile(await open(), pieces)).toMatchObject({ agreed: 1, differences: [] })
  })

  it("compares nothing with an invoice without images", async () => {
    expect(await reconcile(await open(), header)).toMatchObject({
      invoiceMicroUsd: 0,
      ledgerMicroUsd: 0,
      agreed: 0,
      differences: [],
      unmatchedCalls: [],
    })
  })

  const wrong: readonly (readonly [string, string, string])[] = [
    ["another table", "a,b,c\n1,2,3", "line_item_usage_type"],
    [
      "a cost that is not a number",
      invoice(`2026-11-20T00:00:00Z,${standard},1,n/a,USD,us-east-1`),
      "invalid date, amount or cost",
    ],
    [
      "an invalid date",
      invoice(`20th November,${standard},1,0.04,USD,us-east-1`),
      "invalid date, amount or cost",
    ],
    ["an incomplete line", `${header}\n2026-11-20T00:00:00Z,${standard}`, "CSV"],
  ]
  for (const [what, csv, words] of wrong)
    it(`rejects ${what}`, async () => {
      await expect(reconcile(await open(), csv)).rejects.toMatchObject({
        code: "invalid_request",
        message: expect.stringContaining(words),
      })
    })
})
