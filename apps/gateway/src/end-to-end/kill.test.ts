import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type BedrockEmulator, createBedrockEmulator } from "@pictor/bedrock-emulator"
import type { LedgerCall } from "@pictor/ledger"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { runs } from "../../../../packages/core/src/__fixtures__/scale.ts"
import { seeded } from "../../../../packages/ledger/src/__fixtures__/seeded.ts"
import { usePlaces } from "../admin/__fixtures__/places.ts"
import { laterMs, openBooks } from "./__fixtures__/ledger-reader.ts"
import { type Order, startLoad } from "./__fixtures__/load.ts"
import { startProcess } from "./__fixtures__/process.ts"
import { callsFor, smallest, smallestMicroUsd } from "./__fixtures__/send-request.ts"

const seed = 20_261_122
const random = seeded(seed)

const places = usePlaces()
let emulator: BedrockEmulator
let folder = ""
const urls: string[] = []
beforeAll(async () => {
  emulator = await createBedrockEmulator({ seed: 1, latencyMs: 40 })
  folder = mkdtempSync(join(tmpdir(), "pictor-killed-"))
  for (const [, place] of places.all) urls.push(await place())
})
afterAll(async () => {
  await emulator.close()
  rmSync(folder, { recursive: true })
})

/** A load with some answers, before a kill without warning. */
const kill = async (databaseUrl: string, name: string): Promise<readonly Order[]> => {
  const process = await startProcess({
    folder,
    endpoint: emulator.url,
    databaseUrl,
    models: [smallest.model],
  })
  const load = startLoad({ url: process.url, callers: 8, name })
  await load.reached(1 + Math.floor(random() * 20))
  process.signal("SIGKILL")
  await process.ended
  return load.stop()
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0)

/** An order and its rows as two lists, which must be equal. */
const compare = (order: Order, rows: readonly LedgerCall[]) => {
  const sent = callsFor(emulator, order.tag)
  const begun = rows.filter(({ state }) => state === "settled" || state === "lapsed")
  // A row is marked before its call leaves, so that the provider may lack a lapsed call.
  const unbooked = Math.max(0, sent - begun.length)
  if (order.status !== 200)
    return [
      { tag: order.tag, unbooked },
      { tag: order.tag, unbooked: 0 },
    ]
  const states = rows.map(({ state }) => state)
  return [
    {
      tag: order.tag,
      unbooked,
      states,
      microUsd: sum(rows.map(({ cost }) => cost.microUsd)),
      images: order.images,
    },
    {
      tag: order.tag,
      unbooked: 0,
      states: Array.from({ length: order.n }, () => "settled"),
      microUsd: order.microUsd,
      images: order.n,
    },
  ]
}

describe("a gateway killed under load", () => {
  const rounds = Array.from({ length: runs(20) }, (_, round) => round)
  const known: Order[] = []
  let lapsedCalls = 0

  it.each(rounds)(
    `has booked what was answered, tells what may be spent, and serves again at once: round %i, seed ${seed}`,
    async (round) => {
      const databaseUrl = urls[round % urls.length] ?? ""
      const orders = await kill(databaseUrl, `kill-${round}`)
      known.push(...orders)
      // The gateway before this one was killed.
      expect(orders[0]).toMatchObject({ status: 200 })
      expect(orders.filter(({ status }) => status !== 200 && status !== undefined)).toEqual([])

      const books = await openBooks(databaseUrl, laterMs)
      const rows = await books.rows()
      const compared = orders.map((order) =>
        compare(
          order,
          rows.filter(({ tags }) => tags["order"] === order.tag),
        ),
      )
      expect(compared.map(([found]) => found)).toEqual(compared.map(([, right]) => right))
      const lapsed = rows.filter(({ state }) => state === "lapsed")
      lapsedCalls += lapsed.length
      expect(
        rows.filter(({ state }) => !["settled", "released", "lapsed"].includes(state)),
      ).toEqual([])
      const { maybeMicroUsd = 0 } =
        (await books.ledger.spend({ by: ["state"] })).find(
          ({ group }) => group["state"] === "lapsed",
        ) ?? {}
      expect(maybeMicroUsd).toBe(lapsed.length * smallestMicroUsd)
      expect(await books.wrong()).toEqual([])
      await books.close()
    },
  )

  it("was interrupted in some rounds", () => {
    expect(known.filter(({ status }) => status === undefined).length).toBeGreaterThan(rounds.length)
    expect(lapsedCalls).toBeGreaterThan(rounds.length)
  })
})
