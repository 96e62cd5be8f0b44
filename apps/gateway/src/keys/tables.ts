import type { OpenDatabase, OwnTables, Schema } from "@pictor/ledger"
import { sql } from "kysely"

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

const create =
  (statements: readonly string[]): Schema<Tables>["migrations"][number] =>
  async (db) => {
    for (const statement of statements) await sql.raw(statement).execute(db)
  }

const createTables = create([
  `create table gateway_key (
    id text primary key,
    hash text not null,
    name text not null,
    settings text not null,
    alias text,
    account_user text,
    account_team text,
    blocked bigint not null,
    created_ms bigint not null,
    updated_ms bigint not null,
    expires_ms bigint
  )`,
  "create unique index gateway_key_hash on gateway_key (hash)",
  "create unique index gateway_key_alias on gateway_key (alias)",
  `create table gateway_budget (
    id text primary key,
    place text not null,
    created_ms bigint not null,
    updated_ms bigint not null,
    settings text not null,
    constraint gateway_budget_place unique (place)
  )`,
  `create table gateway_lease (
    name text not null,
    id text not null,
    holder text not null,
    ends_ms bigint not null,
    constraint gateway_lease_key primary key (name, id)
  )`,
  "create index gateway_lease_holder on gateway_lease (holder)",
  "create table gateway_secret (id bigint primary key, sealed text not null)",
])

const createWindows = create([
  "create table gateway_window (name text primary key, uses text not null)",
])

const createFormerKeys = create([
  `create table gateway_former_key (
    hash text primary key,
    key_id text not null,
    ends_ms bigint not null
  )`,
])

const schema: Schema<Tables> = {
  versionTable: "gateway_version",
  owner: "@pictor/gateway",
  migrations: [createTables, createWindows, createFormerKeys],
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

export const openStore = (database: OpenDatabase): Promise<Store> => database.migrate(schema)
