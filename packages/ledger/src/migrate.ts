import { invalid } from "@pictor/core/ledger"
import { type Kysely, sql } from "kysely"
import type { Database, Engine, EngineName } from "./engine.ts"
import { transact } from "./transactions.ts"

export interface Schema<Tables> {
  /** The table that holds the version; its name must be unique in the database. */
  readonly versionTable: string
  /** The package to update if the tables are newer. */
  readonly owner: string
  /** Each one raises the version by one, from 0. A published migration never changes. */
  readonly migrations: readonly ((db: Kysely<Tables>, engine: EngineName) => Promise<unknown>)[]
}

/** 0 if there are no tables. */
const versionOf = async (
  db: Database,
  { dialect }: Engine,
  versionTable: string,
): Promise<number> => {
  const { rows: found } = await dialect.findTable(versionTable).execute(db)
  if (found.length === 0) return 0
  const { rows } = await sql<{
    readonly version: number
  }>`select version from ${sql.table(versionTable)}`.execute(db)
  return rows[0]?.version ?? 0
}

/**
 * Upgrades the tables. Throws `invalid_request` if they are newer than the schema, or if they are
 * older and may not be changed.
 */
export const migrate = async <Tables>(
  engine: Engine,
  schema: Schema<Tables>,
  allowed: boolean,
): Promise<void> => {
  const { versionTable, owner, migrations } = schema
  const version = await versionOf(engine.reader, engine, versionTable)
  checkNotNewer(version, schema)
  if (version === migrations.length) return
  if (!allowed || engine.readOnly)
    throw invalid(
      version === 0
        ? `The database has no tables of ${owner}: open it once with { migrate: true } and the right to create tables.`
        : `The tables of ${owner} have version ${version}, older than ${migrations.length}: open the database once with { migrate: true } and the right to create tables.`,
    )
  await transact(engine, "schema", async (connection) => ({
    out: await upgrade(connection, engine, schema),
    writes: [],
  }))
}

const checkNotNewer = <Tables>(
  version: number,
  { owner, migrations: { length } }: Schema<Tables>,
): void => {
  if (version > length)
    throw invalid(
      `The tables of ${owner} have version ${version}, newer than ${length}, the newest that this version of ${owner} supports: update the package.`,
    )
}

const upgrade = async <Tables>(
  connection: Database,
  engine: Engine,
  schema: Schema<Tables>,
): Promise<void> => {
  // Another process may have upgraded the tables while this one waited.
  const version = await versionOf(connection, engine, schema.versionTable)
  checkNotNewer(version, schema)
  const table = sql.table(schema.versionTable)
  if (version === 0) await sql`create table ${table} (version bigint not null)`.execute(connection)
  // Only the types differ.
  const own = connection as unknown as Kysely<Tables>
  for (const migration of schema.migrations.slice(version)) await migration(own, engine.name)
  await sql`delete from ${table}`.execute(connection)
  await sql`insert into ${table} (version) values (${schema.migrations.length})`.execute(connection)
}
