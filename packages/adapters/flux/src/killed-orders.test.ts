import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import type { Pictor } from "@pictor/core"
import { createFluxEmulator, type FluxEmulator } from "@pictor/flux-emulator"
import { openLedger } from "@pictor/ledger"
import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { clientOf } from "./__fixtures__/orders.ts"
import { runs } from "./__fixtures__/scale.ts"

const rounds = runs(50, 10)
const imageMicroUsd = 30_000

let folder = ""
let emulator: FluxEmulator
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pictor-killed-orders-"))
  emulator = await createFluxEmulator({ jobMs: 60, latencyMs: 5 })
})
afterAll(async () => {
  await emulator.close()
  await rm(folder, { recursive: true })
})

const path = fileURLToPath(new URL("__fixtures__/orders.ts", import.meta.url))

/** Orders in a child process, and kills it so long after its first order. */
const orderUntilKilled = async (place: string, name: string, afterMs: number): Promise<void> => {
  const child = spawn(
    process.execPath,
    ["--conditions=@pictor/source", path, place, emulator.url, name],
    { stdio: ["ignore", "pipe", "inherit"] },
  )
  const ended = once(child, "close")
  await Promise.race([once(child.stdout, "data"), ended])
  expect(child.exitCode, "the process orders").toBeNull()
  await delay(afterMs)
  child.kill("SIGKILL")
  await ended
}

/** Resumes every job until none is running, and counts the delivered images. */
const resumeAll = async (pictor: Pictor): Promise<number> => {
  let delivered = 0
  for (;;) {
    const rows = (await pictor.unfinished()).filter(({ resumable }) => resumable)
    if (rows.length === 0) return delivered
    for (const { id } of rows) {
      const { status } = await pictor.resume(id)
      delivered += status === "delivered" ? 1 : 0
    }
  }
}

const promptsOf = ({ requests }: FluxEmulator): readonly unknown[] =>
  requests
    .filter(({ kind }) => kind === "submit")
    .map(({ body }) => (body as { readonly prompt: unknown }).prompt)

describe("a process that is killed between an order and its image", () => {
  it("loses no image: each is delivered or listed, none is ordered twice, as the bill says", async () => {
    const place = `file:${join(folder, "ledger.db")}`
    const delays = fc.sample(fc.integer({ min: 0, max: 300 }), {
      numRuns: rounds,
      seed: 20_261_130,
    })
    let resumed = 0
    for (const [round, afterMs] of delays.entries()) {
      await orderUntilKilled(place, String(round), afterMs)
      // The emulator may still answer the killed process.
      await delay(100)

      // A minute later, after every lease.
      const ledger = await openLedger(place, { now: () => Date.now() + 60_000, leaseMs: 1000 })
      const pictor = clientOf(ledger, emulator.url)
      resumed += await resumeAll(pictor)

      const prompts = promptsOf(emulator)
      expect(new Set(prompts).size, "orders").toBe(prompts.length)
      const listed = await pictor.unfinished()
      expect(listed.filter(({ job }) => job)).toEqual([])
      const [spend] = await ledger.spend()
      const { microUsd = 0, maybeMicroUsd = 0 } = spend ?? {}
      const { microUsd: billed, entries } = emulator.bill()
      expect(entries.filter(({ state }) => state !== "charged")).toEqual([])
      expect(maybeMicroUsd).toBe(listed.length * imageMicroUsd)
      expect(microUsd).toBeLessThanOrEqual(billed)
      expect(microUsd + maybeMicroUsd).toBeGreaterThanOrEqual(billed)
      await pictor.close()
    }
    expect(resumed).toBeGreaterThan(rounds / 2)
  }, 600_000)
})
