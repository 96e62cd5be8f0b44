import type { OpenDatabase, OwnTables, Schema } from "@pictor/ledger"

/** The key's secret is not stored. `hash` is an HMAC with the secret in {@link SecretTable}. */
export interface KeyTable {
  /** `token`: the name of the key in the ledger and in logs. */
  id: string
  hash: string
  /** `key_name`: the last four characters of the secret. */
  name: string
  alias: string | null
  account_user: string | null
  account_team: string | null
  blocked: number
  expires_ms: number | null
  created_ms: number
  updated_ms: number
  /** `KeySettings` as JSON. */
  settings: string
}

/** The earlier secret of a regenerated key, valid until `ends_ms`. */
interface FormerKeyTable {
  hash: string
  key_id: string
  ends_ms: number
}

export interface BudgetTable {
  id: string
  /** Scope and window: the ledger holds one budget for each pair. */
  place: string
  created_ms: number
  updated_ms: number
  /** Scope and limits as JSON. */
  settings: string
}

/** The use of one rate limit in the last minute. */
interface WindowTable {
  name: string
  /** `Window.uses` as JSON. */
  uses: string
}

/** A concurrency slot. Its holder renews it for as long as the process lives. */
export interface LeaseTable {
  id: string
  name: string
  holder: string
  ends_ms: number
}

interface SecretTable {
  id: number
  sealed: string
}

export interface Tables {
  gateway_key: KeyTable
  gateway_former_key: FormerKeyTable
  gateway_budget: BudgetTable
  gateway_window: WindowTable
  gateway_lease: LeaseTable
  gateway_secret: SecretTable
}

export type Store = OwnTables<Tables>

type Migration = Schema<Tables>["migrations"][number]

const createKeys: Migration = async ({ schema }) => {
  await schema
    .createTable("gateway_key")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("hash", "text", (column) => column.notNull())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("settings", "text", (column) => column.notNull())
    .addColumn("alias", "text")
    .addColumn("account_user", "text")
    .addColumn("account_team", "text")
    .addColumn("blocked", "bigint", (column) => column.notNull())
    .addColumn("created_ms", "bigint", (column) => column.notNull())
    .addColumn("updated_ms", "bigint", (column) => column.notNull())
    .addColumn("expires_ms", "bigint")
    .execute()
  for (const name of ["hash", "alias"])
    await schema
      .createIndex(`gateway_key_${name}`)
      .unique()
      .on("gateway_key")
      .column(name)
      .execute()
}

const createBudgets: Migration = ({ schema }) =>
  schema
    .createTable("gateway_budget")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("place", "text", (column) => column.notNull())
    .addColumn("created_ms", "bigint", (column) => column.notNull())
    .addColumn("updated_ms", "bigint", (column) => column.notNull())
    .addColumn("settings", "text", (column) => column.notNull())
    .addUniqueConstraint("gateway_budget_place", ["place"])
    .execute()

const createLimits: Migration = async ({ schema }) => {
  await schema
    .createTable("gateway_count")
    .addColumn("name", "text", (column) => column.primaryKey())
    .addColumn("minute", "bigint", (column) => column.notNull())
    .addColumn("used", "bigint", (column) => column.notNull())
    .execute()
  await schema
    .createTable("gateway_lease")
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("id", "text", (column) => column.notNull())
    .addColumn("holder", "text", (column) => column.notNull())
    .addColumn("ends_ms", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("gateway_lease_key", ["name", "id"])
    .execute()
  await schema.createIndex("gateway_lease_holder").on("gateway_lease").columns(["holder"]).execute()
}

const createSecret: Migration = ({ schema }) =>
  schema
    .createTable("gateway_secret")
    .addColumn("id", "bigint", (column) => column.primaryKey())
    .addColumn("sealed", "text", (column) => column.notNull())
    .execute()

/** Replaces the counts per clock minute, which need no migration: they expire within a minute. */
const createWindows: Migration = async ({ schema }) => {
  await schema.dropTable("gateway_count").execute()
  await schema
    .createTable("gateway_window")
    .addColumn("name", "text", (column) => column.primaryKey())
    .addColumn("uses", "text", (column) => column.notNull())
    .execute()
}

const createFormerKeys: Migration = ({ schema }) =>
  schema
    .createTable("gateway_former_key")
    .addColumn("hash", "text", (column) => column.primaryKey())
    .addColumn("key_id", "text", (column) => column.notNull())
    .addColumn("ends_ms", "bigint", (column) => column.notNull())
    .execute()

const schema: Schema<Tables> = {
  versionTable: "gateway_version",
  owner: "@pictor/gateway",
  migrations: [
    async (db, engine) => {
      for (const create of [createKeys, createBudgets, createLimits, createSecret])
        await create(db, engine)
    },
    createWindows,
    createFormerKeys,
  ],
}

const checkedText = "w".repeat(16_384)

/** Writes and deletes a row that needs pages of its own. Rejects where the disk is full. */
export const checkWrites = async (store: Store): Promise<void> => {
  const name = `readiness ${crypto.randomUUID()}`
  await store.write((db) =>
    db.insertInto("gateway_window").values({ name, uses: checkedText }).execute(),
  )
  await store.write((db) => db.deleteFrom("gateway_window").where("name", "=", name).execute())
}

/** The gateway's own tables, in the database of the ledger. */
export const openStore = (database: OpenDatabase): Promise<Store> => database.migrate(schema)
