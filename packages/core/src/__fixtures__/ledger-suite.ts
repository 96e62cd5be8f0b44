import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Ledger, Reservation, Settlement } from "../contract/ledger.ts"
import { describeBudgets } from "./ledger-budgets-suite.ts"
import { describeIdempotency } from "./ledger-idempotency-suite.ts"
import { describeJobs } from "./ledger-jobs-suite.ts"
import {
  type CreateLedger,
  known,
  maybe,
  order,
  reserveOne,
  rowsOf,
  unknown,
} from "./ledger-orders.ts"
import { firstDifference, script, sundayMs } from "./ledger-property.ts"
import { describeSpend } from "./ledger-spend-suite.ts"
import { runs } from "./scale.ts"

/** The behaviour of every ledger. */
export const describeLedger = (name: string, create: CreateLedger): void => {
  describe(name, () => {
    describeBudgets(create)
    describeStates(create)
    describeLeases(create)
    describeIdempotency(create)
    describeSpend(create)
    describeJobs(create)
    describeProperties(create)
  })
}

const bill: Settlement = { cost: known(7), delivered: 1, requestId: "r-1" }

const actions: Readonly<Record<string, (ledger: Ledger, id: string) => Promise<void>>> = {
  sent: (ledger, id) => ledger.sent(id),
  renew: (ledger, id) => ledger.renew(id),
  settle: (ledger, id) => ledger.settle(id, bill),
  "settle otherwise": (ledger, id) => ledger.settle(id, { ...bill, delivered: 2 }),
  release: (ledger, id) => ledger.release(id),
  hold: (ledger, id) => ledger.hold(id),
  "hold otherwise": (ledger, id) => ledger.hold(id, { cost: maybe(3), delivered: 0 }),
  "resolve as spent": (ledger, id) => ledger.resolve(id, "spent"),
  "resolve as unspent": (ledger, id) => ledger.resolve(id, "unspent"),
}

const describeStates = (create: CreateLedger): void => {
  const cases: readonly (readonly [readonly string[], string, string])[] = [
    [[], "sent", "reserved"],
    [["sent"], "sent", "reserved"],
    [["settle"], "sent", "refused"],
    [["settle"], "renew", "settled"],
    [[], "settle", "settled"],
    [["settle"], "settle", "settled"],
    [["settle"], "settle otherwise", "refused"],
    [["settle"], "release", "refused"],
    [["settle"], "hold", "refused"],
    [["settle"], "resolve as spent", "refused"],
    [[], "release", "released"],
    [["release"], "release", "released"],
    [["release"], "settle", "refused"],
    [["release"], "hold", "refused"],
    [["sent"], "hold", "held"],
    [["hold"], "hold", "held"],
    [["hold"], "hold otherwise", "refused"],
    [["hold"], "settle", "settled"],
    [["hold"], "release", "released"],
    [["hold"], "resolve as spent", "settled"],
    [["hold"], "resolve as unspent", "released"],
    [["hold", "resolve as spent"], "resolve as spent", "settled"],
    [["hold", "resolve as spent"], "resolve as unspent", "refused"],
    [["hold", "resolve as unspent"], "settle", "refused"],
    [[], "resolve as spent", "refused"],
  ]
  for (const [before, last, wanted] of cases)
    it(`is ${wanted} after ${[...before, last].join(", ")}`, async () => {
      const ledger = await create({ now: () => sundayMs })
      const id = await reserveOne(ledger)
      for (const action of before) await actions[action]?.(ledger, id)
      const found = actions[last]?.(ledger, id)
      if (wanted === "refused")
        await expect(found).rejects.toMatchObject({
          code: "invalid_request",
          message: expect.stringContaining(id),
        })
      else {
        await found
        expect(await ledger.spend({ by: ["state"] })).toMatchObject([
          { group: { state: wanted }, calls: 1 },
        ])
      }
    })

  for (const [action, act] of Object.entries(actions))
    it(`cannot ${action} an unknown row`, async () => {
      await expect(
        act(await create({ now: () => sundayMs }), "01ARZ3NDEKTSV4RRFFQ69G5FAV"),
      ).rejects.toMatchObject({ code: "invalid_request" })
    })

  describeMoney(create)
}

const describeMoney = (create: CreateLedger): void => {
  const partly: Settlement = {
    cost: { microUsd: 40, maybeMicroUsd: 20, unpricedImages: 2 },
    delivered: 1,
  }
  const cases: readonly (readonly [
    string,
    (ledger: Ledger, id: string) => Promise<void>,
    object,
  ])[] = [
    [
      "settles what was delivered",
      (ledger, id) => ledger.settle(id, { cost: known(20), delivered: 2 }),
      { microUsd: 20, maybeMicroUsd: 0, images: 2 },
    ],
    [
      "settles more than was reserved",
      (ledger, id) => ledger.settle(id, { cost: known(50), delivered: 5 }),
      { microUsd: 50, maybeMicroUsd: 0, images: 5 },
    ],
    [
      "releases all",
      (ledger, id) => ledger.release(id),
      { microUsd: 0, maybeMicroUsd: 0, images: 0 },
    ],
    [
      "holds the whole estimate",
      (ledger, id) => ledger.hold(id),
      { microUsd: 0, maybeMicroUsd: 30, images: 3 },
    ],
    [
      "holds what is sure and what is not",
      (ledger, id) => ledger.hold(id, partly),
      { microUsd: 40, maybeMicroUsd: 20, images: 3, unpricedImages: 2 },
    ],
    [
      "keeps what is sure though nothing was delivered",
      async (ledger, id) =>
        ledger
          .hold(id, { cost: { microUsd: 40, maybeMicroUsd: 20, unpricedImages: 0 }, delivered: 0 })
          .then(() => ledger.resolve(id, "unspent")),
      { microUsd: 40, maybeMicroUsd: 0, images: 0 },
    ],
    [
      "resolves all as spent",
      async (ledger, id) => ledger.hold(id, partly).then(() => ledger.resolve(id, "spent")),
      { microUsd: 60, maybeMicroUsd: 0, images: 3, unpricedImages: 2 },
    ],
    [
      "resolves what is sure as spent",
      async (ledger, id) => ledger.hold(id, partly).then(() => ledger.resolve(id, "unspent")),
      { microUsd: 40, maybeMicroUsd: 0, images: 1, unpricedImages: 1 },
    ],
  ]
  for (const [name, act, wanted] of cases)
    it(`${name}, and budgets see it`, async () => {
      const ledger = await create({ now: () => sundayMs })
      const budget = { scope: { everything: true }, window: "total" } as const
      await ledger.setBudget({ ...budget, hard: { microUsd: 1000 } })
      await act(ledger, await reserveOne(ledger, order(3)))
      const [sums] = await ledger.spend()
      expect(sums).toMatchObject(wanted)
      const left = 1000 - (sums?.microUsd ?? 0) - (sums?.maybeMicroUsd ?? 0)
      await expect(ledger.reserve({ rows: rowsOf(known(left + 1)) })).rejects.toMatchObject({
        code: "budget_exceeded",
      })
      await expect(ledger.reserve({ rows: rowsOf(known(left)) })).resolves.toBeDefined()
    })

  it("rejects numbers that cannot be added exactly, and changes nothing", async () => {
    const ledger = await create({ now: () => sundayMs })
    const refused = {
      code: "invalid_request",
      message: expect.stringContaining(String(Number.MAX_SAFE_INTEGER)),
    }
    for (const microUsd of [0.5, -1, Number.NaN, Infinity, 2 ** 53])
      await expect(
        ledger.reserve({ rows: rowsOf(known(microUsd)) }),
        String(microUsd),
      ).rejects.toMatchObject(refused)
    await expect(
      ledger.reserve({ rows: rowsOf(known(2 ** 52), known(2 ** 52)) }),
    ).rejects.toMatchObject(refused)
    const id = await reserveOne(ledger, { rows: rowsOf(known(2 ** 52)) })
    await expect(ledger.reserve({ rows: rowsOf(known(2 ** 52)) })).rejects.toMatchObject(refused)
    await expect(ledger.settle(id, { cost: known(1), delivered: 1.5 })).rejects.toMatchObject(
      refused,
    )
    await expect(ledger.settle(id, { cost: unknown(-1), delivered: 1 })).rejects.toMatchObject(
      refused,
    )
    expect(await ledger.spend({ by: ["state"] })).toMatchObject([
      { group: { state: "reserved" }, calls: 1 },
    ])
  })
}

const describeLeases = (create: CreateLedger): void => {
  const cases: readonly (readonly [string, readonly string[], number, string, Reservation?])[] = [
    ["keeps a reservation for 60 s", [], 59_999, "reserved"],
    ["releases what was never sent", [], 60_000, "released"],
    ["lapses what was sent", ["sent"], 60_000, "lapsed"],
    ["lapses what was reserved as sent", [], 60_000, "lapsed", order(1, { sent: true })],
    ["releases what was renewed but never sent", ["renew"], 60_000, "released"],
    ["keeps what was settled", ["settle"], 60_000, "settled"],
    ["keeps what was held", ["sent", "hold"], 60_000, "held"],
  ]
  for (const [name, before, waitMs, wanted, reservation] of cases)
    it(name, async () => {
      let nowMs = sundayMs
      const ledger = await create({ now: () => nowMs })
      const id = await reserveOne(ledger, reservation)
      for (const action of before) await actions[action]?.(ledger, id)
      nowMs += waitMs
      expect(await ledger.spend({ by: ["state"] })).toMatchObject([{ group: { state: wanted } }])
    })

  it("restarts the lease with every renewal", async () => {
    let nowMs = sundayMs
    const ledger = await create({ now: () => nowMs })
    const id = await reserveOne(ledger)
    await ledger.sent(id)
    for (let renewals = 0; renewals < 5; renewals += 1) {
      nowMs += 59_999
      await ledger.renew(id)
    }
    expect(await ledger.spend({ by: ["state"] })).toMatchObject([{ group: { state: "reserved" } }])
  })

  it("forbids sending a row that was released when its lease expired", async () => {
    let nowMs = sundayMs
    const ledger = await create({ now: () => nowMs })
    const id = await reserveOne(ledger)
    nowMs += 60_000
    await ledger.renew(id)
    await expect(ledger.sent(id)).rejects.toMatchObject({ code: "invalid_request" })
  })

  const verdicts = [
    ["settle", "settled"],
    ["release", "released"],
    ["hold", "held"],
    ["resolve as spent", "settled"],
    ["resolve as unspent", "released"],
  ] as const
  for (const [action, wanted] of verdicts)
    it(`counts a lapsed row as maybe spent until it is ${wanted} (${action})`, async () => {
      let nowMs = sundayMs
      const ledger = await create({ now: () => nowMs })
      await ledger.setBudget({ scope: { everything: true }, window: "total", hard: { images: 1 } })
      const id = await reserveOne(ledger)
      await ledger.sent(id)
      nowMs += 60_000
      await expect(ledger.reserve(order(1))).rejects.toMatchObject({ code: "budget_exceeded" })
      expect(await ledger.spend()).toMatchObject([
        { calls: 1, images: 1, microUsd: 0, maybeMicroUsd: 10 },
      ])
      await actions[action]?.(ledger, id)
      expect(await ledger.spend({ by: ["state"] })).toMatchObject([{ group: { state: wanted } }])
    })
}

const describeProperties = (create: CreateLedger): void => {
  it("admits, rejects and adds up like the model for any sequence of operations", async () => {
    const play = fc.asyncProperty(script, async (each) => {
      expect(await firstDifference((now) => create({ now }), each)).toBeUndefined()
    })
    await fc.assert(play, { seed: 20_261_120, numRuns: runs(300) })
  })

  it("never exceeds a hard limit if no charge exceeds its reservation", async () => {
    const calls = fc.array(
      fc.tuple(fc.nat({ max: 120 }), fc.constantFrom("settle", "release", "hold", "lapse", "wait")),
      {
        minLength: 20,
        maxLength: 80,
      },
    )
    const play = fc.asyncProperty(calls, fc.nat({ max: 1000 }), async (each, microUsd) => {
      expect(await mostSpent(create, each, microUsd)).toBeLessThanOrEqual(microUsd)
    })
    await fc.assert(play, { seed: 20_261_121, numRuns: runs(300) })
  })
}

const mostSpent = async (
  create: CreateLedger,
  calls: readonly (readonly [number, string])[],
  microUsd: number,
): Promise<number> => {
  let nowMs = sundayMs
  const ledger = await create({ now: () => nowMs })
  await ledger.setBudget({ scope: { everything: true }, window: "total", hard: { microUsd } })
  for (const [price, end] of calls) {
    const reserved = await ledger.reserve({ rows: rowsOf(known(price)) }).catch(() => undefined)
    const id = reserved?.ids[0]
    if (id === undefined) continue
    await ledger.sent(id)
    if (end === "settle") await ledger.settle(id, { cost: known(price), delivered: 1 })
    if (end === "release" || end === "hold") await ledger[end](id)
    if (end === "lapse") nowMs += 60_000
  }
  const [sums] = await ledger.spend()
  await ledger.close()
  return (sums?.microUsd ?? 0) + (sums?.maybeMicroUsd ?? 0)
}
