import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { type IncomingMessage, request } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type BedrockEmulator, createBedrockEmulator } from "@pictor/bedrock-emulator"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { runs } from "../../../../packages/core/src/__fixtures__/scale.ts"
import { seeded } from "../../../../packages/ledger/src/__fixtures__/seeded.ts"
import { usePlaces } from "../admin/__fixtures__/places.ts"
import { openBooks } from "./__fixtures__/ledger-reader.ts"
import { startLoad } from "./__fixtures__/load.ts"
import { meter } from "./__fixtures__/metric.ts"
import { startProcess } from "./__fixtures__/process.ts"
import { callsFor, smallest, smallestMicroUsd } from "./__fixtures__/send-request.ts"

const seed = 20_261_121
const random = seeded(seed)
const drainSeconds = 20
const waiting = { timeout: 10_000, interval: 20 }

const places = usePlaces()
let emulator: BedrockEmulator
let folder = ""
beforeAll(async () => {
  emulator = await createBedrockEmulator({ seed: 1, latencyMs: 100 })
  folder = mkdtempSync(join(tmpdir(), "pictor-terminated-"))
})
afterAll(async () => {
  await emulator.close()
  rmSync(folder, { recursive: true })
})

/** A half-sent order, which the test completes. */
const placeHalf = async (url: string) => {
  const body = JSON.stringify({ ...smallest, prompt: "tea" })
  const headers = { "content-type": "application/json", "content-length": body.length }
  const sending = request(`${url}/v1/images/generations`, { method: "POST", agent: false, headers })
  const answer = once(sending, "response").then(
    ([response]: unknown[]) => response as IncomingMessage,
  )
  sending.write(body.slice(0, 20))
  await vi.waitFor(
    async () => expect(await meter(url, "pictor_requests_in_flight")).toBe(1),
    waiting,
  )
  return {
    finish: async () => {
      sending.end(body.slice(20))
      const response = await answer
      response.resume()
      return response.statusCode
    },
  }
}

/** The status of readiness, over a new connection each time. */
const readiness = async (url: string): Promise<number> => {
  const response = await fetch(`${url}/health/readiness`, { headers: { connection: "close" } })
  await response.body?.cancel()
  return response.status
}

/** A load with some answers, and a signal during it. */
const terminate = async (databaseUrl: string, name: string) => {
  const sections = { gateway_settings: { drain_timeout: drainSeconds } }
  const process = await startProcess({
    folder,
    endpoint: emulator.url,
    databaseUrl,
    models: [smallest.model],
    sections,
  })
  const half = await placeHalf(process.url)
  const load = startLoad({ url: process.url, callers: 6, name })
  await load.reached(1 + Math.floor(random() * 12))
  process.signal("SIGTERM")
  await vi.waitFor(async () => expect(await readiness(process.url)).toBe(503), waiting)
  const sinceMs = performance.now()
  const late = await half.finish()
  const code = await process.ended
  return {
    code,
    late,
    durationMs: performance.now() - sinceMs,
    orders: await load.stop(),
    lines: process.log,
  }
}

describe("SIGTERM under load", () => {
  const rounds = Array.from({ length: runs(20) }, (_, round) => ({
    round,
    engine: places.all[round % 2] ?? places.all[0],
  }))

  it.each(rounds)(
    `tells readiness first, drops nothing that reached the provider, and ends: round $round, seed ${seed}`,
    async ({ round, engine }) => {
      const databaseUrl = (await engine?.[1]()) ?? ""
      const { code, late, durationMs, orders, lines } = await terminate(
        databaseUrl,
        `term-${round}`,
      )
      expect([late, code, lines.at(-1)?.["msg"]]).toEqual([200, 0, "closed"])
      expect(durationMs).toBeLessThan(drainSeconds * 1000)

      const sent = orders.filter((order) => callsFor(emulator, order.tag) > 0)
      expect(sent.filter(({ status, images, n }) => status !== 200 || images !== n)).toEqual([])
      const refused = orders.filter(({ status }) => status !== 200)
      expect(
        refused.filter(
          ({ status, code: why }) =>
            status !== undefined && (status !== 503 || why !== "shutting_down"),
        ),
      ).toEqual([])

      const books = await openBooks(databaseUrl)
      const rows = await books.rows()
      expect(new Set(rows.map(({ state }) => state))).toEqual(new Set(["settled"]))
      expect(rows.length).toBe(sent.reduce((sum, { n }) => sum + n, 1))
      expect(rows.reduce((sum, { cost }) => sum + cost.microUsd, 0)).toBe(
        rows.length * smallestMicroUsd,
      )
      expect(await books.wrong()).toEqual([])
      await books.close()
    },
  )
})
