import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { ImageError, type ResumeResult, type UnfinishedRow } from "@pictor/core"
import type { Reply, Transport } from "@pictor/core/adapter"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { png } from "../../../packages/core/src/__fixtures__/client.ts"
import { loadConfig } from "./config/load.ts"
import { startGateway } from "./gateway.ts"
import { createLog } from "./observability/log.ts"
import { createMetrics } from "./observability/metrics.ts"
import { startResumingJobs } from "./resume-jobs.ts"

const noCost = { microUsd: 0, maybeMicroUsd: 0, unpricedImages: 0 }
const model = "amazon.nova-canvas-v1:0"

const rowOf = (id: string, more: Partial<UnfinishedRow> = {}): UnfinishedRow => ({
  id,
  time: "2026-11-20T12:00:00.000Z",
  state: "lapsed",
  model,
  provider: "acme",
  task: "text-to-image",
  account: {},
  images: 1,
  cost: { ...noCost, maybeMicroUsd: 40_000 },
  job: { id: `job-of-${id}`, url: "https://jobs.example/signed", adapter: "d", modelId: model },
  resumable: true,
  ...more,
})

const failed: ResumeResult = { status: "failed", slots: [], cost: noCost, warnings: [] }

/** A loop over these rows; `resume` answers for each. */
const start = (
  rows: () => readonly UnfinishedRow[],
  resume: (id: string) => ResumeResult | Promise<ResumeResult>,
) => {
  const lines: Record<string, unknown>[] = []
  const resumed: string[] = []
  const metrics = createMetrics({ requests: () => 0, bytes: () => 0 }, Date.now)
  const jobs = startResumingJobs({
    pictor: {
      unfinished: async () => rows(),
      resume: async (id) => {
        resumed.push(id)
        return resume(id)
      },
    },
    log: createLog({ to: { write: (line) => void lines.push(JSON.parse(line)) } }),
    metrics,
    now: Date.now,
  })
  return { ...jobs, lines, resumed, page: async () => (await metrics.page()).text }
}

describe("startResumingJobs", () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it("resumes held and lapsed rows with a job at once and every 20 s", async () => {
    const rows = [
      rowOf("a"),
      rowOf("b", { state: "held" }),
      rowOf("c", { state: "reserved" }),
      rowOf("d", { resumable: false }),
    ]
    const { resumed, close } = start(
      () => rows,
      () => ({ status: "running" }),
    )
    await vi.advanceTimersByTimeAsync(0)
    expect(resumed).toEqual(["a", "b"])
    await vi.advanceTimersByTimeAsync(19_999)
    expect(resumed).toHaveLength(2)
    await vi.advanceTimersByTimeAsync(1)
    expect(resumed).toEqual(["a", "b", "a", "b"])
    await close()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(resumed).toHaveLength(4)
  })

  it("waits longer after each failure, up to an hour", async () => {
    const { resumed, close } = start(
      () => [rowOf("a")],
      () => {
        throw new ImageError({ code: "unavailable", message: "Down." })
      },
    )
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect(resumed.length).toBeGreaterThan(4)
    expect(resumed.length).toBeLessThan(10)
    const before = resumed.length
    await vi.advanceTimersByTimeAsync(10 * 3_600_000)
    expect(resumed.length - before).toBeGreaterThanOrEqual(9)
    expect(resumed.length - before).toBeLessThanOrEqual(11)
    await close()
  })

  it("resumes at most four jobs at a time", async () => {
    const rows = Array.from({ length: 9 }, (_, index) => rowOf(String(index)))
    const ends: (() => void)[] = []
    const { resumed, close } = start(
      () => rows,
      () => new Promise((resolve) => ends.push(() => resolve({ status: "running" }))),
    )
    await vi.advanceTimersByTimeAsync(0)
    expect(resumed).toHaveLength(4)
    ends[0]?.()
    await vi.advanceTimersByTimeAsync(0)
    expect(resumed).toHaveLength(5)
    const closing = close()
    for (const end of ends) end()
    await closing
    expect(resumed).toHaveLength(5)
  })

  it("logs and counts what became of each job, without its URL", async () => {
    const results: Record<string, ResumeResult> = {
      a: { ...failed, cost: { ...noCost, microUsd: 40_000 } },
      b: { status: "expired" },
    }
    const { lines, page, close } = start(
      () => ["a", "b", "c"].map((id) => rowOf(id)),
      (id) => results[id] ?? Promise.reject(new Error("secret")),
    )
    await vi.advanceTimersByTimeAsync(0)
    await close()
    expect(lines).toMatchObject([
      { level: 30, msg: "job resumed", row: "a", model, deployment: "d", status: "failed" },
      { level: 40, msg: "job resumed", row: "b", status: "expired", job: "job-of-b" },
      { level: 40, msg: "job could not be resumed", row: "c" },
    ])
    expect(JSON.stringify(lines)).not.toMatch(/signed|secret/)
    const text = await page()
    for (const status of ["failed", "expired", "error"])
      expect(text).toContain(
        `pictor_jobs_resumed_total{model="${model}",provider="acme",status="${status}"} 1`,
      )
    expect(text).toContain(
      `pictor_cost_micro_usd_total{model="${model}",deployment="d",provider="acme"} 40000`,
    )
  })

  it("goes on after the ledger could not be read", async () => {
    let isDown = true
    const { lines, resumed, close } = start(
      () => {
        if (isDown) throw new ImageError({ code: "unavailable", message: "Down." })
        return [rowOf("a")]
      },
      () => ({ status: "running" }),
    )
    await vi.advanceTimersByTimeAsync(0)
    expect(lines).toMatchObject([{ msg: "unfinished jobs could not be listed" }])
    isDown = false
    await vi.advanceTimersByTimeAsync(20_000)
    expect(resumed).toEqual(["a"])
    await close()
  })
})

describe("a gateway", () => {
  let folder = ""
  const open: (() => Promise<unknown>)[] = []
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "pictor-jobs-"))
  })
  afterEach(async () => {
    for (const close of open.splice(0).toReversed()) await close()
    await rm(folder, { recursive: true })
  })

  const configFile = () => ({
    model_list: [
      {
        model_name: "painter",
        litellm_params: {
          model: `bedrock/${model}`,
          aws_region_name: "us-east-1",
          aws_access_key_id: "a",
          aws_secret_access_key: "b",
        },
        model_info: { id: "painter-1" },
      },
    ],
    general_settings: {
      master_key: "sk-master",
      database_url: `file:${join(folder, "gateway.db")}`,
    },
  })

  const reply: Reply = {
    status: 200,
    headers: {},
    body: new TextEncoder().encode(JSON.stringify({ images: [png] })),
  }

  /** A gateway whose provider answers with jobs, on the one database of the test. */
  const serve = async (transport: Partial<Transport>) => {
    const configPath = join(folder, "config.yaml")
    await writeFile(configPath, JSON.stringify(configFile()))
    const { config } = await loadConfig(configPath, {})
    const lines: string[] = []
    const gateway = await startGateway({
      config,
      env: {},
      folder,
      settings: { port: 0 },
      log: { write: (line) => void lines.push(line) },
      transport: () => ({ name: "jobs", invoke: async () => reply, ...transport }),
    })
    open.push(gateway.close)
    const send = async (path: string, body?: object) => {
      const response = await fetch(`${gateway.url}${path}`, {
        method: body ? "POST" : "GET",
        headers: {
          authorization: "Bearer sk-master",
          "content-type": "application/json",
          "idempotency-key": "order-1",
        },
        ...(body && { body: JSON.stringify(body) }),
      })
      // Each test asserts the shape that it expects.
      const json: ReturnType<typeof JSON.parse> = await response.json()
      return { status: response.status, body: json }
    }
    return { ...gateway, lines, send }
  }

  it("resumes the job of another one, whose repeated request gets the image", async () => {
    let orders = 0
    const invoke: Transport["invoke"] = async ({ onSubmitted }) => {
      orders += 1
      await onSubmitted?.({ id: "job-1", url: "https://jobs.example/signed" })
      throw new ImageError({ code: "timeout", message: "Too late.", maybeBilled: true })
    }
    const order = { model: "painter", prompt: "A secret lighthouse", response_format: "b64_json" }
    const running: Transport["resume"] = async () => "running"
    const first = await serve({ invoke, resume: running })
    expect((await first.send("/v1/images/generations", order)).status).toBe(504)
    const unresolved = await first.send("/spend/unresolved")
    expect(unresolved.body.calls).toMatchObject([
      {
        state: "held",
        maybe_spend: 0.04,
        job: { id: "job-1", deployment: "painter-1", model_id: model, lost: false },
      },
    ])
    expect(JSON.stringify(unresolved)).not.toMatch(/signed|lighthouse/)
    const pending = await first.send("/v1/images/generations", order)
    expect([pending.status, pending.body.error.code]).toEqual([409, "idempotency_in_progress"])
    await first.close()

    const second = await serve({ invoke, resume: async () => reply })
    await vi.waitFor(() => expect(second.lines.join()).toContain("job resumed"), 10_000)
    expect((await second.send("/spend/unresolved")).body.calls).toEqual([])
    const again = await second.send("/v1/images/generations", order)
    expect([again.status, again.body.data]).toEqual([200, [{ b64_json: png }]])
    expect(orders).toBe(1)
    expect(second.lines.join()).not.toMatch(/signed|lighthouse/)
  }, 60_000)
})
