import { describe, expect, it } from "vitest"
import type { Ledger, Reservation } from "../contract/ledger.ts"
import {
  type CreateLedger,
  known,
  maybe,
  order,
  reserveOne,
  rowsOf,
  unknown,
} from "./ledger-orders.ts"
import { dayMs, sundayMs } from "./ledger-property.ts"

const once = (hash = "hash-1", key = "key-1"): Reservation => ({
  ...order(1),
  idempotency: { key, hash },
})

const nothing = { cost: known(0), delivered: 0 }

const pastLease = 60_000

type Act = (ledger: Ledger, id: string) => Promise<void>

const cases: readonly (readonly [string, Act, string])[] = [
  ["is reserved", async () => {}, "idempotency_in_progress"],
  ["is sent", (ledger, id) => ledger.sent(id), "idempotency_in_progress"],
  ["is held", (ledger, id) => ledger.hold(id), "idempotency_unresolved"],
  [
    "was settled",
    (ledger, id) => ledger.settle(id, { cost: known(9), delivered: 1 }),
    "idempotency_replayed",
  ],
  [
    "was charged without a picture",
    (ledger, id) => ledger.settle(id, { cost: known(9), delivered: 0 }),
    "idempotency_replayed",
  ],
  [
    "was delivered for free",
    (ledger, id) => ledger.settle(id, { cost: known(0), delivered: 1 }),
    "idempotency_replayed",
  ],
  [
    "was charged at an unknown price",
    (ledger, id) => ledger.settle(id, { cost: unknown(1), delivered: 0 }),
    "idempotency_replayed",
  ],
  [
    "was resolved as spent",
    (ledger, id) => ledger.hold(id).then(() => ledger.resolve(id, "spent")),
    "idempotency_replayed",
  ],
  [
    "was resolved as unspent",
    (ledger, id) => ledger.hold(id).then(() => ledger.resolve(id, "unspent")),
    "admitted",
  ],
  ["was released", (ledger, id) => ledger.release(id), "admitted"],
  ["settled as nothing", (ledger, id) => ledger.settle(id, nothing), "admitted"],
]

/** Images, micro-dollars, micro-dollars that may be charged, and images of unknown price. */
const charges = [
  [1, 0, 0, 0],
  [0, 1, 0, 0],
  [0, 0, 1, 0],
  [0, 0, 0, 1],
  [1, 1, 0, 0],
  [1, 0, 1, 0],
  [1, 0, 0, 1],
  [0, 1, 1, 0],
] as const

const answerTo = async (ledger: Ledger, reservation: Reservation): Promise<unknown> =>
  ledger.reserve(reservation).then(
    () => ({ code: "admitted" }),
    (error: unknown) => error,
  )

/** What an idempotency key prevents, and for how long. */
export const describeIdempotency = (create: CreateLedger): void => {
  describe("idempotency", () => {
    for (const [name, act, code] of cases) {
      it(`throws ${code} if the first row ${name}`, async () => {
        const ledger = await create({ now: () => sundayMs })
        await act(ledger, await reserveOne(ledger, once()))
        expect(await answerTo(ledger, once())).toMatchObject({ code })
      })

      it(`throws idempotency_mismatch for another request if the first row ${name}`, async () => {
        const ledger = await create({ now: () => sundayMs })
        await act(ledger, await reserveOne(ledger, once()))
        expect(await answerTo(ledger, once("hash-2"))).toMatchObject({
          code: "idempotency_mismatch",
        })
        expect(await answerTo(ledger, once("hash-2", "key-2"))).toMatchObject({ code: "admitted" })
      })
    }
    for (const [delivered, microUsd, maybeMicroUsd, unpricedImages] of charges)
      it(`remembers ${delivered} images for ${microUsd} + ${maybeMicroUsd} and ${unpricedImages} unpriced`, async () => {
        const ledger = await create({ now: () => sundayMs })
        const cost = { microUsd, maybeMicroUsd, unpricedImages }
        await ledger.settle(await reserveOne(ledger, once()), { cost, delivered })
        expect(await answerTo(ledger, once())).toMatchObject({ code: "idempotency_replayed", cost })
        expect(await ledger.recall?.({ key: "key-1", hash: "hash-1" })).toMatchObject({ cost })
      })

    describeRuns(create)
    describeRecall(create)
  })
}

const describeRuns = (create: CreateLedger): void => {
  it("reports when to try again, and the charge", async () => {
    const ledger = await create({ now: () => sundayMs })
    const { ids } = await ledger.reserve({
      ...once(),
      rows: rowsOf(known(10), known(10), known(10)),
    })
    await ledger.settle(String(ids[0]), { cost: known(9), delivered: 1 })
    await ledger.release(String(ids[1]))
    expect(await answerTo(ledger, once())).toMatchObject({
      code: "idempotency_in_progress",
      retryAfterMs: expect.any(Number),
    })
    await ledger.settle(String(ids[2]), {
      cost: { microUsd: 4, maybeMicroUsd: 0, unpricedImages: 1 },
      delivered: 1,
    })
    expect(await answerTo(ledger, once())).toMatchObject({
      cost: { microUsd: 13, maybeMicroUsd: 0, unpricedImages: 1 },
    })
  })

  it("allows a new run after the lease of an unsent row expired, not after a sent row lapsed", async () => {
    let nowMs = sundayMs
    const ledger = await create({ now: () => nowMs })
    await ledger.reserve(once())
    nowMs += pastLease
    const id = await reserveOne(ledger, once())
    await ledger.sent(id)
    nowMs += pastLease
    expect(await answerTo(ledger, once())).toMatchObject({
      code: "idempotency_unresolved",
      retryable: false,
      rows: [id],
      message: expect.stringContaining(`end the ledger's rows first: ${id}. `),
    })
  })

  it("reports a run in progress while one of its rows is reserved, though another is held", async () => {
    const ledger = await create({ now: () => sundayMs })
    const { ids } = await ledger.reserve({ ...once(), rows: rowsOf(known(10), known(10)) })
    await ledger.hold(String(ids[0]))
    expect(await answerTo(ledger, once())).toMatchObject({ code: "idempotency_in_progress" })
    await ledger.release(String(ids[1]))
    expect(await answerTo(ledger, once())).toMatchObject({ code: "idempotency_unresolved" })
  })

  it("names five of many unresolved rows", async () => {
    const ledger = await create({ now: () => sundayMs })
    const rows = rowsOf(...Array.from({ length: 7 }, () => known(10)))
    const { ids } = await ledger.reserve({ ...once(), rows })
    for (const id of ids) await ledger.hold(id)
    expect(await answerTo(ledger, once())).toMatchObject({
      message: expect.stringContaining(`${ids.slice(0, 5).join(", ")} and 2 others.`),
    })
  })

  describeUnresolved(create)

  it("keeps a key for 24 h from the start of its last run", async () => {
    let nowMs = sundayMs
    const ledger = await create({ now: () => nowMs })
    await ledger.release(await reserveOne(ledger, once()))
    nowMs += 1000
    await ledger.settle(await reserveOne(ledger, once()), { cost: known(9), delivered: 1 })
    nowMs += dayMs - 1
    expect(await answerTo(ledger, once())).toMatchObject({ code: "idempotency_replayed" })
    nowMs += 1
    expect(await answerTo(ledger, once("hash-2"))).toMatchObject({ code: "admitted" })
  })

  it("drops a key after 24 h, even if an older key ran again since", async () => {
    let nowMs = sundayMs
    const ledger = await create({ now: () => nowMs })
    await ledger.release(await reserveOne(ledger, once("hash-1", "older")))
    await ledger.release(await reserveOne(ledger, once()))
    nowMs += 1
    await ledger.release(await reserveOne(ledger, once("hash-1", "older")))
    nowMs += dayMs - 1
    expect(await answerTo(ledger, once("hash-2"))).toMatchObject({ code: "admitted" })
  })

  it("does not use a key for a reservation that a budget rejects", async () => {
    const ledger = await create({ now: () => sundayMs })
    const budget = { scope: { everything: true }, window: "total" } as const
    await ledger.setBudget({ ...budget, hard: { images: 0 } })
    expect(await answerTo(ledger, once())).toMatchObject({ code: "budget_exceeded" })
    await ledger.setBudget(budget)
    expect(await answerTo(ledger, once("hash-2"))).toMatchObject({ code: "admitted" })
  })

  it("adds a retried row to the run of its key", async () => {
    const ledger = await create({ now: () => sundayMs })
    const first = await reserveOne(ledger, once())
    const second = await reserveOne(ledger, { ...order(1), retryOf: first })
    await ledger.hold(first, { cost: maybe(10), delivered: 0 })
    await ledger.settle(second, { cost: known(9), delivered: 1 })
    await ledger.resolve(first, "unspent")
    expect(await answerTo(ledger, once())).toMatchObject({
      code: "idempotency_replayed",
      cost: { microUsd: 9 },
    })
    expect(
      await answerTo(ledger, { ...order(1), retryOf: "01ARZ3NDEKTSV4RRFFQ69G5FAV" }),
    ).toMatchObject({ code: "invalid_request" })
  })

  it("admits one of many concurrent reservations with one key", async () => {
    const ledger = await create({ now: () => sundayMs })
    const answers = await Promise.all(Array.from({ length: 50 }, () => answerTo(ledger, once())))
    expect(
      answers.filter((answer) => (answer as { readonly code: string }).code === "admitted"),
    ).toHaveLength(1)
  })
}

const describeUnresolved = (create: CreateLedger): void => {
  const again: Reservation = {
    ...order(1),
    idempotency: { key: "key-1", hash: "hash-1", lapsed: "retry" },
  }

  it("counts unresolved rows as spent and starts a new run with lapsed: retry", async () => {
    let nowMs = sundayMs
    const ledger = await create({ now: () => nowMs })
    const first = await reserveOne(ledger, { ...again, sent: true })
    expect(await answerTo(ledger, again)).toMatchObject({ code: "idempotency_in_progress" })
    nowMs += pastLease
    const second = await reserveOne(ledger, { ...again, sent: true })
    expect(second).not.toBe(first)
    expect(await ledger.spend()).toMatchObject([{ calls: 2, images: 1, microUsd: 10 }])
    expect(await ledger.unresolved()).toEqual([])
    expect(await answerTo(ledger, again)).toMatchObject({ code: "idempotency_in_progress" })
    await ledger.settle(second, { cost: known(9), delivered: 1 })
    expect(await answerTo(ledger, again)).toMatchObject({
      code: "idempotency_replayed",
      cost: { microUsd: 9 },
    })
  })

  it("leaves unresolved rows as they are if a budget rejects the new run", async () => {
    const ledger = await create({ now: () => sundayMs })
    await ledger.setBudget({ scope: { everything: true }, window: "total", hard: { images: 1 } })
    const id = await reserveOne(ledger, once())
    await ledger.hold(id)
    expect(await answerTo(ledger, again)).toMatchObject({ code: "budget_exceeded" })
    expect(await ledger.unresolved()).toMatchObject([{ id, state: "held" }])
  })

  it("lists held and lapsed rows in the order of their ids, from the one after `after`", async () => {
    let nowMs = sundayMs
    const ledger = await create({ now: () => nowMs })
    const account = { key: "k1", user: "ann", team: "red", endUser: "kim" }
    const { ids } = await ledger.reserve({
      rows: rowsOf(known(10), known(20), known(30), known(40)),
      account,
      sent: true,
    })
    const [held = "", settled = "", lapsed = "", released = ""] = ids
    await ledger.hold(held, { cost: maybe(7), delivered: 0, requestId: "r-1" })
    await ledger.settle(settled, { cost: known(20), delivered: 1 })
    await ledger.release(released)
    nowMs += pastLease
    const row = {
      time: new Date(sundayMs).toISOString(),
      model: "model-a",
      task: "text-to-image",
      account,
      images: 1,
    }
    const rows = [
      { ...row, id: held, state: "held", cost: maybe(7), requestId: "r-1" },
      { ...row, id: lapsed, state: "lapsed", cost: maybe(30) },
    ]
    expect(await ledger.unresolved()).toEqual(rows)
    expect(await ledger.unresolved({ after: held })).toEqual(rows.slice(1))
    expect(await ledger.unresolved({ after: lapsed })).toEqual([])
    await ledger.resolve(held, "unspent")
    expect(await ledger.unresolved()).toEqual(rows.slice(1))
  })

  it("lists a thousand unresolved rows a page", async () => {
    const ledger = await create({ now: () => sundayMs })
    const rows = rowsOf(...Array.from({ length: 1001 }, () => known(1)))
    const { ids } = await ledger.reserve({ rows })
    await Promise.all(ids.map((id) => ledger.hold(id)))
    const page = await ledger.unresolved()
    expect(page.map(({ id }) => id)).toEqual(ids.slice(0, 1000))
    expect(await ledger.unresolved({ after: String(page.at(-1)?.id) })).toMatchObject([
      { id: ids[1000] },
    ])
  })
}

const describeRecall = (create: CreateLedger): void => {
  const { idempotency } = once()
  const recalled = (ledger: Ledger, hash = idempotency?.hash ?? "", key = idempotency?.key ?? "") =>
    ledger.recall?.({ key, hash })

  it("recalls a charged request call by call", async () => {
    const ledger = await create({ now: () => sundayMs })
    const rows = rowsOf(known(10), known(10), known(10)).map((row, index) => ({
      ...row,
      seed: index,
      images: 2,
    }))
    const { ids } = await ledger.reserve({ ...once(), rows })
    await ledger.settle(String(ids[0]), { cost: known(20), delivered: 2, requestId: "r-1" })
    await ledger.release(String(ids[1]))
    expect(await recalled(ledger)).toBeUndefined()
    await ledger.settle(String(ids[2]), {
      cost: { microUsd: 4, maybeMicroUsd: 0, unpricedImages: 1 },
      delivered: 1,
    })
    const call = { model: "model-a", images: 2 }
    expect(await recalled(ledger)).toEqual({
      cost: { microUsd: 24, maybeMicroUsd: 0, unpricedImages: 1 },
      calls: [
        { ...call, id: ids[0], seed: 0, delivered: 2, cost: known(20), requestId: "r-1" },
        { ...call, id: ids[1], seed: 1, delivered: 0, cost: known(0) },
        {
          ...call,
          id: ids[2],
          seed: 2,
          delivered: 1,
          cost: { microUsd: 4, maybeMicroUsd: 0, unpricedImages: 1 },
        },
      ],
    })
  })

  for (const [name, act, code] of cases)
    it(`recalls ${code === "idempotency_replayed" ? "a request" : "nothing"} if the first row ${name}`, async () => {
      const ledger = await create({ now: () => sundayMs })
      await act(ledger, await reserveOne(ledger, once()))
      expect((await recalled(ledger)) !== undefined).toBe(code === "idempotency_replayed")
    })

  it("recalls nothing under another key or hash, nor after 24 h", async () => {
    let nowMs = sundayMs
    const ledger = await create({ now: () => nowMs })
    await ledger.settle(await reserveOne(ledger, once()), { cost: known(9), delivered: 1 })
    expect(await recalled(ledger, "hash-2")).toBeUndefined()
    expect(await recalled(ledger, "hash-1", "key-2")).toBeUndefined()
    nowMs += dayMs - 1
    expect(await recalled(ledger)).toMatchObject({ calls: [{ delivered: 1 }] })
    nowMs += 1
    expect(await recalled(ledger)).toBeUndefined()
  })

  it("recalls retries after the calls of the request", async () => {
    const ledger = await create({ now: () => sundayMs })
    const { ids } = await ledger.reserve({ ...once(), rows: rowsOf(known(10), known(10)) })
    const again = await reserveOne(ledger, { ...order(1), retryOf: String(ids[0]) })
    await ledger.hold(String(ids[0]), { cost: maybe(10), delivered: 0 })
    await ledger.resolve(String(ids[0]), "unspent")
    for (const id of [String(ids[1]), again])
      await ledger.settle(id, { cost: known(9), delivered: 1 })
    expect((await recalled(ledger))?.calls.map(({ id }) => id)).toEqual([...ids, again])
  })
}
