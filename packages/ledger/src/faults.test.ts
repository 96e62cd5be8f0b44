import { once } from "node:events"
import { readFileSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import type { Reservation } from "@pictor/core/ledger"
import { describe, expect, it } from "vitest"
import { ask, compareSums } from "./__fixtures__/inspect.ts"
import { usePlaces } from "./__fixtures__/places.ts"
import { openDatabase } from "./database.ts"
import { openLedger } from "./open-ledger.ts"

const places = usePlaces()

const order = (team = "red"): Reservation => ({
  rows: [
    {
      model: "model-a",
      task: "text-to-image",
      images: 1,
      cost: { microUsd: 10, maybeMicroUsd: 0, unpricedImages: 0 },
    },
  ],
  account: { team },
})

const pathOf = (url: string): string => url.slice("file:".length)

const [sqlite, postgres] = [0, 1].map(
  (index) => async () => String(await places.all[index]?.[1]()),
) as [() => Promise<string>, () => Promise<string>]

describe("a full disk", () => {
  it("rejects on SQLite, keeps the rows, and recovers when there is space again", async () => {
    const url = await sqlite()
    const small = await openLedger(url, { maxBytes: 150_000 })
    const written: string[] = []
    const fill = async (): Promise<unknown> => {
      for (;;)
        try {
          const all = await Promise.all(
            Array.from({ length: 20 }, () => small.reserve(order("x".repeat(200)))),
          )
          written.push(...all.flatMap(({ ids }) => ids))
        } catch (error) {
          return error
        }
    }
    const refused = await fill()
    expect(refused).toMatchObject({
      code: "unavailable",
      retryable: false,
      message: expect.stringContaining("free some space"),
    })
    await small.close()
    const ledger = await openLedger(url)
    const ids: string[] = []
    for await (const { id } of ledger.calls()) ids.push(id)
    expect(ids.toSorted()).toEqual(written.toSorted())
    await expect(ledger.reserve(order())).resolves.toBeDefined()
    await ledger.close()
    const { calls, tallies } = await compareSums(url)
    expect(tallies).toEqual([calls])
  })

  it("rejects and writes nothing when PostgreSQL answers 53100", async () => {
    const url = await postgres()
    const ledger = await openLedger(url)
    await ledger.setBudget({ scope: { everything: true }, window: "total", hard: { images: 10 } })
    // The last table that a reservation writes.
    await ask(
      url,
      "create function full_disk() returns trigger language plpgsql as $$ begin raise exception using errcode = '53100'; end $$",
    )
    await ask(
      url,
      "create trigger full_disk before insert or update on pictor_tally for each statement execute function full_disk()",
    )
    const refused = {
      code: "unavailable",
      retryable: false,
      message: expect.stringContaining("free some space"),
    }
    await expect(
      ledger.reserve({ ...order(), idempotency: { key: "k", hash: "h" } }),
    ).rejects.toMatchObject(refused)
    for (const table of ["pictor_call", "pictor_entry", "pictor_tally", "pictor_key"])
      expect(await ask(url, `select count(*) as count from ${table}`), table).toEqual([
        { count: "0" },
      ])
    await ask(url, "drop trigger full_disk on pictor_tally")
    await expect(ledger.reserve(order())).resolves.toBeDefined()
    await ledger.close()
  })
})

describe("a read-only database", () => {
  it("reports and rejects writes, on SQLite", async () => {
    const url = await sqlite()
    const ledger = await openLedger(url)
    await ledger.reserve(order())
    const reader = await openLedger(`${url}?mode=ro`)
    expect(await reader.spend()).toMatchObject([{ calls: 1 }])
    const refused = {
      code: "forbidden",
      retryable: false,
      message: expect.stringContaining("mode=ro"),
    }
    await expect(reader.reserve(order())).rejects.toMatchObject(refused)
    await expect(
      reader.setBudget({ scope: { everything: true }, window: "day" }),
    ).rejects.toMatchObject(refused)
    await reader.close()
    await ledger.close()
  })

  it("rejects opening on PostgreSQL and names the setting", async () => {
    const url = await postgres()
    await openLedger(url).then((ledger) => ledger.close())
    const opened = openLedger(
      url.replace("search_path", "default_transaction_read_only=on%20-c%20search_path"),
    )
    await expect(opened).rejects.toMatchObject({
      code: "forbidden",
      message: expect.stringContaining("default_transaction_read_only"),
    })
  })
})

describe("a locked file", () => {
  it("is waited for up to waitMs, then reported as locked", async () => {
    const url = await sqlite()
    const ledger = await openLedger(url, { waitMs: 100 })
    const other = new DatabaseSync(pathOf(url))
    other.exec("begin immediate")
    await expect(ledger.reserve(order())).rejects.toMatchObject({
      code: "unavailable",
      retryable: true,
      message: expect.stringContaining("locked by another program"),
    })
    const waiting = openLedger(url, { waitMs: 5000 }).then((each) =>
      each.reserve(order()).then(() => each.close()),
    )
    other.exec("commit")
    await waiting
    expect(await ledger.spend()).toMatchObject([{ calls: 1 }])
    await ledger.close()
    other.close()
  })

  it("is reported when it is locked before it is opened", async () => {
    const url = await sqlite()
    const other = new DatabaseSync(pathOf(url))
    other.exec("pragma locking_mode = exclusive; begin exclusive; create table theirs (id)")
    await expect(openLedger(url, { waitMs: 50 })).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("try again"),
    })
    other.close()
  })
})

describe("an unknown option", () => {
  it("is rejected with the nearest name", async () => {
    const url = "file:./never-opened.db"
    const wrong = { leaseMS: 1 } as object
    await expect(openLedger(url, wrong)).rejects.toMatchObject({
      code: "invalid_request",
      message: 'openLedger has no option "leaseMS". Did you mean "leaseMs"?',
    })
    await expect(openDatabase(url, wrong)).rejects.toMatchObject({ code: "invalid_request" })
  })
})

describe("a ledger that cannot be opened", () => {
  const cases: readonly (readonly [string, () => Promise<string> | string, string, string])[] = [
    ["a wrong password", () => places.server().url("public", "guessed"), "forbidden", "password"],
    [
      "a database that does not exist",
      async () => (await postgres()).replace("/postgres?", "/nowhere?"),
      "invalid_request",
      "create it",
    ],
    [
      "a schema that does not exist",
      () => places.server().url("nowhere"),
      "invalid_request",
      "create it",
    ],
    [
      "a folder that does not exist",
      () => `file:${places.folder()}/nowhere/pictor.db`,
      "invalid_request",
      "create its folder",
    ],
    [
      "a file to read that does not exist",
      () => `file:${places.folder()}/nothing.db?mode=ro`,
      "invalid_request",
      "cannot be opened",
    ],
    ["another scheme", () => "mysql://localhost/pictor", "invalid_request", "postgres://"],
    ["no path", () => "file:", "invalid_request", "file:./pictor.db"],
  ]
  for (const [name, url, code, words] of cases)
    it(`rejects ${name} and says what to do`, async () => {
      await expect(openLedger(await url(), { waitMs: 50 })).rejects.toMatchObject({
        code,
        retryable: false,
        message: expect.stringContaining(words),
      })
    })

  it("rejects a file that is not a database and leaves it unchanged", async () => {
    const path = join(places.folder(), "letter.db")
    writeFileSync(path, "Dear ledger, ".repeat(1000))
    await expect(openLedger(`file:${path}`)).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("not a SQLite database"),
    })
    expect(readFileSync(path, "utf8")).toContain("Dear ledger")
  })

  it("rejects a server that does not answer", async () => {
    const url = "postgres://pictor:secret@127.0.0.1:1/postgres"
    await expect(openLedger(url, { waitMs: 50 })).rejects.toMatchObject({
      code: "unavailable",
      retryable: true,
      message: expect.stringContaining("does not answer"),
    })
  })

  it("keeps the password out of the error", async () => {
    const error: unknown = await openLedger(places.server().url("public", "guessed")).catch(
      (each: unknown) => each,
    )
    expect(JSON.stringify(error) + String(error)).not.toContain("guessed")
  })
})

describe("the schema", () => {
  for (const [name, place] of places.all) {
    it(`must exist with { migrate: false }, on ${name}`, async () => {
      const url = await place()
      await expect(openLedger(url, { migrate: false })).rejects.toMatchObject({
        code: "invalid_request",
        message: expect.stringContaining("migrate: true"),
      })
      await openLedger(url).then((ledger) => ledger.close())
      await openLedger(url, { migrate: false }).then((ledger) => ledger.close())
    })

    it(`must not be newer, on ${name}`, async () => {
      const url = await place()
      await openLedger(url).then((ledger) => ledger.close())
      await ask(url, "update pictor_ledger set version = 99")
      await expect(openLedger(url)).rejects.toMatchObject({
        code: "invalid_request",
        message: expect.stringContaining("update the package"),
      })
    })

    it(`rejects updates and deletes of orders and entries, on ${name}`, async () => {
      const url = await place()
      const ledger = await openLedger(url)
      const { ids } = await ledger.reserve(order())
      await ledger.release(String(ids[0]))
      for (const text of [
        "update pictor_call set model = 'x'",
        "delete from pictor_call",
        "update pictor_entry set state = 'settled'",
        "delete from pictor_entry",
      ])
        await expect(ask(url, text), text).rejects.toThrow("append-only")
      await ledger.close()
    })

    it(`reports a missing table, on ${name}`, async () => {
      const url = await place()
      const ledger = await openLedger(url)
      await ask(url, "drop table pictor_tally")
      await expect(ledger.reserve(order())).rejects.toMatchObject({
        retryable: false,
        message: expect.stringContaining("missing"),
      })
      await ledger.close()
    })
  }
})

describe("an invalid reservation in a batch", () => {
  for (const [name, place] of places.all)
    it(`fails alone, on ${name}`, async () => {
      const ledger = await openLedger(await place())
      const bad = [
        order("\0"),
        order("\uD800"),
        { ...order(), rows: undefined as never },
        { ...order(), retryOf: "nobody" },
        { ...order(), rows: [{ ...order().rows[0], seed: "seven" }] } as never,
      ]
      const answers = await Promise.allSettled(
        [order(), ...bad, order()].map((each) => ledger.reserve(each)),
      )
      expect(answers.map(({ status }) => status)).toEqual([
        "fulfilled",
        ...bad.map(() => "rejected"),
        "fulfilled",
      ])
      expect(await ledger.spend()).toMatchObject([{ calls: 2 }])
      await ledger.close()
      await expect(ledger.reserve(order())).rejects.toMatchObject({
        code: "invalid_request",
        message: expect.stringContaining("closed"),
      })
    })
})

describe("a server that accepts and never answers", () => {
  it("fails a connection after a timeout", async () => {
    const silent = createServer(() => {}).listen(0, "127.0.0.1")
    await once(silent, "listening")
    const { port } = silent.address() as { readonly port: number }
    await expect(
      openLedger(`postgres://pictor:secret@127.0.0.1:${port}/x`, { waitMs: 10 }),
    ).rejects.toMatchObject({
      code: "unavailable",
      retryable: true,
    })
    silent.close()
  })
})
