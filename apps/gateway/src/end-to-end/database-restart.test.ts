import { afterEach, describe, expect, it } from "vitest"
import { usePlaces } from "../admin/__fixtures__/places.ts"
import { openWorld, type World } from "./__fixtures__/gateway.ts"
import { laterMs, openBooks } from "./__fixtures__/ledger-reader.ts"
import { startLoad } from "./__fixtures__/load.ts"
import { callsFor, smallestMicroUsd } from "./__fixtures__/send-request.ts"

const masterKey = "sk-master-of-this-test"

const places = usePlaces()
let world: World | undefined
afterEach(() => world?.close())

const keyOf = async ({ url }: World): Promise<string> => {
  const response = await fetch(`${url}/key/generate`, {
    method: "POST",
    headers: { authorization: `Bearer ${masterKey}`, "content-type": "application/json" },
    body: JSON.stringify({ max_budget: 1000, rpm_limit: 1_000_000, max_parallel_requests: 100 }),
  })
  return ((await response.json()) as { readonly key: string }).key
}

/**
 * Load with a key that has every kind of limit, while the database restarts, cleanly and by a
 * crash.
 */
const loadThroughRestarts = async (databaseWaitMs: number) => {
  world = await openWorld({
    databaseUrl: await places.server().fresh(),
    databaseWaitMs,
    latencyMs: 20,
    general: { masterKey },
  })
  const load = startLoad({
    url: world.url,
    callers: 8,
    name: "away",
    headers: { authorization: `Bearer ${await keyOf(world)}` },
  })
  for (const how of ["fast", "immediate"] as const) {
    await load.reached(load.orders.length + 12)
    await places.server().restart(how)
  }
  await load.reached(load.orders.length + 12)
  const { emulator } = world
  const orders = await load.stop()
  return {
    orders: orders.map((order) => ({ ...order, sent: callsFor(emulator, order.tag) })),
    ...world,
  }
}

describe("a database that restarts under load", () => {
  it("delays requests, and everything is made and recorded once", async () => {
    const { orders, books } = await loadThroughRestarts(25_000)
    expect(
      orders.filter(({ status, images, n, sent }) => status !== 200 || images !== n || sent !== n),
    ).toEqual([])
    const rows = await books.rows()
    expect(rows.filter(({ state }) => state !== "settled")).toEqual([])
    expect(rows.length).toBe(orders.reduce((sum, { n }) => sum + n, 0))
    expect(rows.reduce((sum, { cost }) => sum + cost.microUsd, 0)).toBe(
      rows.length * smallestMicroUsd,
    )
    expect(await books.wrong()).toEqual([])
  })

  it("fails impatient requests before anything is sent, loses no image, and records all calls", async () => {
    const { orders, databaseUrl, url } = await loadThroughRestarts(0)
    const failed = orders.filter(({ status }) => status !== 200)
    expect(failed.length).toBeGreaterThan(0)
    expect(
      failed.filter(
        ({ status, code, sent }) => status !== 503 || code !== "unavailable" || sent > 0,
      ),
    ).toEqual([])
    expect(orders.filter(({ status, images, sent }) => status === 200 && images !== sent)).toEqual(
      [],
    )

    const books = await openBooks(databaseUrl, laterMs)
    const rows = await books.rows()
    const booked = (tag: string, ...states: readonly string[]): number =>
      rows.filter(({ tags, state }) => tags["order"] === tag && states.includes(state)).length
    expect(
      orders.filter(
        ({ tag, sent }) => booked(tag, "settled", "lapsed") < sent || booked(tag, "settled") > sent,
      ),
    ).toEqual([])
    expect(orders.filter(({ tag }) => booked(tag, "reserved", "held") > 0)).toEqual([])
    expect(await books.wrong()).toEqual([])
    await books.close()
    expect((await fetch(`${url}/health/readiness`)).status).toBe(200)
  })
})
