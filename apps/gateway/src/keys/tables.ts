import type { OpenDatabase, OwnTables, Schema } from "@pictor/ledger"

/** A key. Its secret is nowhere: `hash` is keyed with a secret that lies sealed in {@link SecretTable}. */
export interface KeyTable {
  /** `token`: what ledger and logs call it. */
  id: string
  hash: string
  /** `key_name`: its last four characters, to be recognised by. */
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

/** What a key was before it was regenerated, as long as it still counts. */
interface FormerKeyTable {
  hash: string
  key_id: string
  ends_ms: number
}

interface BudgetTable {
  id: string
  /** Scope and window: the ledger keeps one budget of each. */
  place: string
  created_ms: number
  updated_ms: number
  /** `BudgetSettings` as JSON. */
  settings: string
}

/** What was used of a limit in the last minute. */
interface WindowTable {
  name: string
  /** `Window.uses` as JSON. */
  uses: string
}

/** A share of a limit on parallel requests, which its holder renews as long as it lives. */
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

const createKeys: Migration = async (db) => {
  const texts = ["hash", "name", "settings"] as const
  const optionalTexts = ["alias", "account_user", "account_team"] as const
  const numbers = ["blocked", "created_ms", "updated_ms"] as const
  const table = db.schema
    .createTable("gateway_key")
    .addColumn("id", "text", (column) => column.primaryKey())
  const withTexts = texts.reduce(
    (each, name) => each.addColumn(name, "text", (column) => column.notNull()),
    table,
  )
  const withAllTexts = optionalTexts.reduce((each, name) => each.addColumn(name, "text"), withTexts)
  await numbers
    .reduce(
      (each, name) => each.addColumn(name, "bigint", (column) => column.notNull()),
      withAllTexts,
    )
    .addColumn("expires_ms", "bigint")
    .execute()
  for (const name of ["hash", "alias"])
    await db.schema
      .createIndex(`gateway_key_${name}`)
      .unique()
      .on("gateway_key")
      .column(name)
      .execute()
}

const createBudgets: Migration = (db) =>
  db.schema
    .createTable("gateway_budget")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("place", "text", (column) => column.notNull())
    .addColumn("created_ms", "bigint", (column) => column.notNull())
    .addColumn("updated_ms", "bigint", (column) => column.notNull())
    .addColumn("settings", "text", (column) => column.notNull())
    .addUniqueConstraint("gateway_budget_place", ["place"])
    .execute()

const createLimits: Migration = async (db) => {
  await db.schema
    .createTable("gateway_count")
    .addColumn("name", "text", (column) => column.primaryKey())
    .addColumn("minute", "bigint", (column) => column.notNull())
    .addColumn("used", "bigint", (column) => column.notNull())
    .execute()
  await db.schema
    .createTable("gateway_lease")
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("id", "text", (column) => column.notNull())
    .addColumn("holder", "text", (column) => column.notNull())
    .addColumn("ends_ms", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("gateway_lease_key", ["name", "id"])
    .execute()
  await db.schema
    .createIndex("gateway_lease_holder")
    .on("gateway_lease")
    .columns(["holder"])
    .execute()
}

const createSecret: Migration = (db) =>
  db.schema
    .createTable("gateway_secret")
    .addColumn("id", "bigint", (column) => column.primaryKey())
    .addColumn("sealed", "text", (column) => column.notNull())
    .execute()

/** In place of what was used in a minute of the clock, which a minute makes worthless. */
const createWindows: Migration = async (db) => {
  await db.schema.dropTable("gateway_count").execute()
  await db.schema
    .createTable("gateway_window")
    .addColumn("name", "text", (column) => column.primaryKey())
    .addColumn("uses", "text", (column) => column.notNull())
    .execute()
}

const createFormerKeys: Migration = async (db) => {
  await db.schema
    .createTable("gateway_former_key")
    .addColumn("hash", "text", (column) => column.primaryKey())
    .addColumn("key_id", "text", (column) => column.notNull())
    .addColumn("ends_ms", "bigint", (column) => column.notNull())
    .execute()
}

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

/** The gateway's own tables, beside those of the ledger. */
export const openStore = (database: OpenDatabase): Promise<Store> => database.migrate(schema)
