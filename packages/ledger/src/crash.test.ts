import { setTimeout as delay } from "node:timers/promises"
import { describe, expect, it } from "vitest"
import { runs } from "../../core/src/__fixtures__/scale.ts"
import { compareSums, strayEntries } from "./__fixtures__/inspect.ts"
import { usePlaces } from "./__fixtures__/places.ts"
import { startWorker } from "./__fixtures__/processes.ts"
import { seeded } from "./__fixtures__/seeded.ts"
import { type DurableLedger, openLedger } from "./open-ledger.ts"

const places = usePlaces()

const everything = {
  scope: { everything: true },
  window: "total",
  hard: { microUsd: 10_000_000_000 },
} as const

const statesOf = async (ledger: DurableLedger): Promise<ReadonlyMap<string, string>> => {
  const states = new Map<string, string>()
  for await (const { id, state } of ledger.calls()) states.set(id, state)
  return states
}

/** Acknowledged changes that the ledger lacks. */
const lost = (
  lines: readonly Readonly<Record<string, unknown>>[],
  states: ReadonlyMap<string, string>,
): readonly object[] =>
  lines.filter(({ ready, reserved, sent, settled, released }) => {
    const state = states.get(String(reserved ?? sent ?? settled ?? released))
    if (ready !== undefined) return false
    if (settled !== undefined) return state !== "settled"
    if (released !== undefined) return state !== "released"
    // An open row ends with its lease, unless its end was committed but not acknowledged.
    return sent === undefined
      ? state === undefined || state === "reserved"
      : !["lapsed", "settled", "released"].includes(String(state))
  })

describe("a killed process", () => {
  for (const [name, place] of places.all)
    it(`keeps acknowledged changes and leaves no reservation behind, on ${name}`, async () => {
      const random = seeded(20_261_120)
      const url = await place()
      await openLedger(url).then((ledger) =>
        ledger.setBudget(everything).then(() => ledger.close()),
      )
      for (let round = 0; round < runs(100); round += 1) {
        const worker = startWorker("load", url)
        await worker.line("reserved")
        await delay(random() * 150)
        await worker.kill()
        // A minute later, after every lease.
        const ledger = await openLedger(url, { now: () => Date.now() + 60_000, leaseMs: 1000 })
        const states = await statesOf(ledger)
        await ledger.close()
        expect(lost(worker.lines, states), `round ${round}`).toEqual([])
        expect([...states.values()]).not.toContain("reserved")
        const { calls, tallies } = await compareSums(url)
        expect(tallies).toEqual([calls, calls])
        expect(await strayEntries(url)).toEqual([])
      }
    })
})

describe("a server that restarts under load", () => {
  const perform = async (
    ledger: DurableLedger,
    done: string[],
    failed: unknown[],
    isOver: () => boolean,
  ): Promise<void> => {
    while (!isOver())
      try {
        const { ids } = await ledger.reserve({
          rows: [
            {
              model: "model-a",
              task: "text-to-image",
              images: 1,
              cost: { microUsd: 7, maybeMicroUsd: 0, unpricedImages: 0 },
            },
          ],
        })
        const id = String(ids[0])
        await ledger.sent(id)
        await ledger.settle(id, {
          cost: { microUsd: 7, maybeMicroUsd: 0, unpricedImages: 0 },
          delivered: 1,
        })
        done.push(id)
      } catch (error) {
        failed.push(error)
        await delay(5)
      }
  }

  const load = async (waitMs: number) => {
    const url = await places.server().fresh()
    const ledger = await openLedger(url, { waitMs })
    await ledger.setBudget(everything)
    const done: string[] = []
    const failed: unknown[] = []
    let over = false
    const callers = Array.from({ length: 20 }, () => perform(ledger, done, failed, () => over))
    for (const how of ["fast", "immediate"] as const) {
      await delay(150)
      await places.server().restart(how)
    }
    await delay(150)
    over = true
    await Promise.all(callers)
    const states = await statesOf(ledger)
    await ledger.close()
    return { url, done, failed, states }
  }

  it("delays callers and writes every change once", async () => {
    const { url, done, failed, states } = await load(30_000)
    expect(failed).toEqual([])
    expect(done.length).toBeGreaterThan(20)
    expect(Object.fromEntries(states)).toEqual(
      Object.fromEntries(done.map((id) => [id, "settled"])),
    )
    expect((await compareSums(url)).tallies[0]).toMatchObject({
      micro_usd: 7 * done.length,
      images: done.length,
    })
  })

  it("fails callers that do not wait, and keeps acknowledged changes", async () => {
    const { url, done, failed, states } = await load(0)
    expect(failed.length).toBeGreaterThan(0)
    for (const error of failed)
      expect(error).toMatchObject({
        code: "unavailable",
        retryable: true,
        message: expect.stringContaining("try again"),
      })
    expect(done.filter((id) => states.get(id) !== "settled")).toEqual([])
    const { calls, tallies } = await compareSums(url)
    expect(tallies).toEqual([calls, calls])
    expect(await strayEntries(url)).toEqual([])
  })
})
