import { ImageError } from "@pictor/core"
import type { Kysely, Selectable } from "kysely"
import type { Caller } from "../types.ts"
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
  ...(alias !== null && { keyAlias: alias }),
  account: { key: id, ...(user !== null && { user }), ...(team !== null && { team }) },
  tags: tagsOf(settings),
  models: settings.models,
  aliases: settings.aliases,
  ...(settings.requestsPerMinute !== undefined && {
    requestsPerMinute: settings.requestsPerMinute,
  }),
  ...(settings.modelRequestsPerMinute !== undefined && {
    modelRequestsPerMinute: settings.modelRequestsPerMinute,
  }),
  ...(settings.imagesPerMinute !== undefined && { imagesPerMinute: settings.imagesPerMinute }),
  ...(settings.maxParallelRequests !== undefined && {
    maxParallelRequests: settings.maxParallelRequests,
  }),
  ...(settings.maxMicroUsd !== undefined && { maxBudgetMicroUsd: settings.maxMicroUsd }),
  ...(settings.modelBudgets !== undefined && { modelBudgets: Object.keys(settings.modelBudgets) }),
})

type Db = Kysely<Tables>

/** What a caller names a key by: its id, or the hash of the key itself. */
export interface Name {
  readonly column: "id" | "hash"
  readonly value: string
}

export const findKey = async (db: Db, { column, value }: Name): Promise<Key | undefined> => {
  const row = await db
    .selectFrom("gateway_key")
    .selectAll()
    .where(column, "=", value)
    .executeTakeFirst()
  return row && toKey(row)
}

export const taken = (field: string, remedy: string): ImageError =>
  new ImageError({
    code: "invalid_request",
    message: `${field} is another key's already: ${remedy}.`,
    issues: [{ code: "invalid_request", path: field, message: `is another key's already` }],
  })

const checkAlias = async (db: Db, { id, alias }: Key): Promise<void> => {
  if (alias === null) return
  const other = await db
    .selectFrom("gateway_key")
    .select("id")
    .where("alias", "=", alias)
    .where("id", "<>", id)
    .executeTakeFirst()
  if (other) throw taken("key_alias", "choose another, or update that key")
}

/** Writes a new key; the same again changes nothing. */
export const insertKey = async (db: Db, key: Key, hash: string): Promise<void> => {
  await checkAlias(db, key)
  const same = await db
    .selectFrom("gateway_key")
    .select("id")
    .where("hash", "=", hash)
    .where("id", "<>", key.id)
    .executeTakeFirst()
  const former = await db
    .selectFrom("gateway_former_key")
    .select("key_id")
    .where("hash", "=", hash)
    .where("ends_ms", ">", key.createdMs)
    .executeTakeFirst()
  if (same ?? former) throw taken("key", "leave it out to have one drawn")
  await db
    .insertInto("gateway_key")
    .values(toRow(key, hash))
    .onConflict((conflict) => conflict.column("id").doNothing())
    .execute()
}

/** Changes a key under a lock; undefined: there is none of this name. */
export const changeKey = async (
  db: Db,
  name: Name,
  change: (key: Key) => Key,
): Promise<Key | undefined> => {
  // An update of nothing locks the row on both databases.
  const row = await db
    .updateTable("gateway_key")
    .set((eb) => ({ blocked: eb.ref("blocked") }))
    .where(name.column, "=", name.value)
    .returningAll()
    .executeTakeFirst()
  if (!row) return undefined
  const key = change(toKey(row))
  await checkAlias(db, key)
  const { hash: _hash, id: _id, ...columns } = toRow(key, row.hash)
  await db.updateTable("gateway_key").set(columns).where("id", "=", row.id).execute()
  return key
}

/** Whose key this is: a key's own, or one that it had before while that still counts, which is when this key expires. */
export const findBearer = async (db: Db, hash: string): Promise<Key | undefined> => {
  const key = await findKey(db, { column: "hash", value: hash })
  if (key) return key
  const former = await db
    .selectFrom("gateway_former_key")
    .selectAll()
    .where("hash", "=", hash)
    .executeTakeFirst()
  const now = former && (await findKey(db, { column: "id", value: former.key_id }))
  return now && { ...now, expiresMs: Math.min(former.ends_ms, now.expiresMs ?? former.ends_ms) }
}

/** When the secrets that a key had before end, as far as they count now. */
export const formerEnds = async (db: Db, id: string, nowMs: number): Promise<readonly number[]> => {
  const rows = await db
    .selectFrom("gateway_former_key")
    .select("ends_ms")
    .where("key_id", "=", id)
    .where("ends_ms", ">", nowMs)
    .execute()
  return rows.map(({ ends_ms: endsMs }) => endsMs).toSorted((first, second) => first - second)
}

export const forgetFormer = async (db: Db, id: string): Promise<void> => {
  await db.deleteFrom("gateway_former_key").where("key_id", "=", id).execute()
}

export interface Renewal {
  readonly id: string
  readonly hash: string
  /** Until when the one before counts too; undefined: it ends at once, and so do all before it. */
  readonly formerEndsMs: number | undefined
  readonly nowMs: number
}

/** Gives a key whose row is locked another secret; the same again changes nothing. Throws `invalid_request` where it is another key's. */
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
  if (await findBearer(db, hash)) throw taken("new_key", "leave it out to have one drawn")
  if (formerEndsMs === undefined) await forgetFormer(db, id)
  else
    await db
      .insertInto("gateway_former_key")
      .values({ hash: earlier, key_id: id, ends_ms: formerEndsMs })
      .execute()
  await db.updateTable("gateway_key").set({ hash }).where("id", "=", id).execute()
}
