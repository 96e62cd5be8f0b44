import { defined } from "@pictor/core/host"
import type { Kysely, Selectable } from "kysely"
import type { Caller } from "../types.ts"
import { rejectField } from "./request-schema.ts"
import { type KeySettings, keySettings, tagsOf } from "./settings.ts"
import type { KeyTable, Tables } from "./tables.ts"

/** A key without its secret. */
export interface Key {
  readonly id: string
  readonly name: string
  readonly alias: string | null
  readonly user: string | null
  readonly team: string | null
  readonly blocked: boolean
  readonly expiresMs: number | null
  readonly createdMs: number
  readonly updatedMs: number
  readonly settings: KeySettings
}

type Db = Kysely<Tables>
type Row = Selectable<KeyTable>

export const toKey = (row: Row): Key => ({
  id: row.id,
  name: row.name,
  alias: row.alias,
  user: row.account_user,
  team: row.account_team,
  blocked: row.blocked !== 0,
  expiresMs: row.expires_ms,
  createdMs: row.created_ms,
  updatedMs: row.updated_ms,
  settings: keySettings.parse(JSON.parse(row.settings)),
})

const toRow = (key: Key, hash: string): Row => ({
  id: key.id,
  hash,
  name: key.name,
  alias: key.alias,
  account_user: key.user,
  account_team: key.team,
  blocked: key.blocked ? 1 : 0,
  expires_ms: key.expiresMs,
  created_ms: key.createdMs,
  updated_ms: key.updatedMs,
  settings: JSON.stringify(key.settings),
})

export const toCaller = ({ id, alias, user, team, settings }: Key): Caller => ({
  kind: "key",
  keyId: id,
  account: { key: id, ...(user !== null && { user }), ...(team !== null && { team }) },
  tags: tagsOf(settings),
  models: settings.models,
  aliases: settings.aliases,
  ...defined({
    keyAlias: alias ?? undefined,
    requestsPerMinute: settings.requestsPerMinute,
    modelRequestsPerMinute: settings.modelRequestsPerMinute,
    imagesPerMinute: settings.imagesPerMinute,
    maxParallelRequests: settings.maxParallelRequests,
    maxBudgetMicroUsd: settings.maxMicroUsd,
    modelBudgets: settings.modelBudgets && Object.keys(settings.modelBudgets),
  }),
})

/**
 * How a client refers to a key: by its id, its alias, or its secret, which is looked up by hash.
 */
export interface KeyReference {
  readonly column: "id" | "hash" | "alias"
  readonly value: string
}

export const findKey = async (db: Db, { column, value }: KeyReference) => {
  const row = await db
    .selectFrom("gateway_key")
    .selectAll()
    .where(column, "=", value)
    .executeTakeFirst()
  return row && toKey(row)
}

/** The key of a secret. A former secret yields the key with the former secret's expiry. */
export const findKeyBySecret = async (db: Db, hash: string): Promise<Key | undefined> => {
  const current = await findKey(db, { column: "hash", value: hash })
  if (current) return current
  const former = await db
    .selectFrom("gateway_former_key")
    .selectAll()
    .where("hash", "=", hash)
    .executeTakeFirst()
  const key = former && (await findKey(db, { column: "id", value: former.key_id }))
  return key && { ...key, expiresMs: Math.min(former.ends_ms, key.expiresMs ?? former.ends_ms) }
}

export interface KeyFilter {
  readonly user: string | undefined
  readonly team: string | undefined
  readonly alias: string | undefined
  readonly id: string | undefined
}

export interface KeyOrder {
  readonly by:
    | "created_ms"
    | "updated_ms"
    | "expires_ms"
    | "alias"
    | "account_user"
    | "account_team"
  readonly direction: "asc" | "desc"
}

interface KeyPage {
  /** From 1. */
  readonly page: number
  readonly size: number
  readonly order: KeyOrder
}

export const listKeys = async (
  db: Db,
  { user, team, alias, id }: KeyFilter,
  { page, size, order }: KeyPage,
): Promise<{ readonly keys: readonly Key[]; readonly total: number }> => {
  const matching = db
    .selectFrom("gateway_key")
    .$if(user !== undefined, (query) => query.where("account_user", "=", user ?? ""))
    .$if(team !== undefined, (query) => query.where("account_team", "=", team ?? ""))
    .$if(alias !== undefined, (query) => query.where("alias", "=", alias ?? ""))
    .$if(id !== undefined, (query) => query.where("id", "=", id ?? ""))
  const { total } = await matching
    .select((eb) => eb.cast<number>(eb.fn.countAll(), "bigint").as("total"))
    .executeTakeFirstOrThrow()
  const rows = await matching
    .selectAll()
    .orderBy(order.by, order.direction)
    .orderBy("id", order.direction)
    .limit(size)
    .offset((page - 1) * size)
    .execute()
  return { keys: rows.map(toKey), total }
}

const rejectUsedSecret = (field: string): never =>
  rejectField(field, `${field} is already in use. Omit it to get a generated key.`)

const checkAlias = async (db: Db, { id, alias }: Key): Promise<void> => {
  const other = alias === null ? undefined : await findKey(db, { column: "alias", value: alias })
  if (other && other.id !== id)
    rejectField("key_alias", "key_alias is already in use. Choose another, or update that key.")
}

/** Writes a new key. Writing the same key again changes nothing. */
export const insertKey = async (db: Db, key: Key, hash: string): Promise<void> => {
  await checkAlias(db, key)
  const owner = await findKey(db, { column: "hash", value: hash })
  const former = await db
    .selectFrom("gateway_former_key")
    .select("key_id")
    .where("hash", "=", hash)
    .where("ends_ms", ">", key.createdMs)
    .executeTakeFirst()
  if (former || (owner && owner.id !== key.id)) rejectUsedSecret("key")
  await db
    .insertInto("gateway_key")
    .values(toRow(key, hash))
    .onConflict((conflict) => conflict.column("id").doNothing())
    .execute()
}

/** Changes a key under a row lock. Undefined if it does not exist. */
export const changeKey = async (
  db: Db,
  reference: KeyReference,
  change: (key: Key) => Key,
): Promise<Key | undefined> => {
  // An update without a change locks the row on both databases.
  const row = await db
    .updateTable("gateway_key")
    .set((eb) => ({ blocked: eb.ref("blocked") }))
    .where(reference.column, "=", reference.value)
    .returningAll()
    .executeTakeFirst()
  if (!row) return undefined
  const key = change(toKey(row))
  await checkAlias(db, key)
  const { hash: _hash, id: _id, ...columns } = toRow(key, row.hash)
  await db.updateTable("gateway_key").set(columns).where("id", "=", row.id).execute()
  return key
}

export const formerExpiries = async (db: Db, id: string, nowMs: number) => {
  const rows = await db
    .selectFrom("gateway_former_key")
    .select("ends_ms")
    .where("key_id", "=", id)
    .where("ends_ms", ">", nowMs)
    .orderBy("ends_ms")
    .execute()
  return rows.map((row) => row.ends_ms)
}

const deleteFormer = (db: Db, id: string) =>
  db.deleteFrom("gateway_former_key").where("key_id", "=", id).execute()

export interface Renewal {
  readonly id: string
  readonly hash: string
  /** How long the current secret stays valid. Undefined: it and all former secrets end at once. */
  readonly formerEndsMs: number | undefined
  readonly nowMs: number
}

/** Replaces the secret of a key whose row is locked. The same secret again changes nothing. */
export const renewSecret = async (
  db: Db,
  { id, hash, formerEndsMs, nowMs }: Renewal,
): Promise<void> => {
  const { hash: earlier } = await db
    .selectFrom("gateway_key")
    .select("hash")
    .where("id", "=", id)
    .executeTakeFirstOrThrow()
  if (earlier === hash) return
  await db.deleteFrom("gateway_former_key").where("ends_ms", "<=", nowMs).execute()
  if (await findKeyBySecret(db, hash)) rejectUsedSecret("new_key")
  if (formerEndsMs === undefined) await deleteFormer(db, id)
  else
    await db
      .insertInto("gateway_former_key")
      .values({ hash: earlier, key_id: id, ends_ms: formerEndsMs })
      .execute()
  await db.updateTable("gateway_key").set({ hash }).where("id", "=", id).execute()
}

/** Deletes a key with its former secrets and rate-limit counts. */
export const deleteKey = async (db: Db, id: string): Promise<void> => {
  await db.deleteFrom("gateway_key").where("id", "=", id).execute()
  await deleteFormer(db, id)
  await db.deleteFrom("gateway_window").where("name", "like", `key:${id}:%`).execute()
}
