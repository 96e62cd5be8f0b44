import { sql } from "kysely"
import type { Database, Dialect } from "./engine.ts"
import type { Schema } from "./migrate.ts"
import type { Tables } from "./tables.ts"

type Migration = (db: Database, dialect: Dialect) => Promise<void>

const sums = [
  "images",
  "micro_usd",
  "maybe_micro_usd",
  "unknown_images",
  "reserved_micro_usd",
  "reserved_images",
] as const

const createCalls: Migration = async (db, { idType }) => {
  const facts = db.schema
    .createTable("pictor_call")
    .addColumn("id", idType, (column) => column.primaryKey())
    .addColumn("time_ms", "bigint", (column) => column.notNull())
  const texts = ["day", "model", "task", "tags", "state"] as const
  const optionalTexts = [
    "account_key",
    "account_user",
    "account_team",
    "size",
    "quality",
    "price",
    "run_id",
    "request_id",
    "verdict",
  ] as const
  const numbers = [
    "ordered",
    "estimate_micro_usd",
    "estimate_maybe_micro_usd",
    "estimate_unknown_images",
    "entries",
    "sent",
    "lease_ends_ms",
    ...sums,
  ] as const
  const optionalNumbers = [
    "seed",
    "delivered",
    "settled_micro_usd",
    "settled_maybe_micro_usd",
    "settled_unknown_images",
  ] as const
  const withTexts = texts.reduce(
    (table, name) => table.addColumn(name, "text", (column) => column.notNull()),
    facts,
  )
  const withAllTexts = optionalTexts.reduce(
    (table, name) => table.addColumn(name, "text"),
    withTexts,
  )
  const withNumbers = numbers.reduce(
    (table, name) => table.addColumn(name, "bigint", (column) => column.notNull()),
    withAllTexts,
  )
  await optionalNumbers
    .reduce((table, name) => table.addColumn(name, "bigint"), withNumbers)
    .execute()
  await db.schema
    .createIndex("pictor_call_time")
    .on("pictor_call")
    .columns(["time_ms", "id"])
    .execute()
  await db.schema
    .createIndex("pictor_call_lease")
    .on("pictor_call")
    .columns(["lease_ends_ms"])
    .where(sql.ref("state"), "=", sql.lit("reserved"))
    .execute()
  await db.schema
    .createIndex("pictor_call_run")
    .on("pictor_call")
    .columns(["run_id"])
    .where(sql.ref("run_id"), "is not", null)
    .execute()
}

const createEntries: Migration = async (db, { idType }) => {
  await db.schema
    .createTable("pictor_entry")
    .addColumn("call_id", idType, (column) => column.notNull())
    .addColumn("entry", "bigint", (column) => column.notNull())
    .addColumn("time_ms", "bigint", (column) => column.notNull())
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("delivered", "bigint")
    .addColumn("micro_usd", "bigint")
    .addColumn("maybe_micro_usd", "bigint")
    .addColumn("unknown_images", "bigint")
    .addColumn("request_id", "text")
    .addColumn("verdict", "text")
    .addPrimaryKeyConstraint("pictor_entry_key", ["call_id", "entry"])
    .execute()
}

const createBudgets: Migration = async (db) => {
  await db.schema
    .createTable("pictor_budget")
    .addColumn("id", "bigint", (column) => column.primaryKey())
    .addColumn("scope", "text", (column) => column.notNull())
    .addColumn("window_name", "text", (column) => column.notNull())
    .addColumn("rolling_ms", "double precision")
    .addColumn("definition", "text", (column) => column.notNull())
    .addUniqueConstraint("pictor_budget_name", ["scope", "window_name"])
    .execute()
  const tallies = db.schema
    .createTable("pictor_tally")
    .addColumn("budget_id", "bigint", (column) => column.notNull())
    .addColumn("bucket", "bigint", (column) => column.notNull())
  await (["calls", ...sums] as const)
    .reduce((table, name) => table.addColumn(name, "bigint", (column) => column.notNull()), tallies)
    .addPrimaryKeyConstraint("pictor_tally_key", ["budget_id", "bucket"])
    .execute()
  // The ledger's own total, which no double may fail to hold exactly; no scope has an empty name.
  await db
    .insertInto("pictor_budget")
    .values({ id: 0, scope: "", window_name: "total", rolling_ms: null, definition: "{}" })
    .execute()
}

const createKeys: Migration = async (db, { idType }) => {
  await db.schema
    .createTable("pictor_key")
    .addColumn("key", idType, (column) => column.primaryKey())
    .addColumn("hash", "text", (column) => column.notNull())
    .addColumn("started_ms", "bigint", (column) => column.notNull())
    .addColumn("run_id", "text", (column) => column.notNull())
    .execute()
}

const appendOnly: Migration = async (db, dialect) => {
  for (const statement of dialect.appendOnly) await sql.raw(statement).execute(db)
}

/** The first brings an empty database to version 1, and so on; those that were published never change. */
const migrations: readonly Migration[] = [
  async (db, dialect) => {
    for (const create of [createCalls, createEntries, createBudgets, createKeys, appendOnly])
      await create(db, dialect)
  },
]

export const ledgerSchema = (dialect: Dialect): Schema<Tables> => ({
  versionTable: "pictor_ledger",
  owner: "@pictor/ledger",
  migrations: migrations.map((migration) => (db: Database) => migration(db, dialect)),
})
