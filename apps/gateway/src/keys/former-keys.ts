import type { Kysely } from "kysely"
import { findKey, type Key, taken } from "./rows.ts"
import type { Tables } from "./tables.ts"

type Db = Kysely<Tables>

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
