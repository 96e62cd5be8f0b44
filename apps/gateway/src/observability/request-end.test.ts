import { type Cost, ImageError, memoryLedger, type Slot } from "@pictor/core"
import { describe, expect, it } from "vitest"
import { instrumentLedger } from "./instrumented-ledger.ts"
import { createLog, logRequest } from "./log.ts"
import { createMetrics } from "./metrics.ts"
import type { RequestEnd, RequestRecord } from "./request-record.ts"

const record: RequestRecord = {
  id: "r-1",
  method: "POST",
  route: "images/generations",
  startedMs: 0,
  isRepeatable: false,
  bytesIn: 10,
  bytesOut: 20,
}

const cost: Cost = { microUsd: 5, maybeMicroUsd: 3, unpricedImages: 2 }

const end: RequestEnd = { status: 200, durationMs: 9, overheadMs: 4, slots: [], cost }

const failed = (status: number): RequestRecord => ({
  ...record,
  answer: {
    status,
    headers: {},
    parts: [],
    error: new ImageError({ code: "unavailable", message: "The database is away." }),
  },
})

describe("the metrics of a request", () => {
  it("count what was filtered by stage, and what was charged, maybe charged and unpriced", async () => {
    const metrics = createMetrics({ requests: () => 0, bytes: () => 0 }, () => 0)
    const slot: Slot = { status: "filtered", stage: "prompt", reason: "No.", cost }
    metrics.ended(record, { ...end, slots: [slot, slot] })
    const { text } = await metrics.page()
    for (const line of [
      'pictor_images_filtered_total{model="none",stage="prompt"} 2',
      'pictor_cost_micro_usd_total{model="none",deployment="none",provider="none"} 5',
      'pictor_maybe_cost_micro_usd_total{model="none",deployment="none",provider="none"} 3',
      'pictor_unpriced_images_total{model="none",deployment="none",provider="none"} 2',
      "pictor_request_bytes_total 10",
      "pictor_response_bytes_total 20",
    ])
      expect(text.split("\n")).toContain(line)
  })
})

describe("the log line of a request", () => {
  it.each([
    [400, undefined],
    [503, "The database is away."],
  ])("of status %i has the reason %s, which the answer hides", (status, why) => {
    const lines: string[] = []
    const log = createLog({ to: { write: (line) => void lines.push(line) } })
    logRequest(log, failed(status), { ...end, status })
    expect((JSON.parse(lines[0] ?? "{}") as { readonly why?: string }).why).toBe(why)
  })
})

describe("the refusal of a budget", () => {
  it("says when it resets, after LiteLLM's sentence", async () => {
    const budget = {
      unit: "microUsd",
      limit: 100_000,
      spent: 80_000,
      reserved: 0,
      requested: 40_000,
    }
    const refuse = async (..._args: readonly unknown[]) => {
      throw new ImageError({
        code: "budget_exceeded",
        message: "Budget x exceeded.",
        retryAfterMs: 9000,
        budget: budget as never,
      })
    }
    const ledger = instrumentLedger({ ...memoryLedger(), reserve: refuse }, () => undefined)
    await expect(ledger.reserve({ rows: [] })).rejects.toMatchObject({
      message: "Budget has been exceeded! Current cost: 0.08, Max budget: 0.10. Budget x exceeded.",
      retryAfterMs: 9000,
    })
  })
})
