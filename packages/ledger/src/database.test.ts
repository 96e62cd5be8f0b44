import { existsSync } from "node:fs"
import type { Generated, Kysely } from "kysely"
import { describe, expect, it } from "vitest"
import { ask } from "./__fixtures__/inspect.ts"
import { usePlaces } from "./__fixtures__/places.ts"
import { type OpenDatabase, openDatabase } from "./database.ts"
import type { Schema } from "./migrate.ts"
import { openLedger } from "./open-ledger.ts"

const places = usePlaces()

interface KeyTables {
  app_key: { readonly name: string; readonly uses: Generated<number> }
}

const keys: Schema<KeyTables> = {
  versionTable: "app_version",
  owner: "my-app",
  migrations: [
    (db) =>
      db.schema
        .createTable("app_key")
        .addColumn("name", "text", (column) => column.primaryKey())
        .execute(),
    (db) =>
      db.schema
        .alterTable("app_key")
        .addColumn("uses", "integer", (column) => column.notNull().defaultTo(0))
        .execute(),
  ],
}

const row = {
  model: "model-a",
  task: "text-to-image",
  images: 1,
  cost: { microUsd: 10, maybeMicroUsd: 0, unpricedImages: 0 },
} as const

const namesOf = (database: OpenDatabase): Promise<readonly string[]> =>
  database
    .migrate(keys, false)
    .then(({ read }) =>
      read((db) => db.selectFrom("app_key").select("name").orderBy("name").execute()),
    )
    .then((rows) => rows.map(({ name }) => name))

it("leaves nothing beside the file of SQLite when it is closed", async () => {
  const url = String(await places.all[0]?.[1]())
  const path = url.slice("file:".length)
  const ledger = await openLedger(url)
  await ledger.reserve({ rows: [row] })
  expect(await ledger.spend()).toMatchObject([{ calls: 1 }])
  expect(existsSync(`${path}-wal`)).toBe(true)
  await ledger.close()
  expect([existsSync(path), existsSync(`${path}-wal`)]).toEqual([true, false])
})

for (const [name, place] of places.all)
  describe(`a database with an app's own tables, on ${name}`, () => {
    it("also holds a ledger, which leaves it open on close", async () => {
      const database = await openDatabase(await place())
      const { read, write } = await database.migrate(keys)
      const ledger = await openLedger(database)
      await write((db) => db.insertInto("app_key").values({ name: "ann" }).execute())
      await ledger.reserve({ rows: [row], account: { key: "ann" } })
      expect(await ledger.spend({ by: ["key"] })).toMatchObject([
        { group: { key: "ann" }, calls: 1 },
      ])
      await ledger.close()
      expect(await read((db) => db.selectFrom("app_key").selectAll().execute())).toEqual([
        { name: "ann", uses: 0 },
      ])
      await database.close()
    })

    it("commits or rolls back a transaction beside a working ledger", async () => {
      const database = await openDatabase(await place())
      const { write } = await database.migrate(keys)
      const ledger = await openLedger(database)
      const work = Array.from({ length: 20 }, (_, index) => [
        ledger.reserve({ rows: [row] }),
        write(async (db) => {
          await db
            .insertInto("app_key")
            .values({ name: `key-${index}` })
            .execute()
          if (index % 2 === 1) throw new TypeError("Roll back.")
        }),
      ])
      const answers = await Promise.allSettled(work.flat())
      expect(answers.filter(({ status }) => status === "rejected")).toHaveLength(10)
      expect(await ledger.spend()).toMatchObject([{ calls: 20 }])
      expect(await namesOf(database)).toHaveLength(10)
      await ledger.close()
      await database.close()
    })

    it("migrates concurrently and from any version", async () => {
      const url = await place()
      const first = { ...keys, migrations: keys.migrations.slice(0, 1) }
      const databases = await Promise.all([0, 1, 2, 3].map(() => openDatabase(url)))
      await Promise.all(databases.map((database) => database.migrate(first)))
      await Promise.all(databases.map((database) => database.migrate(keys)))
      expect(
        await ask(url, "select version from app_version").then((rows) =>
          rows.map(({ version }) => Number(version)),
        ),
      ).toEqual([2])
      expect(await Promise.all(databases.map(namesOf))).toEqual([[], [], [], []])
      await expect(databases[0]?.migrate(first)).rejects.toMatchObject({
        code: "invalid_request",
        message:
          "The tables of my-app have version 2, newer than 1, the newest that this version of my-app supports: update the package.",
      })
      await Promise.all(databases.map(({ close }) => close()))
    })

    it("reports missing tables, violated constraints and foreign databases", async () => {
      const database = await openDatabase(await place())
      await expect(database.migrate(keys, false)).rejects.toMatchObject({
        code: "invalid_request",
        message: expect.stringContaining("no tables of my-app"),
      })
      const { write } = await database.migrate(keys)
      const insert = () => write((db) => db.insertInto("app_key").values({ name: "ann" }).execute())
      await insert()
      await expect(insert()).rejects.toMatchObject({
        code: "invalid_request",
        message: expect.stringContaining("rejected"),
        cause: expect.objectContaining({ message: expect.stringMatching(/unique/i) }),
      })
      await expect(openLedger({ ...database })).rejects.toMatchObject({
        code: "invalid_request",
        message: expect.stringContaining("openDatabase"),
      })
      await database.close()
    })
  })

describe("a locked file", () => {
  it("is waited for up to waitMs, then reported", async () => {
    const url = String(await places.all[0]?.[1]())
    const [database, other] = [await openDatabase(url, { waitMs: 50 }), await openDatabase(url)]
    const [mine, theirs] = [await database.migrate(keys), await other.migrate(keys)]
    const insert = (name: string) => (db: Kysely<KeyTables>) =>
      db.insertInto("app_key").values({ name }).execute()
    await theirs.write(async (db) => {
      await insert("bob")(db)
      await expect(mine.write(insert("ann"))).rejects.toMatchObject({
        code: "unavailable",
        retryable: true,
      })
    })
    await mine.write(insert("ann"))
    expect(await namesOf(other)).toEqual(["ann", "bob"])
    await Promise.all([database.close(), other.close()])
  })
})

describe("a server that rejects the password", () => {
  it("is reported by migrate", async () => {
    const database = await openDatabase(places.server().url("public", "guessed"))
    await expect(database.migrate(keys)).rejects.toMatchObject({
      code: "forbidden",
      message: expect.stringContaining("password"),
    })
    await database.close()
  })
})

describe("a file opened with mode=ro", () => {
  it("reads an app's tables and rejects writes", async () => {
    const url = String(await places.all[0]?.[1]())
    const database = await openDatabase(url)
    await database.migrate(keys)
    const reader = await openDatabase(`${url}?mode=ro`)
    expect(reader.readOnly).toBe(true)
    const { read, write } = await reader.migrate(keys)
    expect(await read((db) => db.selectFrom("app_key").selectAll().execute())).toEqual([])
    const refused = { code: "forbidden", message: expect.stringContaining("mode=ro") }
    await expect(write((db) => db.deleteFrom("app_key").execute())).rejects.toMatchObject(refused)
    await Promise.all([reader.close(), database.close()])
  })
})
