import { describe, expect, it } from "vitest"
import type { Budget, Reservation, Scope, Window } from "../contract/ledger.ts"
import { type CreateLedger, known, order, rowsOf, unknown } from "./ledger-orders.ts"
import { dayMs, sundayMs } from "./ledger-property.ts"

const everything = { scope: { everything: true }, window: "total" } as const

const refusal = { code: "budget_exceeded" }

/** Which rows budgets count, for how long, and what they reject. */
export const describeBudgets = (create: CreateLedger): void => {
  describe("budgets", () => {
    describeScopes(create)
    describeFacts(create)
    describeWindows(create)
    describeAdmission(create)
    describeSetting(create)
  })
}

const describeScopes = (create: CreateLedger): void => {
  const mine: Omit<Reservation, "rows"> = {
    account: { key: "k1", user: "ann", team: "red", endUser: "kim" },
    tags: { project: "x", stage: "test", said: "y" },
    clientTags: ["said", "absent"],
  }
  const cases: readonly (readonly [Scope, boolean])[] = [
    [{ everything: true }, true],
    [{ key: "k1" }, true],
    [{ key: "ann" }, false],
    [{ user: "ann" }, true],
    [{ user: "bob" }, false],
    [{ team: "red" }, true],
    [{ team: "blue" }, false],
    [{ endUser: "kim" }, true],
    [{ endUser: "ann" }, false],
    [{ user: "kim" }, false],
    [{ tag: "said" }, false],
    [{ tag: "said=y" }, false],
    [{ tag: "absent" }, false],
    [{ model: "model-a" }, true],
    [{ model: "model-b" }, false],
    [{ tag: "project" }, true],
    [{ tag: "project=x" }, true],
    [{ tag: "project=y" }, false],
    [{ tag: "x" }, false],
  ]
  for (const [scope, counts] of cases)
    it(`${counts ? "counts" : "ignores"} a row of another in ${JSON.stringify(scope)}`, async () => {
      const ledger = await create({ now: () => sundayMs })
      await ledger.setBudget({ scope, window: "total", hard: { images: 1 } })
      await ledger.reserve(order(1, mine))
      const second = ledger.reserve(order(1, mine))
      await (counts
        ? expect(second).rejects.toMatchObject(refusal)
        : expect(second).resolves.toMatchObject({ ids: [expect.any(String)] }))
    })

  for (const [scope, counts] of cases)
    it(`${counts ? "counts" : "ignores"} an earlier row in a new budget of ${JSON.stringify(scope)}`, async () => {
      const ledger = await create({ now: () => sundayMs })
      await ledger.reserve(order(1, mine))
      await ledger.setBudget({ scope, window: "total", hard: { images: 1 } })
      const second = ledger.reserve(order(1, mine))
      await (counts
        ? expect(second).rejects.toMatchObject(refusal)
        : expect(second).resolves.toMatchObject({ ids: [expect.any(String)] }))
    })

  it("ignores a tag of a caller when its row settles, and reports it", async () => {
    const ledger = await create({ now: () => sundayMs })
    await ledger.setBudget({ scope: { tag: "said" }, window: "total", hard: { images: 1 } })
    const { ids } = await ledger.reserve(order(3, mine))
    await ledger.settle(String(ids[0]), { cost: known(30), delivered: 3 })
    const own = order(1, { tags: { said: "y" } })
    await expect(ledger.reserve(own)).resolves.toBeDefined()
    await expect(ledger.reserve(own)).rejects.toMatchObject(refusal)
    expect(await ledger.spend({ by: ["endUser", "tag:said"] })).toMatchObject([
      { group: { endUser: "kim", "tag:said": "y" }, calls: 1, images: 3 },
      { group: { "tag:said": "y" }, calls: 1 },
    ])
  })

  const long = "x".repeat(501)
  const excess: readonly (readonly [string, Omit<Reservation, "rows">, string])[] = [
    ["a key", { account: { key: long } }, "account.key has 501 characters. Send at most 500."],
    ["a user", { account: { user: long } }, "account.user has 501 characters. Send at most 500."],
    ["a team", { account: { team: long } }, "account.team has 501 characters. Send at most 500."],
    [
      "an end user",
      { account: { endUser: "x".repeat(2_000_000) } },
      "account.endUser has 2,000,000 characters. Send at most 500.",
    ],
    [
      "a tag's name",
      { tags: { [long]: "" } },
      "The name of a tag has 501 characters. Send at most 500.",
    ],
    [
      "a tag's value",
      { tags: { a: long } },
      "The value of a tag has 501 characters. Send at most 500.",
    ],
    [
      "101 tags",
      { tags: Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`t${index}`, ""])) },
      "tags has 101 tags. Send at most 100.",
    ],
  ]
  for (const [name, given, message] of excess)
    it(`rejects ${name} beyond the limit and writes nothing`, async () => {
      const ledger = await create({ now: () => sundayMs })
      await expect(ledger.reserve(order(1, given))).rejects.toMatchObject({
        code: "invalid_request",
        message,
      })
      expect(await ledger.spend()).toEqual([])
    })

  it("counts at most ten tags of the host apart", async () => {
    const ledger = await create({ now: () => sundayMs })
    const tags = (name: string, count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`${name}${index}`, ""]))
    const withHost = (count: number) =>
      ledger.reserve(order(1, { tags: { ...tags("t", 100), ...tags("pictor.", count) } }))
    await expect(withHost(10)).resolves.toBeDefined()
    await expect(withHost(11)).rejects.toMatchObject({ code: "invalid_request" })
  })

  it("takes texts of 500 characters and 100 tags", async () => {
    const ledger = await create({ now: () => sundayMs })
    const text = "x".repeat(500)
    const tags = Object.fromEntries(
      Array.from({ length: 100 }, (_, index) => [`${index}`.padStart(500, "t"), text]),
    )
    const given = { account: { key: text, user: text, team: text, endUser: text }, tags }
    await expect(ledger.reserve(order(1, given))).resolves.toBeDefined()
  })

  it("ignores rows without account and tags", async () => {
    const ledger = await create({ now: () => sundayMs })
    for (const scope of [
      { key: "k1" },
      { user: "ann" },
      { team: "red" },
      { endUser: "kim" },
      { tag: "project" },
    ])
      await ledger.setBudget({ scope, window: "total", hard: { images: 0 } })
    await expect(ledger.reserve(order(1))).resolves.toMatchObject({ ids: [expect.any(String)] })
  })
}

const describeFacts = (create: CreateLedger): void => {
  it("gives the limit and its use in the error", async () => {
    const ledger = await create({ now: () => sundayMs })
    await ledger.setBudget({ ...everything, hard: { microUsd: 100 } })
    const { ids } = await ledger.reserve({ rows: rowsOf(known(60)) })
    await ledger.settle(String(ids[0]), { cost: known(50), delivered: 1 })
    await ledger.reserve({ rows: rowsOf(known(20)) })
    await expect(ledger.reserve({ rows: rowsOf(known(31)) })).rejects.toMatchObject({
      code: "budget_exceeded",
      budget: { unit: "microUsd", limit: 100, spent: 50, reserved: 20, requested: 31 },
    })
    await ledger.setBudget({ ...everything, hard: { images: 2 } })
    await expect(ledger.reserve(order(1))).rejects.toMatchObject({
      budget: { unit: "images", limit: 2, spent: 1, reserved: 1, requested: 1 },
    })
  })
}

const describeWindows = (create: CreateLedger): void => {
  const cases: readonly (readonly [Window, string, string, string])[] = [
    ["day", "2026-11-29T00:00:00.000Z", "2026-11-29T23:59:59.999Z", "2026-11-30T00:00:00.000Z"],
    ["week", "2026-11-23T00:00:00.000Z", "2026-11-29T23:59:59.999Z", "2026-11-30T00:00:00.000Z"],
    ["week", "2026-12-28T12:00:00.000Z", "2027-01-03T23:59:59.999Z", "2027-01-04T00:00:00.000Z"],
    ["month", "2028-02-01T00:00:00.000Z", "2028-02-29T23:59:59.999Z", "2028-03-01T00:00:00.000Z"],
    ["month", "2026-12-31T12:00:00.000Z", "2026-12-31T23:59:59.999Z", "2027-01-01T00:00:00.000Z"],
    [
      { rollingMs: 60_000 },
      "2026-11-29T00:00:00.000Z",
      "2026-11-29T00:00:59.999Z",
      "2026-11-29T00:01:00.000Z",
    ],
    [
      { rollingMs: 3_600_000 },
      "2026-11-29T12:00:30.000Z",
      "2026-11-29T12:59:59.999Z",
      "2026-11-29T13:00:00.000Z",
    ],
  ]
  for (const [window, spentAt, lastAt, resetAt] of cases)
    it(`counts ${JSON.stringify(window)} from ${spentAt} until ${resetAt} and names the reset`, async () => {
      let nowMs = Date.parse(spentAt)
      const ledger = await create({ now: () => nowMs })
      await ledger.setBudget({ scope: { everything: true }, window, hard: { images: 1 } })
      const { ids } = await ledger.reserve(order(1))
      await ledger.settle(String(ids[0]), { cost: known(5), delivered: 1 })
      nowMs = Date.parse(lastAt)
      const wanted = {
        ...refusal,
        retryAfterMs: Date.parse(resetAt) - nowMs,
        message: expect.stringContaining(resetAt.replace("T00:00:00.000Z", "")),
      }
      await expect(ledger.reserve(order(1))).rejects.toMatchObject(wanted)
      nowMs = Date.parse(resetAt)
      await expect(ledger.reserve(order(1))).resolves.toBeDefined()
    })

  it("counts a row in the window of its reservation, however late it settles", async () => {
    let nowMs = sundayMs
    const ledger = await create({ now: () => nowMs })
    await ledger.setBudget({ scope: { everything: true }, window: "day", hard: { images: 1 } })
    const { ids } = await ledger.reserve(order(1))
    await ledger.sent(String(ids[0]))
    nowMs += dayMs
    await ledger.settle(String(ids[0]), { cost: known(5), delivered: 1 })
    await expect(ledger.reserve(order(1))).resolves.toBeDefined()
  })

  it("never resets a total", async () => {
    let nowMs = sundayMs
    const ledger = await create({ now: () => nowMs })
    await ledger.setBudget({ ...everything, hard: { images: 1 } })
    const { ids } = await ledger.reserve(order(1))
    await ledger.settle(String(ids[0]), { cost: known(5), delivered: 1 })
    nowMs += 4000 * dayMs
    await expect(ledger.reserve(order(1))).rejects.toMatchObject({
      ...refusal,
      message: expect.stringContaining("does not reset"),
    })
  })
}

const describeAdmission = (create: CreateLedger): void => {
  it("names scope, window, limit, spent, reserved, requested and the reset when exceeded", async () => {
    const ledger = await create({ now: () => sundayMs })
    await ledger.setBudget({ scope: { key: "k1" }, window: "day", hard: { microUsd: 100_000 } })
    const mine = { account: { key: "k1" } }
    const { ids } = await ledger.reserve({ ...mine, rows: rowsOf(known(41_000), known(22_000)) })
    await ledger.settle(String(ids[0]), { cost: known(31_000), delivered: 1 })
    const refused = await ledger
      .reserve({ ...mine, rows: rowsOf(known(24_000), known(24_000)) })
      .catch((error: unknown) => error)
    expect(refused).toMatchObject({ ...refusal, retryable: false })
    expect(String(refused)).toContain(
      "Budget key=k1 (day) exceeded: limit $0.10, spent $0.031, reserved $0.022, requested $0.048. It resets on 2026-11-30.",
    )
  })

  it("admits all rows or none over all matching budgets", async () => {
    const ledger = await create({ now: () => sundayMs })
    await ledger.setBudget({ ...everything, hard: { images: 5 } })
    await ledger.setBudget({ scope: { model: "model-b" }, window: "total", hard: { microUsd: 10 } })
    const [first, second] = [
      { ...rowsOf(known(50))[0], images: 2 },
      { ...rowsOf(known(11))[0], model: "model-b" },
    ] as Reservation["rows"][number][]
    await expect(
      ledger.reserve({ rows: [first, second] as Reservation["rows"] }),
    ).rejects.toMatchObject(refusal)
    expect(await ledger.spend()).toEqual([])
    await expect(ledger.reserve(order(5))).resolves.toBeDefined()
  })

  it("admits exactly the limit and never shrinks a reservation", async () => {
    const ledger = await create({ now: () => sundayMs })
    await ledger.setBudget({ ...everything, hard: { microUsd: 100 } })
    await expect(ledger.reserve({ rows: rowsOf(known(101)) })).rejects.toMatchObject(refusal)
    await expect(ledger.reserve({ rows: rowsOf(known(60), known(40)) })).resolves.toBeDefined()
    await expect(ledger.reserve({ rows: rowsOf(known(1)) })).rejects.toMatchObject(refusal)
  })

  it("rejects an unknown price only under a hard limit in money", async () => {
    const cases: readonly (readonly [Partial<Budget>, boolean])[] = [
      [{ hard: { microUsd: 1_000_000 } }, false],
      [{ hard: { microUsd: 1_000_000 }, allowUnknown: true }, true],
      [{ hard: { images: 10 } }, true],
      [{ soft: { microUsd: 1 } }, true],
    ]
    for (const [budget, admitted] of cases) {
      const ledger = await create({ now: () => sundayMs })
      await ledger.setBudget({ ...everything, ...budget })
      const asked = ledger.reserve({ rows: rowsOf(unknown(2)) })
      await (admitted
        ? expect(asked).resolves.toBeDefined()
        : expect(asked).rejects.toMatchObject(refusal))
    }
  })

  it("warns of every soft limit from the row that exceeds it", async () => {
    const ledger = await create({ now: () => sundayMs })
    await ledger.setBudget({ ...everything, soft: { images: 2, microUsd: 25 } })
    expect((await ledger.reserve({ rows: rowsOf(known(10), known(10)) })).warnings).toBeUndefined()
    expect((await ledger.reserve({ rows: rowsOf(known(10)) })).warnings).toEqual([
      expect.stringContaining("$0.000025"),
      expect.stringContaining("2 images"),
    ])
  })

  it("admits exactly 100 of 1,000 concurrent reservations for 100 images", async () => {
    const ledger = await create({ now: () => sundayMs })
    await ledger.setBudget({ ...everything, hard: { images: 100 } })
    const answers = await Promise.allSettled(
      Array.from({ length: 1000 }, () => ledger.reserve(order(1))),
    )
    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(100)
  })
}

const describeSetting = (create: CreateLedger): void => {
  it("counts spending from before the budget was set", async () => {
    const ledger = await create({ now: () => sundayMs })
    await ledger.reserve({ rows: rowsOf(known(70)) })
    await ledger.setBudget({ ...everything, hard: { microUsd: 100 } })
    await expect(ledger.reserve({ rows: rowsOf(known(31)) })).rejects.toMatchObject(refusal)
    await expect(ledger.reserve({ rows: rowsOf(known(30)) })).resolves.toBeDefined()
  })

  it("replaces only the budget of the same scope and window", async () => {
    const ledger = await create({ now: () => sundayMs })
    await ledger.setBudget({ ...everything, window: "day", hard: { images: 3 } })
    await ledger.setBudget({ ...everything, hard: { images: 1 } })
    await ledger.reserve(order(1))
    await expect(ledger.reserve(order(1))).rejects.toMatchObject(refusal)
    await ledger.setBudget({ ...everything, hard: { images: 9 } })
    await ledger.reserve(order(2))
    await expect(ledger.reserve(order(1))).rejects.toMatchObject({
      ...refusal,
      message: expect.stringContaining("day"),
    })
    await ledger.setBudget({ ...everything, hard: { images: 2 } })
    await expect(ledger.reserve(order(0))).rejects.toMatchObject({
      ...refusal,
      message: expect.stringContaining("reserved 3 images"),
    })
  })

  it("rejects invalid limits, windows and scopes", async () => {
    const ledger = await create({ now: () => sundayMs })
    const wrong: readonly object[] = [
      { hard: { microUsd: 0.5 } },
      { hard: { images: -1 } },
      { soft: { microUsd: 2 ** 53 } },
      { window: { rollingMs: 59 } },
      { window: { rollingMs: Number.NaN } },
      { window: "year" },
      { scope: {} },
    ]
    for (const part of wrong)
      await expect(
        ledger.setBudget({ ...everything, ...part }),
        JSON.stringify(part),
      ).rejects.toMatchObject({ code: "invalid_request" })
  })
}
