import { ImageError } from "@pictor/core"
import type { Database, Dialect, Engine } from "./engine.ts"
import { migrations } from "./migrations.ts"
import { transact } from "./transaction.ts"

/** 0 → there are no tables yet. */
const versionOf = async (db: Database, { findLedger }: Dialect): Promise<number> => {
  const { rows } = await findLedger.execute(db)
  if (rows.length === 0) return 0
  const row = await db.selectFrom("pictor_ledger").select("version").executeTakeFirst()
  return row?.version ?? 0
}

const checkNotNewer = (version: number): void => {
  if (version > migrations.length)
    throw new ImageError({
      code: "invalid_request",
      message: `This ledger's schema is version ${version}, newer than the ${migrations.length} of this @pictor/ledger: update the package.`,
    })
}

const missing = (version: number): ImageError =>
  new ImageError({
    code: "invalid_request",
    message: `This database ${version === 0 ? "has no ledger" : `has a ledger of schema version ${version}, older than ${migrations.length}`}: open it once with { migrate: true } and the right to create tables.`,
  })

const upgrade = async (connection: Database, { dialect }: Engine): Promise<void> => {
  // Another process may have done it while this one waited.
  const version = await versionOf(connection, dialect)
  checkNotNewer(version)
  if (version === 0)
    await connection.schema
      .createTable("pictor_ledger")
      .addColumn("version", "bigint", (column) => column.notNull())
      .execute()
  for (const migration of migrations.slice(version)) await migration(connection, dialect)
  await connection.deleteFrom("pictor_ledger").execute()
  await connection.insertInto("pictor_ledger").values({ version: migrations.length }).execute()
}

/** Brings the schema to this version; throws `invalid_request` where it is newer, or where it is older and may not be changed. */
export const migrate = async (engine: Engine, allowed: boolean): Promise<void> => {
  const version = await versionOf(engine.reader, engine.dialect)
  checkNotNewer(version)
  if (version === migrations.length) return
  if (!allowed || engine.readOnly) throw missing(version)
  await transact(engine, "schema", async (connection) => ({ out: await upgrade(connection, engine), writes: [] }))
}
