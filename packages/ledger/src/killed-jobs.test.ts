import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { isImageError, type Pictor } from "@pictor/core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { jobClient, requestOf } from "./__fixtures__/job-client.ts"
import { startJobServer } from "./__fixtures__/job-server.ts"
import { startWorker } from "./__fixtures__/processes.ts"
import { seeded } from "./__fixtures__/seeded.ts"
import { openLedger } from "./open-ledger.ts"

const rounds = process.env["PICTOR_SCALE"] === "full" ? 50 : 20
const imageMicroUsd = 40_000

const random = seeded(20_261_121)
let folder = ""
let provider: Awaited<ReturnType<typeof startJobServer>>
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pictor-killed-jobs-"))
  provider = await startJobServer(random)
})
afterAll(async () => {
  await provider.close()
  await rm(folder, { recursive: true })
})

/** Resumes every job until none is running. */
const resumeAll = async (pictor: Pictor): Promise<void> => {
  for (;;) {
    const rows = (await pictor.unfinished()).filter(({ resumable }) => resumable)
    if (rows.length === 0) return
    await Promise.all(rows.map(({ id }) => pictor.resume(id)))
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0)

describe("a process that is killed between an order and its images", () => {
  it("loses no image: each job is resumed or listed, none ordered twice, as the bill says", async () => {
    const url = `file:${join(folder, "ledger.db")}`
    let kills = 0
    for (let round = 0; round < rounds; round += 1) {
      const ordered = provider.jobs.length
      const worker = startWorker("jobs", url, provider.url, String(round))
      await worker.line("requested")
      await delay(random() * 250)
      await worker.kill()
      // The server still has requests of the killed process.
      await delay(50)

      // A minute later, after every lease.
      const ledger = await openLedger(url, { now: () => Date.now() + 60_000, leaseMs: 1000 })
      const pictor = jobClient(ledger, provider.url)
      const left = await pictor.unfinished()
      kills += left.length > 0 ? 1 : 0
      await resumeAll(pictor)
      const listed = await pictor.unfinished()
      expect(listed.filter(({ job }) => job)).toEqual([])

      const keys = worker.lines.map(({ requested }) => String(requested))
      for (const key of keys) {
        const before = provider.jobs.filter((job) => job.key === key)
        expect(before.length, `${key} is two calls`).toBeLessThanOrEqual(2)
        // What was paid for is not ordered again, whether its images are here or not.
        const again = await pictor.generate(requestOf(key)).catch((error: unknown) => error)
        if (isImageError(again))
          expect(["idempotency_unresolved", "idempotency_replayed"]).toContain(again.code)
        if (before.length === 2)
          expect(provider.jobs.filter((job) => job.key === key)).toEqual(before)
      }

      const [spend] = await ledger.spend()
      const { microUsd = 0, maybeMicroUsd = 0 } = spend ?? {}
      const billed = sum(provider.jobs.map(({ images }) => images)) * imageMicroUsd
      const unknown = sum((await pictor.unfinished()).map(({ images }) => images)) * imageMicroUsd
      expect(maybeMicroUsd, `round ${round}`).toBe(unknown)
      expect(microUsd, `round ${round}`).toBeLessThanOrEqual(billed)
      expect(microUsd + maybeMicroUsd, `round ${round}`).toBeGreaterThanOrEqual(billed)
      expect(provider.jobs.length).toBeGreaterThanOrEqual(ordered)
      await pictor.close()
    }
    expect(kills).toBeGreaterThan(rounds / 2)
  }, 300_000)
})
